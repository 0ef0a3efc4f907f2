import { callbackProblem } from "../../client-registrations/callbacks.ts";
import {
  readClientList,
  readRegisteredClients,
  uniqueNameOf,
} from "../../client-registrations/client-list.ts";
import { registrableClients } from "../../client-registrations/known-clients.ts";
import {
  type AccessFailure,
  graphOf,
  type HookOptions,
  obstacle,
} from "../identifier-uris/graph-access.ts";
import type { ReadFailure } from "../identifier-uris/registration.ts";
import { redirectUrisIn } from "./refresh.ts";
import { strangerIn, whatIsStrange } from "./stranger.ts";

/**
 * Before a deployment, whether it may go on: the template takes over whatever bears a client's name, and
 * gives it any callback. So what somebody else may have registered under the name of a client that is new
 * stops it, and so does a callback of another place that the client's registration does not have yet.
 */
export async function checkClients(options: HookOptions): Promise<boolean> {
  const { env, print } = options;
  if (env.ENTRA_CLIENT_ID) return true;
  const ids = readRegisteredClients(env.REGISTERED_CLIENTS);
  const given = readClientList(env.REGISTERED_CALLBACKS);
  const { ENTRA_APPLICATION_CLIENT_ID: apiClientId, ENTRA_APPLICATION_UNIQUE_NAME: uniqueName } =
    env;
  let mayGoOn = true;
  const stop = (line: string) => {
    print(line);
    mayGoOn = false;
  };

  for (const [name, callbacks] of readClientList(env.REGISTER_CLIENTS)) {
    const client = Object.hasOwn(registrableClients, name) ? registrableClients[name] : undefined;
    // The template refuses what is no client.
    if (client === undefined) continue;
    const strange = callbacks.filter(
      (each) => !given.get(name)?.includes(each) && callbackProblem(client, each) !== undefined,
    );
    const knownId = ids.get(name);
    let now: readonly string[] = [];
    // Nobody can foresee the names that the first deployment gives.
    if (apiClientId && uniqueName && (knownId === undefined || strange.length > 0)) {
      const failed = (reason: ReadFailure | AccessFailure) =>
        stop(
          `Whether somebody else has registered ${client.title} could not be looked at: ${obstacle(reason)}. Try again, or register it first: npm run register-client -- ${name}`,
        );
      const graph = await graphOf(options);
      if (!graph.ok) {
        failed(graph.reason);
        continue;
      }
      const key = knownId
        ? `appId='${knownId}'`
        : `uniqueName='${uniqueNameOf(name, { uniqueName, clientId: apiClientId })}'`;
      const found = await graph.value.get(`/applications(${key})?$select=appId,publicClient,web`);
      if (!found.ok) {
        failed(found.reason);
        continue;
      }
      now = redirectUrisIn(found.value, client.platform);
      if (found.value !== undefined && knownId === undefined) {
        const clientId = String((found.value as { appId?: unknown } | null)?.appId);
        const stranger = await strangerIn(graph.value, {
          clientId,
          client,
          apiClientId,
          callbacks,
        });
        if (!stranger.ok) failed(stranger.reason);
        else if (stranger.value) {
          stop(
            `There is a registration for ${client.title} already (client id ${clientId}), and ${whatIsStrange(stranger.value, clientId)}`,
          );
        }
      }
    }
    for (const callback of strange.filter((each) => !now.includes(each))) {
      const text = JSON.stringify(callback).replace(/[^ -~]/g, "?");
      stop(`REGISTER_CLIENTS: ${text} cannot be for ${name}. ${callbackProblem(client, callback)}`);
    }
  }
  if (!mayGoOn) print("Nothing was deployed.");
  return mayGoOn;
}
