import { createHash, randomBytes } from "node:crypto";
import type { JWTPayload } from "jose";
import type { Account } from "../../directory.ts";
import type { Client } from "../clients/clients.ts";
import type { RequestedScopes } from "../scopes.ts";
import type { Tenant } from "../tenant.ts";
import type { RequestedClaims } from "./claims-request.ts";

/** Seconds. Entra draws 60 to 90 minutes at random. */
export const accessTokenLifetime = 3600;

/** `azpacr`, `appidacr`: how the client authenticated. */
export type ClientAuthentication = "none" | "secret" | "assertion";
const authenticationClass = { none: "0", secret: "1", assertion: "2" } as const;

/** What somebody was granted, whichever way. Tokens are made of it in one place. */
export interface Grant {
  readonly account: Account;
  readonly client: Client;
  readonly authentication: ClientAuthentication;
  readonly scopes: RequestedScopes;
  readonly claims: RequestedClaims;
  /** Of the sign-in, which may be revoked. */
  readonly session: number;
  /** Of the authorization request, for the id token. */
  readonly nonce?: string | undefined;
}

/**
 * The claims of an access token. For the API, of the version that its registration asks for; for
 * what the API calls, Graph among it, version 1.0, which such resources get in Entra.
 *
 * Source: https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference
 *
 * @param issuer of callers' tokens
 * @param now milliseconds since the epoch
 */
export function accessTokenClaims(
  tenant: Tenant,
  grant: Grant,
  issuer: string,
  now: number,
): JWTPayload {
  const { account, scopes, client } = grant;
  const target = scopes.target;
  const resource = target?.resource;
  const authentication = authenticationClass[grant.authentication];
  const common = {
    ...lifetime(now, accessTokenLifetime),
    tid: tenant.id,
    oid: account.objectId,
    name: account.displayName,
    uti: randomBytes(16).toString("base64url"),
    ...grant.claims,
  };
  if (resource?.kind === "api" && tenant.api.requestedAccessTokenVersion === 2) {
    return {
      ...common,
      iss: issuer,
      aud: resource.clientId,
      sub: pairwiseSubject(account, resource.clientId),
      azp: client.clientId,
      azpacr: authentication,
      preferred_username: account.username,
      scp: resource.grantedScopes.join(" "),
      ver: "2.0",
      ...(isAgent(client) ? { idtyp: "user", xms_act_fct: "3 9 11" } : {}),
    };
  }
  const [graph] = tenant.downstream;
  return {
    ...common,
    iss: resourceTokenIssuer(tenant),
    aud: target?.identifierUri ?? graph.identifierUri,
    sub: pairwiseSubject(account, resource?.clientId ?? graph.clientId),
    appid: client.clientId,
    appidacr: authentication,
    app_displayname: client.name,
    idtyp: "user",
    unique_name: account.username,
    upn: account.username,
    scp: (resource ? resource.grantedScopes : scopes.openId).join(" "),
    ver: "1.0",
  };
}

/** @param issuer the discovery document's that the client read */
export function idTokenClaims(
  tenant: Tenant,
  { account, client, scopes, nonce }: Grant,
  issuer: string,
  now: number,
): JWTPayload {
  // OpenID Connect Core 1.0, section 2: the client's own name for itself, which is what it compares.
  const audience = isAgent(client) ? client.documentUrl : client.clientId;
  return {
    ...lifetime(now, accessTokenLifetime),
    iss: issuer,
    aud: audience,
    sub: pairwiseSubject(account, client.clientId),
    tid: tenant.id,
    oid: account.objectId,
    ...(scopes.openId.includes("profile")
      ? { name: account.displayName, preferred_username: account.username }
      : {}),
    ...(scopes.openId.includes("email") ? { email: account.username } : {}),
    ...(nonce === undefined ? {} : { nonce }),
    ver: "2.0",
  };
}

/**
 * Whether the client is an agent identity (`xms_act_fct` has 11 then): here, one with a document.
 *
 * Source: https://github.com/MicrosoftDocs/entra-docs/blob/main/docs/agent-id/agent-token-claims.md
 */
function isAgent(client: Client): client is Client & { documentUrl: string } {
  return client.kind === "public" && client.documentUrl !== undefined;
}

/** `iss` of version 1.0 tokens: those for Graph, Storage and other resources. */
export function resourceTokenIssuer(tenant: Pick<Tenant, "id">): string {
  return `https://sts.windows.net/${tenant.id}/`;
}

export function lifetime(now: number, seconds: number): { iat: number; nbf: number; exp: number } {
  const issuedAt = Math.floor(now / 1000);
  return { iat: issuedAt, nbf: issuedAt, exp: issuedAt + seconds };
}

/** `client_info`: the ids under which MSAL files what it gets for a person. */
export function clientInfo({ id }: Pick<Tenant, "id">, { objectId }: Account): string {
  return Buffer.from(JSON.stringify({ uid: objectId, utid: id })).toString("base64url");
}

/** `sub` differs from application to application, so that they cannot compare notes. */
function pairwiseSubject(account: Account, clientId: string): string {
  return createHash("sha256").update(`${clientId} ${account.objectId}`).digest("base64url");
}
