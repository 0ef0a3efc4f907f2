import { type CryptoKey, importJWK, type JWK } from "jose";
import { z } from "zod";
import { readBounded } from "../core/bounded-body.ts";
import type { Log } from "../core/log.ts";
import { excerpt, thrown } from "../core/log.ts";
import { failure, type Result, success } from "../core/result.ts";

/** Why a key could not be had. */
export type KeyFailure =
  | { readonly kind: "unknown-key"; readonly got: string }
  | { readonly kind: "key-set-unavailable"; readonly retryAfterSeconds: number };

/** The authority's current signing keys, by key id. */
export interface KeySet {
  keyFor(keyId: string): Promise<Result<CryptoKey, KeyFailure>>;
  /** Rejects where no keys are held and none can be fetched: then nobody can be let in. */
  reach(): Promise<void>;
}

export interface KeySetOptions {
  /** `jwks_uri` of the authority. */
  readonly url: string;
  /** The issuer as a key of the set may name it, if it names one; keys of other issuers are left out. */
  readonly issuers: readonly string[];
  readonly fetch: typeof globalThis.fetch;
  /** Milliseconds by a clock that nobody sets: it measures durations alone. */
  readonly now: () => number;
  readonly log: Log;
}

/**
 * Entra rolls keys without notice, so an unknown key id asks again; the cool-down keeps a stream of
 * invented key ids from becoming a stream of requests to the authority.
 */
const cooldownMilliseconds = 30_000;
/** After a failed request the next one waits less, so that an outage is not drawn out. */
const retryMilliseconds = 5_000;
/** Keys older than this are fetched anew in the background, while they go on being used. */
const refreshMilliseconds = 12 * 60 * 60 * 1000;
const requestTimeoutMilliseconds = 5_000;
const maximumResponseBytes = 256 * 1024;

const documentSchema = z.object({
  keys: z.array(
    z.looseObject({
      kid: z.string().optional(),
      kty: z.string().optional(),
      use: z.string().optional(),
      issuer: z.string().optional(),
    }),
  ),
});

/**
 * A key set read from the authority (RFC 7517 section 5) and held in memory. Keys that are held
 * keep working however long the authority is out of reach: an outage there must not sign people
 * out here. Without keys, or for a key id that only a fresh set could know, the failure says
 * "unavailable" rather than "unknown", because nothing can be concluded about the token.
 */
export function createKeySet(options: KeySetOptions): KeySet {
  const { now, log } = options;
  let keys: ReadonlyMap<string, CryptoKey> | undefined;
  let fetchedAt = Number.NEGATIVE_INFINITY;
  let lastAttempt: { readonly at: number; readonly succeeded: boolean } | undefined;
  let inFlight: Promise<boolean> | undefined;

  /** One request at a time, whoever asks; resolves with whether it succeeded. */
  function refresh(): Promise<boolean> {
    inFlight ??= fetchKeys(options)
      .then((fetched) => {
        keys = fetched;
        fetchedAt = now();
        return true;
      })
      .catch((error: unknown) => {
        log("error", "key-set.unavailable", { cause: thrown(error), held: keys?.size ?? 0 });
        return false;
      })
      .then((succeeded) => {
        lastAttempt = { at: now(), succeeded };
        inFlight = undefined;
        return succeeded;
      });
    return inFlight;
  }

  /** Whether the last attempt is too recent to try again, and for how long still. */
  function waitMilliseconds(): number {
    if (inFlight || !lastAttempt) return 0;
    const pause = lastAttempt.succeeded ? cooldownMilliseconds : retryMilliseconds;
    return Math.max(0, lastAttempt.at + pause - now());
  }

  function unavailable(): KeyFailure {
    const retryAfterSeconds = Math.max(1, Math.ceil(waitMilliseconds() / 1000));
    return { kind: "key-set-unavailable", retryAfterSeconds };
  }

  return {
    async keyFor(keyId) {
      const held = keys?.get(keyId);
      if (held) {
        if (now() - fetchedAt > refreshMilliseconds && waitMilliseconds() === 0) void refresh();
        return success(held);
      }
      if (waitMilliseconds() > 0) {
        return failure(
          lastAttempt?.succeeded ? { kind: "unknown-key", got: excerpt(keyId) } : unavailable(),
        );
      }
      if (!(await refresh())) return failure(unavailable());
      const fetched = keys?.get(keyId);
      return fetched ? success(fetched) : failure({ kind: "unknown-key", got: excerpt(keyId) });
    },

    async reach() {
      if (keys) return;
      if (waitMilliseconds() > 0 || !(await refresh())) throw new Error("No key set is held.");
    },
  };
}

async function fetchKeys({
  url,
  issuers,
  fetch,
  log,
}: KeySetOptions): Promise<ReadonlyMap<string, CryptoKey>> {
  const response = await fetch(url, {
    headers: { accept: "application/json" },
    redirect: "error",
    signal: AbortSignal.timeout(requestTimeoutMilliseconds),
  });
  if (!response.ok)
    throw Object.assign(new Error("The authority refused."), { code: response.status });
  const { keys } = documentSchema.parse(JSON.parse(await textOf(response)));

  const imported = new Map<string, CryptoKey>();
  for (const key of keys) {
    if (key.kid === undefined || key.kty !== "RSA" || key.use === "enc") continue;
    if (key.issuer !== undefined && !issuers.includes(key.issuer)) continue;
    try {
      const cryptoKey = await importJWK(key as JWK, "RS256");
      if (!(cryptoKey instanceof Uint8Array)) imported.set(key.kid, cryptoKey);
    } catch (error) {
      log("warn", "key-set.key-unusable", { keyId: excerpt(key.kid), cause: thrown(error) });
    }
  }
  if (imported.size === 0) throw new RangeError("The key set has no usable key.");
  return imported;
}

/** The body, read no further than it may be large. */
async function textOf({ body }: Response): Promise<string> {
  const bytes = await readBounded(body, maximumResponseBytes);
  if (!bytes) throw new RangeError("The key set is too large.");
  return bytes.toString();
}
