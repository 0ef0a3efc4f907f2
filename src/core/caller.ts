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
  /** Absent where no AI agent acts. */
  readonly agent?: Agent | undefined;
}

/** An AI agent of Microsoft Entra Agent ID that acts. */
export interface Agent {
  /** For the person whom the object id names, or through a user account of the agent's own. */
  readonly kind: "for-person" | "own-account";
  /** `xms_par_app_azp`: the agent's parent application. For the record: nothing is decided by it. */
  readonly parentId: string | undefined;
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
  readonly agent: Agent | undefined;
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
    this.agent = claims.agent;
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
