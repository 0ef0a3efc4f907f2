import { expect, it } from "vitest";
import { thrown } from "../../src/core/log.ts";
import { verifies } from "../requirements.ts";

it(
  verifies(
    "secrets.contained",
    "what is logged of an exception is its name, code and place, never its text",
  ),
  () => {
    const error = Object.assign(new Error("first\n    at Bearer secret (x:1:1)"), {
      code: "ECONNRESET",
    });
    expect(thrown(error)).toMatch(/^Error ECONNRESET at .*excerpt\.test\.ts:\d+:\d+\)?$/);
    expect(thrown(Object.assign(new Error("x"), { code: "a secret with blanks" }))).not.toContain(
      "secret",
    );
    expect(thrown("a secret")).toBe("string");
  },
);
