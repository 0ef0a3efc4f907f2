import { grantTypes } from "./token-endpoint.ts";

/** Where things are, below an origin and the tenant's id. The same as Entra's, but for `register` and `login`. */
export const endpointPaths = {
  authorize: "/oauth2/v2.0/authorize",
  token: "/oauth2/v2.0/token",
  keys: "/discovery/v2.0/keys",
  register: "/oauth2/v2.0/register",
  deviceCode: "/oauth2/v2.0/devicecode",
  /** The sign-in page's form is sent here. */
  login: "/login",
} as const;

/** The paths of the discovery document, each of which some client tries. */
export function discoveryPaths(tenantId: string): readonly string[] {
  return [
    // https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderConfigurationRequest
    `/${tenantId}/v2.0/.well-known/openid-configuration`,
    // RFC 8414, section 3.1
    `/.well-known/oauth-authorization-server/${tenantId}/v2.0`,
    // RFC 8414, section 5
    `/.well-known/openid-configuration/${tenantId}/v2.0`,
  ];
}

export function issuerOf(origin: string, tenantId: string): string {
  return `${origin}/${tenantId}/v2.0`;
}

/**
 * The discovery document of one origin. Its issuer is that origin's own: MCP clients refuse any
 * other than the one they asked, and so does MSAL. What a browser opens is over plain http in both
 * documents: a person's browser does not trust the certificate.
 *
 * @param pagesOrigin where browsers are served
 * @param options.applicationId whose keys it is to name, if a registration's own
 * @param options.clientDocuments whether to say that a client's id may be the URL of its document
 */
export function discoveryDocument(
  origin: string,
  pagesOrigin: string,
  tenantId: string,
  options: { applicationId?: string | null; clientDocuments?: boolean } = {},
): Record<string, unknown> {
  const { applicationId = null, clientDocuments = false } = options;
  const base = `${origin}/${tenantId}`;
  return {
    issuer: issuerOf(origin, tenantId),
    authorization_endpoint: `${pagesOrigin}/${tenantId}${endpointPaths.authorize}`,
    device_authorization_endpoint: base + endpointPaths.deviceCode,
    token_endpoint: base + endpointPaths.token,
    jwks_uri:
      base +
      endpointPaths.keys +
      (applicationId === null ? "" : `?${new URLSearchParams({ appid: applicationId })}`),
    registration_endpoint: base + endpointPaths.register,
    response_types_supported: ["code"],
    response_modes_supported: ["query", "fragment", "form_post"],
    grant_types_supported: grantTypes,
    subject_types_supported: ["pairwise"],
    id_token_signing_alg_values_supported: ["RS256"],
    token_endpoint_auth_methods_supported: ["none", "client_secret_post", "private_key_jwt"],
    token_endpoint_auth_signing_alg_values_supported: ["RS256"],
    // Entra supports it and does not say so; MCP clients refuse an authority that does not say so.
    code_challenge_methods_supported: ["S256"],
    scopes_supported: ["openid", "profile", "email", "offline_access"],
    claims_supported: [
      ...["sub", "iss", "aud", "exp", "iat", "nonce"],
      ...["name", "preferred_username", "email", "tid", "oid", "ver"],
    ],
    claims_parameter_supported: true,
    // RFC 9207, section 3: the answer's `iss` is that of the origin with the pages.
    authorization_response_iss_parameter_supported: origin === pagesOrigin,
    // https://datatracker.ietf.org/doc/draft-ietf-oauth-client-id-metadata-document/
    ...(clientDocuments ? { client_id_metadata_document_supported: true } : {}),
  };
}
