import { expect, it } from "vitest";
import { z } from "zod";
import { sampleValues } from "../../../local/emulator-settings.ts";
import { ConfigurationError, readSettings } from "../../../src/config.ts";
import { verifies } from "../../requirements.ts";

it(verifies("approval.strict", "APPROVALS is any unless it is strict, and nothing else"), () => {
  const environment = { ...sampleValues(), AZURE_FUNCTIONS_ENVIRONMENT: "Development" };
  const readConfig = (given: Record<string, string>) => readSettings(given, z.object({})).config;
  expect(readConfig(environment).approvals).toBe("any");
  expect(readConfig({ ...environment, APPROVALS: "strict" }).approvals).toBe("strict");
  expect(() => readConfig({ ...environment, APPROVALS: "Strict" })).toThrow(
    new ConfigurationError(["APPROVALS must be any or strict"]),
  );
});
