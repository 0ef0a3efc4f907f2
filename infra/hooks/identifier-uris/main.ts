/**
 * What the hooks around `azd provision` do with the registration's identifier URIs, before it with the
 * registrations for clients, and after it with the gateway's. It needs no packages: azd may be installing them at this very moment.
 */
import { createAzd } from "../azd.ts";
import { lookAtGatewayRegistration } from "../gateway-registration.ts";
import { checkClients } from "../registered-clients/check.ts";
import { refreshRegisteredClients } from "../registered-clients/refresh.ts";
import { addIdentifierUris } from "./add.ts";
import { refreshIdentifierUris } from "./refresh.ts";

const { env } = process;
const options = { env, azd: createAzd(env), print: (line: string) => console.log(line) };
const [step] = process.argv.slice(2);
if (step === "check-clients") {
  if (!(await checkClients(options))) process.exitCode = 1;
} else if (step === "refresh") {
  await refreshIdentifierUris(options);
  await refreshRegisteredClients(options);
} else if (step === "add") {
  await addIdentifierUris(options);
  await lookAtGatewayRegistration(options);
} else throw new Error("The step must be check-clients, refresh or add.");
