import { isPlainCallback } from "../../client-registrations/callbacks.ts";
import {
  readClientList,
  readRegisteredClients,
  writeClientList,
} from "../../client-registrations/client-list.ts";
import { registrableClients } from "../../client-registrations/known-clients.ts";
import { graphOf, type HookOptions, obstacle } from "../identifier-uris/graph-access.ts";

/**
 * Before a deployment: takes over the callbacks that the registrations for clients have by now, since the
 * template gives each the ones of `infra/clients.json` and of REGISTER_CLIENTS, and would remove what a
 * person has added in the portal. What the last deployment gave and the registration has no more was removed
 * there, and stays out; what the person has set since is still to be given.
 */
export async function refreshRegisteredClients(options: HookOptions): Promise<void> {
  const { env, azd, print } = options;
  const before = readClientList(env.REGISTER_CLIENTS);
  const given = readClientList(env.REGISTERED_CALLBACKS);
  const ids = [...readRegisteredClients(env.REGISTERED_CLIENTS)].filter(([name]) =>
    before.has(name),
  );
  if (ids.length === 0 || env.ENTRA_CLIENT_ID) return;
  const graph = await graphOf(options);
  if (!graph.ok) return print(unread("the clients'", obstacle(graph.reason)));
  const list = new Map(before);
  for (const [name, clientId] of ids) {
    const client = Object.hasOwn(registrableClients, name) ? registrableClients[name] : undefined;
    // The template refuses what is no client.
    if (client === undefined) continue;
    const answer = await graph.value.get(
      `/applications(appId='${clientId}')?$select=publicClient,web`,
    );
    if (!answer.ok) {
      print(unread(`${client.title}'s`, obstacle(answer.reason)));
      continue;
    }
    // One that is gone is made again, with what is known.
    if (answer.value === undefined) continue;
    const wanted = before.get(name)?.filter((each) => !given.get(name)?.includes(each)) ?? [];
    const now = redirectUrisIn(answer.value, client.platform);
    const further = new Set([...now, ...wanted].filter((each) => !client.callbacks.includes(each)));
    for (const callback of further) {
      if (isPlainCallback(callback)) continue;
      further.delete(callback);
      print(
        `${client.title}'s callback ${JSON.stringify(callback).replace(/[^ -~]/g, "?")} has characters that no list here can hold: it is removed.`,
      );
    }
    list.set(name, [...further]);
  }
  const text = writeClientList(list);
  if (text === writeClientList(before)) return;
  const kept = await azd.keep("REGISTER_CLIENTS", text);
  if (!kept.ok) print(unread("the clients'", kept.reason.detail));
}

function unread(whose: string, detail: string): string {
  return `The callbacks of ${whose} registration were not taken over: ${detail}. This deployment gives it those of infra/clients.json and REGISTER_CLIENTS.`;
}

/** What an application has under a platform. */
export function redirectUrisIn(value: unknown, platform: "publicClient" | "web"): string[] {
  const application = value as Readonly<Record<string, { redirectUris?: unknown } | null>> | null;
  const uris = application?.[platform]?.redirectUris;
  return Array.isArray(uris) ? uris.filter((uri) => typeof uri === "string") : [];
}
