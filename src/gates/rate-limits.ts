import { RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";
import type { Caller } from "../core/caller.ts";

/** How much is served in a minute. 0 switches a limit off. */
export interface RateLimitOptions {
  /** Messages of one person, over all their clients. */
  readonly perCaller: number;
  /** Requests from one network address, whoever makes them, refused ones included. */
  readonly perAddress: number;
}

export interface RateLimitRejection {
  readonly kind: "caller-rate-limited" | "address-rate-limited";
  readonly retryAfterSeconds: number;
}

export interface RateLimits {
  /** Counts a request; `address` is absent where it is not known. */
  countRequest(address: string | undefined): Promise<RateLimitRejection | undefined>;
  /** Counts the JSON-RPC messages of one request. */
  countMessages(caller: Caller, messages: number): Promise<RateLimitRejection | undefined>;
}

const windowSeconds = 60;

/**
 * Rate limits of this instance: with n instances a caller can get n times as much. They protect an
 * instance and what it calls; a quota over all instances belongs in front of them (API Management).
 */
export function createRateLimits({ perCaller, perAddress }: RateLimitOptions): RateLimits {
  const callers = limiterOf(perCaller);
  const addresses = limiterOf(perAddress);
  return {
    async countRequest(address) {
      if (address === undefined) return undefined;
      const retryAfterSeconds = await consume(addresses, address, 1);
      return retryAfterSeconds === undefined
        ? undefined
        : { kind: "address-rate-limited", retryAfterSeconds };
    },
    async countMessages({ tenantId, objectId }, messages) {
      const retryAfterSeconds = await consume(callers, `${tenantId}/${objectId}`, messages);
      return retryAfterSeconds === undefined
        ? undefined
        : { kind: "caller-rate-limited", retryAfterSeconds };
    },
  };
}

function limiterOf(points: number): RateLimiterMemory | undefined {
  return points === 0 ? undefined : new RateLimiterMemory({ points, duration: windowSeconds });
}

/** Resolves with how many seconds to wait, or with nothing where there is room. */
async function consume(
  limiter: RateLimiterMemory | undefined,
  key: string,
  points: number,
): Promise<number | undefined> {
  try {
    await limiter?.consume(key, points);
    return undefined;
  } catch (refused) {
    if (!(refused instanceof RateLimiterRes)) throw refused;
    return Math.max(1, Math.ceil(refused.msBeforeNext / 1000));
  }
}
