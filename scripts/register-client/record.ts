import { isPlainCallback } from "../../infra/client-registrations/callbacks.ts";
import {
  readClientList,
  readRegisteredClients,
  writeClientList,
  writeRegisteredClients,
} from "../../infra/client-registrations/client-list.ts";
import { CommandError } from "../../local/command-line.ts";
import type { Environment } from "./environment.ts";
import type { ClientRegistration, Request } from "./registration.ts";

/**
 * Notes the client for the next provisioning, which would take from the registrations what it does not
 * know of.
 *
 * @throws {CommandError} saying what to run instead
 */
export async function record(
  { azd, values }: Environment,
  request: Request,
  registration: ClientRegistration,
  print: (text: string) => void,
): Promise<void> {
  const { name } = request;
  const { clientId } = registration;
  const list = new Map([
    ...readClientList(values.REGISTER_CLIENTS),
    [name, furtherCallbacks(request, registration)] as const,
  ]);
  const ids = new Map([...readRegisteredClients(values.REGISTERED_CLIENTS), [name, clientId]]);
  const wanted = {
    // An existing registration is none of the deployment's, so it makes no clients for it either.
    ...(!values.ENTRA_CLIENT_ID && { REGISTER_CLIENTS: writeClientList(list) }),
    REGISTERED_CLIENTS: writeRegisteredClients(ids),
  };
  for (const [variable, value] of Object.entries(wanted)) {
    if (values[variable] === value) continue;
    const kept = await azd.keep(variable, value);
    if (!kept.ok) {
      throw new CommandError(
        `It can be used now, but could not be noted for the next provisioning, which would undo part of it: ${kept.reason.detail}\nRun: azd env set ${variable} "${value}"\nThen run the same command again, which prints what to enter.`,
      );
    }
  }
  const { ALLOWED_CLIENT_IDS: allowed } = values;
  if (!allowed || allowed.toLowerCase().includes(clientId.toLowerCase())) return;
  print(`  not allowed yet: ALLOWED_CLIENT_IDS leaves it out, so the server refuses it. To let it in:
    azd env set ALLOWED_CLIENT_IDS "${allowed},${clientId}"
    azd provision`);
}

function furtherCallbacks({ client }: Request, { callbacks }: ClientRegistration) {
  const isFurther = (callback: string) => !client.callbacks.includes(callback);
  return callbacks.filter((callback) => isFurther(callback) && isPlainCallback(callback));
}

/** Where the deployment is somebody else's, or on another machine. */
export function tellToRecord(
  request: Request,
  registration: ClientRegistration,
  print: (text: string) => void,
): void {
  const list = new Map([[request.name, furtherCallbacks(request, registration)]]);
  print(`  The next "azd provision" of that server takes the pre-authorisation back, unless its azd
  environment has this among its REGISTER_CLIENTS, separated by commas: ${writeClientList(list)}`);
}
