import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { verifies } from "../requirements.ts";

it(verifies("audit.not-sampled", "exempts log lines, and so audit events"), async () => {
  const file = join(import.meta.dirname, "..", "..", "host.json");
  const { logging } = JSON.parse(await readFile(file, "utf8"));

  const exempt = logging.applicationInsights.samplingSettings.excludedTypes.split(";");
  expect(exempt).toEqual(expect.arrayContaining(["Request", "Exception", "Trace"]));
});
