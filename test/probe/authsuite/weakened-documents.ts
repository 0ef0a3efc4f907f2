import type { Defect } from "./defects.ts";

/** Where the weakened server and the authority beside it are, and what they call things. */
export interface Addresses {
  /** `http://127.0.0.1:PORT` */
  readonly origin: string;
  /** The MCP URL. */
  readonly resource: string;
  readonly issuer: string;
  readonly identifierUri: string;
  readonly scope: string;
}

export const wellKnownPath = "/.well-known/oauth-protected-resource";

/** The protected resource metadata document. */
export function metadataDocument(
  { origin, resource, issuer, identifierUri, scope }: Addresses,
  base: string,
  has: (defect: Defect) => boolean,
): Readonly<Record<string, unknown>> {
  const end = has("resource-with-slash") ? "/" : has("resource-with-fragment") ? "#mcp" : "";
  const servers = has("common-issuer")
    ? [`${origin}/common/v2.0`]
    : has("issuer-with-query")
      ? [`${issuer}?p=signin`]
      : [issuer];
  const scopes = has("bare-scopes-supported") ? [scope] : [`${identifierUri}/${scope}`];
  return {
    resource: `${resource.replace(origin, base)}${end}`,
    ...(has("no-authorization-servers") ? {} : { authorization_servers: servers }),
    ...(has("no-scopes-supported")
      ? {}
      : {
          scopes_supported: has("offers-offline-access") ? [...scopes, "offline_access"] : scopes,
        }),
    bearer_methods_supported: has("offers-query-method") ? ["header", "query"] : ["header"],
  };
}

/** A `WWW-Authenticate` header; nothing where none is sent. */
export function challengeHeader(
  { identifierUri, scope }: Addresses,
  base: string,
  error: "invalid_token" | "insufficient_scope" | undefined,
  has: (defect: Defect) => boolean,
): string | undefined {
  if (has("no-challenge")) return undefined;
  const shown = error ?? (has("error-without-credentials") ? "invalid_token" : undefined);
  const isErrorHidden =
    (error === "invalid_token" && has("bad-token-without-error")) ||
    (error === "insufficient_scope" && has("scope-refused-without-error"));
  const isPlaceHidden =
    has("no-resource-metadata") ||
    (error === "invalid_token" && has("bad-token-without-metadata")) ||
    (error === "insufficient_scope" && has("scope-refused-without-metadata"));
  const names = has("bare-scope-in-challenge") ? scope : `${identifierUri}/${scope}`;
  const offline = has("offers-offline-access") ? " offline_access" : "";
  const place = has("no-metadata-at-path") ? wellKnownPath : `${wellKnownPath}/mcp`;
  const parameters = [
    ...(shown && !isErrorHidden ? [`error="${shown}"`] : []),
    ...(isPlaceHidden ? [] : [`resource_metadata="${base}${place}"`]),
    ...(has("no-scope-in-challenge") ? [] : [`scope="${names}${offline}"`]),
    ...(has("repeated-parameter") ? [`scope="${names}"`] : []),
  ];
  return `Bearer ${parameters.join(", ")}`;
}
