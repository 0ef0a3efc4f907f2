import { sampleValues } from "../../local/emulator-settings.ts";
import { platformMarks } from "../../src/config.ts";

/** What Core Tools give the server that has the sample's settings, on this machine. */
export function sampleEnvironment(certificateAuthorities = ""): NodeJS.ProcessEnv {
  return {
    ...process.env,
    ...Object.fromEntries(platformMarks.map((mark) => [mark, undefined])),
    ...sampleValues(),
    AZURE_FUNCTIONS_ENVIRONMENT: "Development",
    NODE_EXTRA_CA_CERTS: certificateAuthorities,
  };
}
