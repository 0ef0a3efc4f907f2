import { tenantId } from "./directory.ts";
import { serverSettings } from "./settings.ts";
import type { Ports } from "./stack-record.ts";

/** The fixed ports of `npm run emulators`, which `local.settings.sample.json` names. */
export const emulatorPorts: Ports = {
  authority: 7072,
  authorityHttps: 7073,
  managedIdentity: 7074,
  graph: 7075,
  cosmos: 8081,
  storage: 10000,
};

/** Guards nothing but the laptop's own endpoint, so that it can stand in the sample. */
export const emulatorIdentityHeader = "local";

/** Where `func start` serves. */
export const emulatorServerPort = 7071;

/** The `Values` of `local.settings.sample.json`: a test holds that the file has exactly these. */
export function sampleValues(): Record<string, string> {
  const { AZURE_FUNCTIONS_ENVIRONMENT: _setByCoreTools, ...settings } = serverSettings(
    {
      issuer: `http://localhost:${emulatorPorts.authority}/${tenantId}/v2.0`,
      authorityHost: `https://localhost:${emulatorPorts.authorityHttps}`,
      managedIdentity: {
        endpoint: `http://127.0.0.1:${emulatorPorts.managedIdentity}/msi/token`,
        header: emulatorIdentityHeader,
      },
      graph: `http://localhost:${emulatorPorts.graph}`,
      cosmos: `https://localhost:${emulatorPorts.cosmos}`,
      storage: `https://localhost:${emulatorPorts.storage}/devstoreaccount1`,
    },
    `http://localhost:${emulatorServerPort}/mcp`,
    ".local/ca.pem",
  );
  // What is empty there hides what a shell may hold, which a file cannot.
  const given = Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== ""));
  return {
    FUNCTIONS_WORKER_RUNTIME: "node",
    AzureWebJobsStorage: "",
    // The clock of a timer needs the host's own storage, which there is none of here.
    "AzureWebJobs.upkeep.Disabled": "true",
    ...given,
  };
}
