import { expect, it } from "vitest";
import { thrown } from "../../src/core/log.ts";
import { verifies } from "../requirements.ts";

it(verifies("secrets.contained", "an exception is logged by name, code and place alone"), () => {
  const error = Object.assign(new Error("first\n    at Bearer secret (x:1:1)"), {
    code: "ECONNRESET",
  });
  expect(thrown(error)).toMatch(/^Error ECONNRESET at .*excerpt\.test\.ts:\d+:\d+\)?$/);
  expect(thrown(Object.assign(new Error("x"), { code: "a secret with blanks" }))).not.toContain(
    "secret",
  );
  expect(thrown("a secret")).toBe("string");
});
