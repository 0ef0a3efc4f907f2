/**
 * The person on whose behalf a request is made, and the client application that makes it: what a
 * verified access token says, without the token. Everything behind the wire edge works with this.
 *
 * Claims: https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference
 */
export interface CallerClaims {
  /** `oid`: the person's immutable object id in the tenant, and the key of all per-user data. */
  readonly objectId: string;
  /** `tid`: the tenant's id. */
  readonly tenantId: string;
  /** `azp`: the client application's id. */
  readonly clientId: string;
  /** `scp`: the delegated scopes, bare names as the token has them. */
  readonly scopes: readonly string[];
  /** `roles`: the app roles. */
  readonly roles: readonly string[];
  /** `xms_cc` holds `cp1`: the client can handle a claims challenge. */
  readonly handlesClaimsChallenges: boolean;
  /** `exp`, in seconds since the epoch. */
  readonly expiresAt: number;
}

let readAccessToken: (caller: Caller) => string;

export class Caller implements CallerClaims {
  readonly objectId: string;
  readonly tenantId: string;
  readonly clientId: string;
  readonly scopes: readonly string[];
  readonly roles: readonly string[];
  readonly handlesClaimsChallenges: boolean;
  readonly expiresAt: number;
  /** Private to the class, so that neither JSON nor a logger that walks the object can show it. */
  readonly #accessToken: string;

  static {
    readAccessToken = (caller) => caller.#accessToken;
  }

  constructor(claims: CallerClaims, accessToken: string) {
    this.objectId = claims.objectId;
    this.tenantId = claims.tenantId;
    this.clientId = claims.clientId;
    this.scopes = claims.scopes;
    this.roles = claims.roles;
    this.handlesClaimsChallenges = claims.handlesClaimsChallenges;
    this.expiresAt = claims.expiresAt;
    this.#accessToken = accessToken;
  }
}

/**
 * The access token that `caller` presented. For `src/downstream/` alone, which exchanges it; no other
 * part may read it, and a test of the imports holds that.
 */
export function accessTokenOf(caller: Caller): string {
  return readAccessToken(caller);
}
