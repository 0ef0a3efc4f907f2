import { abortable } from "./deadline.ts";

/** What a load brought, and for how long it may be used. */
export interface Loaded<Value> {
  readonly value: Value;
  /** In milliseconds. Zero or less: the value is not kept at all. */
  readonly usableFor: number;
}

export interface CoalescingCacheOptions {
  /** Beyond this number, the entry that was not asked for longest is dropped. */
  readonly maximumEntries: number;
  /** Milliseconds by a clock that nobody sets: it measures durations alone. */
  readonly now: () => number;
}

export interface GetOptions {
  /** Ends the wait of the one who asks. The load goes on for whoever else waits, and for the cache. */
  readonly signal?: AbortSignal | undefined;
  /** Concurrent loads of the same key stand in for one another within one flight only. */
  readonly flight?: string | undefined;
  /** Loads even where a value is held, which the new one then replaces. */
  readonly refresh?: boolean | undefined;
}

export interface CoalescingCache<Value> {
  /**
   * The value held under `key`, or else what `load` brings. At most one load per key and flight is
   * under way at a time; everyone who asks meanwhile gets its outcome.
   *
   * @throws what `load` throws, and the signal's reason once that aborts
   */
  get(key: string, load: () => Promise<Loaded<Value>>, options?: GetOptions): Promise<Value>;
}

interface Held<Value> {
  readonly value: Value;
  readonly usableUntil: number;
}

/** A cache in memory: least recently used entries go first, and concurrent loads are shared. */
export function createCoalescingCache<Value>({
  maximumEntries,
  now,
}: CoalescingCacheOptions): CoalescingCache<Value> {
  /** In the order of their last use, because a `Map` keeps the order of insertion. */
  const entries = new Map<string, Held<Value>>();
  const inFlight = new Map<string, Promise<Value>>();

  function held(key: string): Held<Value> | undefined {
    const entry = entries.get(key);
    if (!entry) return undefined;
    entries.delete(key);
    if (entry.usableUntil <= now()) return undefined;
    entries.set(key, entry);
    return entry;
  }

  function keep(key: string, loaded: Loaded<Value>, refresh: boolean): void {
    if (loaded.usableFor <= 0) return;
    // A refresh that ended while this load was under way brought the fresher value.
    if (!refresh && held(key)) return;
    entries.delete(key);
    entries.set(key, { value: loaded.value, usableUntil: now() + loaded.usableFor });
    if (entries.size <= maximumEntries) return;
    const [leastRecentlyUsed] = entries.keys();
    if (leastRecentlyUsed !== undefined) entries.delete(leastRecentlyUsed);
  }

  return {
    async get(key, load, { signal, flight = "", refresh = false } = {}) {
      signal?.throwIfAborted();
      const entry = refresh ? undefined : held(key);
      if (entry) return entry.value;

      const flightKey = JSON.stringify([key, flight, refresh]);
      const shared =
        inFlight.get(flightKey) ??
        load()
          .then((loaded) => {
            keep(key, loaded, refresh);
            return loaded.value;
          })
          .finally(() => inFlight.delete(flightKey));
      inFlight.set(flightKey, shared);
      return abortable(shared, signal);
    },
  };
}

/**
 * What `make` brings: made at the first call, and kept for all others. A failure is not kept, so that
 * the next call tries again.
 */
export function once<Value>(make: () => Promise<Value>): () => Promise<Value> {
  let made: Promise<Value> | undefined;
  return () => {
    made ??= make().catch((error: unknown) => {
      made = undefined;
      throw error;
    });
    return made;
  };
}
