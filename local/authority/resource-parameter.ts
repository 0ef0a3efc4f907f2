import { Refusal } from "./refusal.ts";
import { type RequestedScopes, type Resource, resourcesOf } from "./scopes.ts";
import type { Tenant } from "./tenant.ts";

/** The causes of AADSTS9010010. Entra gives the same answer for all of them. */
export type ResourceCause = "uri-not-listed" | "tokens-not-v2" | "other-registration";

/** AADSTS9010010. The client gets Entra's text alone; the log says what is wrong. */
export class ResourceRefusal extends Refusal {
  readonly cause: ResourceCause;
  readonly #explanation: string;

  constructor(cause: ResourceCause, explanation: string) {
    super("AADSTS9010010");
    this.cause = cause;
    this.#explanation = explanation;
  }

  override get logFields(): Readonly<Record<string, string>> {
    return { code: this.code, cause: this.cause, reason: this.#explanation };
  }
}

/**
 * What is wrong with the `resource` parameters (RFC 8707) of a request, at either endpoint: each has
 * to be an identifier URI, to the letter, of the registration that the scope belongs to, and an http
 * URL is one only where that registration has version 2 tokens.
 *
 * Source: https://learn.microsoft.com/entra/agent-id/secure-mcp-server-with-entra-id
 */
export function resourceRefusal(
  tenant: Tenant,
  resources: readonly string[],
  scopes: RequestedScopes,
): ResourceRefusal | undefined {
  for (const resource of resources) {
    const refusal = refusalOf(tenant, resource, scopes);
    if (refusal) return refusal;
  }
  return undefined;
}

function refusalOf(
  tenant: Tenant,
  resource: string,
  { target, text }: RequestedScopes,
): ResourceRefusal | undefined {
  const registrations = resourcesOf(tenant);
  const owner = registrations.find(({ identifierUris }) => identifierUris.includes(resource));
  if (!owner) return new ResourceRefusal("uri-not-listed", notListed(resource, registrations));
  // Entra's token for OpenID's scopes alone is one for Graph.
  const other = target?.resource ?? tenant.downstream[0];
  if (owner.clientId !== other.clientId) {
    const scope = target ? `${target.identifierUri}/${target.names[0]}` : text;
    return new ResourceRefusal(
      "other-registration",
      `The resource ${resource} belongs to the registration of ${owner.displayName}, the scope ${scope} to that of ${other.displayName}. Both have to belong to one.`,
    );
  }
  const isApi = owner.kind === "api";
  if (isApi && tenant.api.requestedAccessTokenVersion === 1 && /^https?:/.test(resource)) {
    return new ResourceRefusal(
      "tokens-not-v2",
      `The registration of ${owner.displayName} has requestedAccessTokenVersion 1, with which the resource ${resource} is refused. Set it to 2.`,
    );
  }
  return undefined;
}

function notListed(resource: string, registrations: readonly Resource[]): string {
  const listed = registrations.flatMap(({ identifierUris }) => identifierUris);
  const [nearest] = listed
    .flatMap((uri) => {
      const differences = differencesOf(resource, uri);
      return differences ? [{ uri, differences }] : [];
    })
    .sort((one, other) => one.differences.length - other.differences.length);
  const found = `The resource ${resource} is no identifier URI`;
  if (!nearest)
    return `${found} and like none of them: ${registrations[0]?.identifierUris.join(", ")}`;
  return `${found}. The nearest is ${nearest.uri}; what differs: ${nearest.differences.join(", ")}`;
}

/** In what two URIs of one host differ; undefined for those of different hosts. */
function differencesOf(sent: string, registered: string): readonly string[] | undefined {
  const [one, other] = [partsOf(sent), partsOf(registered)];
  if (!one || !other || one.host.toLowerCase() !== other.host.toLowerCase()) return undefined;
  const isSlash = one.rest === `${other.rest}/` || other.rest === `${one.rest}/`;
  return [
    ...(one.scheme === other.scheme ? [] : ["the scheme"]),
    ...(one.host === other.host ? [] : ["the case of the host"]),
    ...(one.port === other.port ? [] : ["the port"]),
    ...(isSlash ? ["the slash at the end"] : one.rest === other.rest ? [] : ["the path"]),
  ];
}

/** As written: a URL parser would make alike what Entra tells apart. */
function partsOf(uri: string) {
  const found = /^([^:/?#]+):\/\/(\[[^\]]*\]|[^:/?#]*)(:\d*)?(.*)$/.exec(uri);
  const [, scheme = "", host = "", port = "", rest = ""] = found ?? [];
  return found ? { scheme, host, port, rest } : undefined;
}
