import type { TokenCredential } from "@azure/core-auth";
import { createCoalescingCache, type Loaded } from "../core/cache.ts";
import { within } from "../core/deadline.ts";
import type { Log } from "../core/log.ts";
import { thrown } from "../core/log.ts";
import { failure, type Result, success } from "../core/result.ts";

export interface FederatedAssertionOptions {
  readonly managedIdentity: TokenCredential;
  /** Audience of the federated identity credential; it differs by cloud. */
  readonly tokenExchangeAudience: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Milliseconds by a clock that nobody sets: for durations alone. */
  readonly monotonicNow: () => number;
  readonly log: Log;
}

/** The token with which the managed identity vouches for a registration of the server's. */
export type FederatedAssertion = () => Promise<
  Result<string, { readonly kind: "managed-identity-unavailable" }>
>;

/** The credential retries by itself and heeds no signal, so the wait for it is bounded here. */
const timeoutMilliseconds = 10_000;
/** Ample for an exchange that starts with the last assertion before the next one is fetched. */
const renewBeforeExpiryMilliseconds = 5 * 60_000;

/**
 * The managed identity's token for the federated identity credential, kept until shortly before it
 * expires and fetched once for all who ask meanwhile.
 *
 * Source: https://learn.microsoft.com/entra/workload-id/workload-identity-federation-config-app-trust-managed-identity
 */
export function createFederatedAssertion({
  managedIdentity,
  tokenExchangeAudience,
  now,
  monotonicNow,
  log,
}: FederatedAssertionOptions): FederatedAssertion {
  type Outcome = Awaited<ReturnType<FederatedAssertion>>;
  const cache = createCoalescingCache<Outcome>({ maximumEntries: 1, now: monotonicNow });

  async function load(): Promise<Loaded<Outcome>> {
    try {
      const token = await within(
        timeoutMilliseconds,
        managedIdentity.getToken(`${tokenExchangeAudience}/.default`),
      );
      if (!token) throw new RangeError("The managed identity has no token.");
      return {
        value: success(token.token),
        usableFor: token.expiresOnTimestamp - renewBeforeExpiryMilliseconds - now(),
      };
    } catch (error) {
      log("error", "managed-identity.unavailable", { cause: thrown(error) });
      return { value: failure({ kind: "managed-identity-unavailable" }), usableFor: 0 };
    }
  }

  return () => cache.get("assertion", load);
}
