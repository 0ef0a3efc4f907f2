/**
 * `REGISTER_CLIENTS` of the azd environment: the clients that the deployment registers, each with the
 * callbacks that it has beside those of `infra/clients.json`. As text, `cursor,chatgpt=URL,chatgpt=URL`.
 */
export type ClientList = ReadonlyMap<string, readonly string[]>;

export function readClientList(text: string | undefined): ClientList {
  const list = new Map<string, readonly string[]>();
  for (const [name, callback] of entriesOf(text)) {
    const callbacks = list.get(name) ?? [];
    const isNew = callback !== "" && !callbacks.includes(callback);
    list.set(name, isNew ? [...callbacks, callback] : callbacks);
  }
  return list;
}

export function writeClientList(list: ClientList): string {
  const entries = [...list].flatMap(([name, callbacks]) =>
    callbacks.length === 0 ? [name] : callbacks.map((callback) => `${name}=${callback}`),
  );
  return entries.join(",");
}

/** `REGISTERED_CLIENTS`, an output of the deployment: client ids by name. As text, `cursor=ID,claude=ID`. */
export type RegisteredClients = ReadonlyMap<string, string>;

export function readRegisteredClients(text: string | undefined): RegisteredClients {
  return new Map(entriesOf(text).filter(([, clientId]) => clientId !== ""));
}

export function writeRegisteredClients(clients: RegisteredClients): string {
  return [...clients].map(([name, clientId]) => `${name}=${clientId}`).join(",");
}

/** Names with what stands behind the first `=`, which may hold more of them. */
function entriesOf(text = ""): (readonly [string, string])[] {
  return text.split(",").flatMap((entry) => {
    const [name = "", ...rest] = entry.trim().split("=");
    return name.trim() === "" ? [] : [[name.trim(), rest.join("=").trim()] as const];
  });
}

/** The key of a client's registration in the tenant, which the templates give it too. */
export function uniqueNameOf(name: string, api: { uniqueName: string | null; clientId: string }) {
  return `${api.uniqueName ?? `mcp-${api.clientId}`}-${name}`;
}
