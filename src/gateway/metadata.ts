import { type Answer, jsonAnswer } from "../core/endpoint.ts";
import { requiredScope } from "../gates/token-verifier.ts";
import { retrySeconds } from "./grants/grant-failure.ts";
import { temporarilyUnavailable } from "./http/oauth-answers.ts";
import type { GatewayKeys } from "./keys/gateway-keys.ts";
import type { GatewaySettings } from "./settings.ts";

/** Clients may keep what they have read for an hour, and public keys for five minutes. */
const metadataCaching = { "cache-control": "public, max-age=3600" };
const keyCaching = { "cache-control": "public, max-age=300" };

/**
 * What clients need to know of the gateway as their authorization server (RFC 8414 section 2). The same
 * document is complete by OpenID Connect Discovery 1.0 section 3, for clients that look for that form,
 * although no id tokens are issued: Entra has them for those who want to know who somebody is.
 */
export function authorizationServerMetadata({
  issuer,
  resource,
  registration,
}: GatewaySettings): Answer {
  const document = {
    issuer,
    authorization_endpoint: `${issuer}/authorize`,
    token_endpoint: `${issuer}/token`,
    revocation_endpoint: `${issuer}/revoke`,
    ...(registration ? { registration_endpoint: `${issuer}/register` } : {}),
    jwks_uri: `${issuer}/jwks`,
    scopes_supported: [requiredScope],
    response_types_supported: ["code"],
    response_modes_supported: ["query"],
    grant_types_supported: ["authorization_code", "refresh_token"],
    // Public clients alone: one that has a key (private_key_jwt) or a secret has no use for it here.
    token_endpoint_auth_methods_supported: ["none"],
    revocation_endpoint_auth_methods_supported: ["none"],
    code_challenge_methods_supported: ["S256"],
    // RFC 9207 section 3.
    authorization_response_iss_parameter_supported: true,
    // https://datatracker.ietf.org/doc/draft-ietf-oauth-client-id-metadata-document/
    client_id_metadata_document_supported: true,
    // RFC 9728 section 4.
    protected_resources: [resource],
    subject_types_supported: ["public"],
    // Which OpenID has everybody name.
    id_token_signing_alg_values_supported: ["RS256"],
    request_parameter_supported: false,
    // By OpenID's default it would be supported.
    request_uri_parameter_supported: false,
    claims_parameter_supported: false,
  };
  return jsonAnswer(200, document, metadataCaching);
}

/** The public keys of access tokens (RFC 7517 section 5), where the gateway has its keys at hand. */
export function publicKeys(keys: GatewayKeys): () => Promise<Answer> {
  return async () => {
    const known = await keys.publicKeys();
    if (known.ok) return jsonAnswer(200, { keys: known.value }, keyCaching);
    return temporarilyUnavailable("The keys cannot be had right now.", retrySeconds);
  };
}
