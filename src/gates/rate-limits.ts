import { RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";
import type { Caller } from "../core/caller.ts";
import type { Answer } from "../core/endpoint.ts";
import { clientAddress } from "./client-address.ts";
import type { Arrival, Finding, Gate, Verdict } from "./gate.ts";

/** How much is served in a minute. 0 switches a limit off. */
export interface RateLimitOptions {
  /** Messages of one person, over all their clients; larger ones count as several. */
  readonly perCaller: number;
  /** Requests from one network address, whoever makes them, refused ones included. */
  readonly perAddress: number;
}

/** The gates that count. */
export interface RateLimits {
  /** Counts each request of an address, whatever becomes of it. */
  readonly address: Gate;
  /**
   * Counts the request as one message of its caller; what else a batch holds is not known yet. Adds
   * what counts its bytes.
   */
  readonly caller: Gate;
  /** Counts the further messages of a batch, and a large message as several. */
  readonly messages: Gate;
}

const windowSeconds = 60;

/** Bytes that come in, or go out, for each message that a request is counted as. */
const bytesOfMessage = 64 * 1024;

/**
 * Rate limits of this instance: with n instances a caller can get n times as much. They protect an
 * instance and what it calls; a quota over all instances belongs in front of them (API Management).
 *
 * @param trustedHops how many hops in front of this process append to `X-Forwarded-For`
 */
export function createRateLimits(
  { perCaller, perAddress }: RateLimitOptions,
  trustedHops: number,
): RateLimits {
  const callers = limiterOf(perCaller);
  const count = async (caller: Caller, messages: number): Promise<Verdict> => {
    const retryAfterSeconds = await consume(callers, keyOf(caller), messages);
    if (retryAfterSeconds === undefined) return undefined;
    return { refused: { kind: "caller-rate-limited", retryAfterSeconds } };
  };
  return {
    address: addressLimit("requests of the address", perAddress, trustedHops),
    caller: {
      name: "messages of the caller",
      async pass({ caller }) {
        return (await count(caller, 1)) ?? { adds: { charge: chargeTo(callers, caller) } };
      },
    },
    messages: {
      name: "messages of the batch",
      pass({ caller, body: { messages, json } }) {
        // A large call is one message: were it more than there is room for, it could never be made.
        const most = Array.isArray(json) ? messages : Math.min(messages, Math.ceil(perCaller / 4));
        return most > 1 ? count(caller, most - 1) : undefined;
      },
    },
  };
}

/**
 * Counts the requests of each address, whatever becomes of them. Where no trusted hop has written an
 * address, on a laptop, nothing is counted.
 *
 * @param perMinute 0 for no limit
 */
export function addressLimit(name: string, perMinute: number, trustedHops: number): Gate {
  const addresses = limiterOf(perMinute);
  return {
    name,
    async pass({ request }) {
      const address = clientAddress(request.headers, trustedHops);
      if (address === undefined) return undefined;
      const retryAfterSeconds = await consume(addresses, address, 1);
      if (retryAfterSeconds === undefined) return undefined;
      return { refused: { kind: "address-rate-limited", retryAfterSeconds } };
    },
  };
}

function keyOf({ tenantId, objectId }: Caller): string {
  return `${tenantId}/${objectId}`;
}

/** What a request costs beyond the limit refuses the caller's next one. */
function chargeTo(
  limiter: RateLimiterMemory | undefined,
  caller: Caller,
): NonNullable<Finding["charge"]> {
  let rest = 0;
  return (bytes) => {
    rest += bytes;
    const points = Math.floor(rest / bytesOfMessage);
    if (points === 0) return;
    rest -= points * bytesOfMessage;
    void limiter?.penalty(keyOf(caller), points);
  };
}

/** An answer whose bytes are counted as they leave. */
export function charged({ status, headers, body }: Answer, arrival: Arrival): Answer {
  if (body === null) return { status, headers, body };
  if (typeof body === "string" || body instanceof Uint8Array) {
    arrival.charge(body.length);
    return { status, headers, body };
  }
  const next = async () => {
    const piece = await body.next();
    arrival.charge(piece.value?.byteLength ?? 0);
    return piece;
  };
  return { status, headers, body: { next, cancel: () => body.cancel() } };
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
    // The limiter goes by the wall clock, which may have been set back meanwhile.
    return Math.min(windowSeconds, Math.max(1, Math.ceil(refused.msBeforeNext / 1000)));
  }
}
