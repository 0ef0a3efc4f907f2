import { expect, it } from "vitest";
import { z } from "zod";
import { emulatorServerPort, sampleValues } from "../../local/emulator-settings.ts";
import { mcpUrlsOf } from "../../local/settings.ts";
import { readSettings } from "../../src/config.ts";
import { verifies } from "../requirements.ts";

it(
  verifies("stack.identifier-uris", "are the resource of every host that the server answers for"),
  () => {
    const environment = { ...sampleValues(), AZURE_FUNCTIONS_ENVIRONMENT: "Development" };
    const { config } = readSettings(environment, z.object({}));
    const resources = config.hosts.map(({ resource }) => resource);
    expect(mcpUrlsOf(`http://localhost:${emulatorServerPort}/mcp`)).toEqual(resources);
    expect(resources).toHaveLength(3);
  },
);
