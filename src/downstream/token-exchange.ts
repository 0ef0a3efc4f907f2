import { createHash } from "node:crypto";
import type { AccessToken } from "@azure/core-auth";
import type { HttpClient } from "@azure/core-rest-pipeline";
import { createCoalescingCache, type Loaded, once } from "../core/cache.ts";
import { accessTokenOf, type Caller } from "../core/caller.ts";
import type { Log } from "../core/log.ts";
import { failure, type Result } from "../core/result.ts";
import { type ClientCredential, createClientProof } from "./client-proof.ts";
import { type ExchangeFailure, standsForMilliseconds } from "./exchange-failure.ts";
import { createOutboundHttp } from "./http.ts";
import type { OnBehalfOfRequest } from "./on-behalf-of-request.ts";

export interface ExchangeOptions {
  /**
   * The JSON of a claims challenge that the API answered with. The token that is held does not
   * fulfil it, so a new one is asked for.
   */
  readonly claims?: string | undefined;
  /** The API did not accept the token that is held: a new one takes its place. */
  readonly renew?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface TokenExchange {
  /**
   * A token for `scopes` that acts as `caller`, by the on-behalf-of flow. At most one exchange per
   * access token of a caller and set of scopes, concurrent calls included; never shared between
   * callers or between two tokens of one.
   *
   * @param scopes of one resource, `https://graph.microsoft.com/.default` for example
   *
   * Source: https://learn.microsoft.com/entra/identity-platform/v2-oauth2-on-behalf-of-flow
   */
  exchange(
    caller: Caller,
    scopes: readonly string[],
    options?: ExchangeOptions,
  ): Promise<Result<AccessToken, ExchangeFailure>>;
}

export interface TokenExchangeOptions {
  /** Without a trailing slash. */
  readonly authorityHost: string;
  readonly tenantId: string;
  /** The API's registration, for which the callers' tokens were issued. */
  readonly clientId: string;
  readonly credential: ClientCredential;
  /** Audience of the managed identity's assertion. */
  readonly tokenExchangeAudience: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Milliseconds by a clock that nobody sets: for durations alone. */
  readonly monotonicNow: () => number;
  readonly log: Log;
  /** Carries the requests to the authority. */
  readonly httpClient: HttpClient;
}

/** At about 3 KB a token, some 30 MB. */
const maximumTokens = 10_000;
/** A token is handed out while it lasts at least this long, so that it survives the calls made with it. */
const renewBeforeExpiryMilliseconds = 5 * 60_000;

export function createTokenExchange(options: TokenExchangeOptions): TokenExchange {
  const { now, monotonicNow } = options;
  const proof = createClientProof(options);
  const http = createOutboundHttp(options);
  // MSAL is loaded when it is first needed: most calls never exchange, and a cold start is shorter so.
  const loadMsal = once(async () => {
    const { createOnBehalfOfRequest } = await import("./on-behalf-of-request.ts");
    return createOnBehalfOfRequest({ ...options, proof, http });
  });
  const requestToken: OnBehalfOfRequest = async (parameters) => (await loadMsal())(parameters);
  type Outcome = Result<AccessToken, ExchangeFailure>;
  const cache = createCoalescingCache<Outcome>({
    maximumEntries: maximumTokens,
    now: monotonicNow,
  });

  return {
    async exchange(caller, scopes, { claims, renew = false, signal } = {}) {
      const assertion = accessTokenOf(caller);
      const load = async (): Promise<Loaded<Outcome>> => {
        const { objectId, clientId, expiresAt } = caller;
        const value = await requestToken({ assertion, scopes, claims, objectId, clientId });
        return { value, usableFor: usableFor(value, expiresAt * 1000, claims, now) };
      };
      try {
        return await cache.get(cacheKey(caller, scopes), load, {
          signal,
          flight: claims,
          refresh: renew || claims !== undefined,
        });
      } catch (error) {
        if (signal?.aborted) return failure({ kind: "cancelled" });
        throw error;
      }
    },
  };
}

/** The caller's token stands in it as a hash, so that what is cached cannot show it. */
function cacheKey(caller: Caller, scopes: readonly string[]): string {
  return [tokenDigest(caller), ...new Set(scopes.toSorted())].join(" ");
}

function usableFor(
  outcome: Result<AccessToken, ExchangeFailure>,
  callerExpiresAt: number,
  claims: string | undefined,
  now: () => number,
): number {
  if (outcome.ok) {
    const renewAt = outcome.value.expiresOnTimestamp - renewBeforeExpiryMilliseconds;
    return Math.min(renewAt, callerExpiresAt) - now();
  }
  // One API's challenge says nothing of calls that the token at hand is good for.
  return claims === undefined ? standsForMilliseconds(outcome.reason) : 0;
}

/** Names the access token that `caller` presented, and shows nothing of it: SHA-256, base64url. */
export function tokenDigest(caller: Caller): string {
  return createHash("sha256").update(accessTokenOf(caller)).digest("base64url");
}
