import { Refusal } from "./refusal.ts";
import type { RequestedScopes } from "./scopes.ts";

/**
 * What becomes of the `resource` parameter (RFC 8707) where the scope's prefix is an `api://` URI:
 * `entra` refuses everything but that prefix, as Entra does since March 2026; `accept-server-url`
 * also takes the MCP server's URL, which clients send that follow the MCP specification.
 */
export type ResourceCheck = "entra" | "accept-server-url";

/** What is wrong with the `resource` parameters of a request, at either endpoint. */
export function resourceRefusal(
  check: ResourceCheck,
  resources: readonly string[],
  scopes: RequestedScopes,
): Refusal | undefined {
  const { identifierUri, clientId } = scopes.target?.resource ?? {};
  const matches = (resource: string) =>
    resource === identifierUri ||
    resource === `${identifierUri}/` ||
    resource === clientId ||
    (check === "accept-server-url" && isServerUrl(resource));
  return resources.every(matches) ? undefined : new Refusal("AADSTS9010010");
}

/** RFC 8707, section 2: an absolute URI without a fragment. */
function isServerUrl(resource: string): boolean {
  const url = URL.parse(resource);
  return url !== null && /^https?:$/.test(url.protocol) && !resource.includes("#");
}
