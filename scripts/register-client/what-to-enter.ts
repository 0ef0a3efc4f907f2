import domain from "../../infra/domain.json" with { type: "json" };
import { clients, readUrl } from "../connect/clients.ts";
import { authorityOf } from "../connect/deployed-server.ts";
import { type Api, scopeName } from "./api.ts";
import type { ClientRegistration } from "./registration.ts";

/** What is known of the server by where it was found. */
export interface Known {
  readonly name: string;
  readonly registration: ClientRegistration;
  readonly api: Api;
  /** Values of the azd environment, where it is the server's own. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Of the tenant that the registration is in, where somebody has said it. */
  readonly tenant: string | undefined;
}

/** What a person enters in the client, line by line. */
export function whatToEnter({ name, registration, api, environment, tenant }: Known): string[] {
  const [commandName, client] =
    Object.entries(clients).find(([, { registration: known }]) => known === name) ?? [];
  const { clientId, callbacks } = registration;
  const url = urlOf(api, environment);
  const scope = environment.MCP_SCOPE || `${scopePrefix(api)}/${scopeName}`;
  if (client === undefined) return [];
  const server = {
    ...{ name: domain.name, url: url ?? "the server's MCP URL", clientId, scope, callbacks },
    ...(tenant && { authority: authorityOf(tenant) }),
  };
  const command = `npm run connect -- ${commandName} --url ${url ?? "URL"} --client-id ${clientId}`;
  if (client.file === undefined) {
    return [`${client.title}: ${client.byHand(server)}`, `Then: ${client.next}`];
  }
  const configuration = { [client.file.member]: { [domain.name]: client.file.entry(server) } };
  const json = ["", JSON.stringify(configuration, null, 2), ""];
  if (client.needsBridge) {
    const other = command.replace(String(commandName), "CLIENT --bridge");
    return [
      `${client.title}, and others that start programs, where the bridge is installed (docs/bridge.md):`,
      ...json,
      `On this machine, without installing it: ${command} --write`,
      `Another client than ${client.title}: ${other}`,
    ];
  }
  return [
    `${client.title}, in its file (this writes it: ${command} --write):`,
    ...json,
    `Then: ${client.next}`,
    `Scopes, so that people stay signed in: ${scope} offline_access`,
  ];
}

function scopePrefix({ identifierUris, clientId }: Api): string {
  const own = identifierUris.find((uri) => uri.startsWith("api://"));
  return own ?? identifierUris[0] ?? `api://${clientId}`;
}

/** The MCP URL, of the environment or of the registration's identifier URIs. */
function urlOf(
  { identifierUris }: Api,
  { MCP_URL }: Readonly<Record<string, string | undefined>>,
): string | undefined {
  const candidates = [MCP_URL, ...identifierUris.filter((uri) => /^https:.*\/mcp$/.test(uri))];
  return candidates.flatMap((candidate) => {
    try {
      return candidate ? [readUrl(candidate)] : [];
    } catch {
      return [];
    }
  })[0];
}
