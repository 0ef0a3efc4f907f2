import { type Answer, jsonAnswer } from "../core/endpoint.ts";

/** What OAuth clients need to know of this server. */
export interface ProtectedResource {
  /** The MCP URL, exactly as clients ask for it. */
  readonly url: string;
  /** The authority's issuer. */
  readonly issuer: string;
  /** The scope that every call needs, as a client asks for it: prefixed with the identifier URI. */
  readonly scope: string;
  /** What people call it. */
  readonly name: string;
  /** The authority's authorization endpoint, for claims challenges. */
  readonly authorizationUri: string;
}

const wellKnownPath = "/.well-known/oauth-protected-resource";

/**
 * Where the metadata document of a resource is: the well-known path goes in front of the
 * resource's own (RFC 9728 section 3.1).
 */
export function metadataUrl(resource: string): string {
  const { origin, pathname } = new URL(resource);
  return `${origin}${wellKnownPath}${pathname === "/" ? "" : pathname}`;
}

/** The protected resource metadata document (RFC 9728 section 2). */
export function metadataAnswer({ url, issuer, scope, name }: ProtectedResource): Answer {
  const document = {
    resource: url,
    authorization_servers: [issuer],
    scopes_supported: [scope],
    bearer_methods_supported: ["header"],
    resource_name: name,
  };
  return jsonAnswer(200, document, {
    "cache-control": "public, max-age=3600",
  });
}
