import { beforeEach, describe, expect, it } from "vitest";
import { createCoalescingCache, once } from "../../src/core/cache.ts";
import { verifies } from "../requirements.ts";

const clock = { milliseconds: 0 };
const now = () => clock.milliseconds;

beforeEach(() => {
  clock.milliseconds = 1_000;
});

function setUp(maximumEntries = 10) {
  const loads: string[] = [];
  const cache = createCoalescingCache<string>({ maximumEntries, now });
  const get = (key: string, value = key, usableFor = 1_000) =>
    cache.get(key, async () => {
      loads.push(key);
      return { value, usableFor };
    });
  return { cache, get, loads };
}

describe("a coalescing cache", () => {
  it("loads once and then holds the value until its time is over", async () => {
    const { get, loads } = setUp();
    expect([await get("a"), await get("a")]).toEqual(["a", "a"]);
    clock.milliseconds = 1_999;
    await get("a");
    expect(loads).toHaveLength(1);

    clock.milliseconds = 2_000;
    await get("a");
    expect(loads).toHaveLength(2);
  });

  it("does not hold a value that is usable for no time", async () => {
    const { get, loads } = setUp();
    await get("a", "a", 0);
    await get("a", "a", 0);
    expect(loads).toHaveLength(2);
  });

  it(verifies("onbehalf.bounded", "drops what was longest unused at its bound"), async () => {
    const { get, loads } = setUp(2);
    await get("a");
    await get("b");
    await get("a");
    await get("c");
    loads.length = 0;

    await get("a");
    await get("c");
    expect(loads).toEqual([]);
    await get("b");
    expect(loads).toEqual(["b"]);
  });

  it("shares a load among those who ask while it is under way, failures included", async () => {
    const { cache } = setUp();
    const { promise, reject } = Promise.withResolvers<never>();
    let loads = 0;
    const load = () => {
      loads += 1;
      return promise;
    };
    const asked = [cache.get("a", load), cache.get("a", load), cache.get("a", load)];
    reject(new RangeError("broken"));
    const outcomes = await Promise.allSettled(asked);
    expect(outcomes.map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected"]);
    expect(loads).toBe(1);

    expect(await cache.get("a", async () => ({ value: "mended", usableFor: 0 }))).toBe("mended");
  });

  it("shares no load between flights", async () => {
    const { cache } = setUp();
    const first = Promise.withResolvers<{ value: string; usableFor: number }>();
    const waiting = cache.get("a", () => first.promise, { flight: "one" });
    const other = await cache.get("a", async () => ({ value: "two", usableFor: 0 }), {
      flight: "two",
    });
    first.resolve({ value: "one", usableFor: 0 });
    expect([await waiting, other]).toEqual(["one", "two"]);
  });

  it("keeps what a refresh brought, though an older load ends after it", async () => {
    const { cache, get } = setUp();
    const older = Promise.withResolvers<{ value: string; usableFor: number }>();
    const waiting = cache.get("a", () => older.promise);
    await cache.get("a", async () => ({ value: "fresh", usableFor: 1_000 }), { refresh: true });
    older.resolve({ value: "old", usableFor: 1_000 });
    expect(await waiting).toBe("old");
    expect(await get("a", "another")).toBe("fresh");
  });

  it("keeps what it holds where a refresh brings nothing to keep", async () => {
    const { cache, get } = setUp();
    await get("a", "held");
    await cache.get("a", async () => ({ value: "failure", usableFor: 0 }), { refresh: true });
    expect(await get("a", "another")).toBe("held");
  });

  it(verifies("onbehalf.cancellation", "ends one's wait, and nobody else's"), async () => {
    const { cache, get, loads } = setUp();
    const slow = Promise.withResolvers<{ value: string; usableFor: number }>();
    const leader = new AbortController();
    const cancelled = cache.get("a", () => slow.promise, { signal: leader.signal });
    const patient = get("a", "never loaded");
    leader.abort(new RangeError("enough"));
    await expect(cancelled).rejects.toThrow("enough");

    slow.resolve({ value: "arrived", usableFor: 1_000 });
    expect(await patient).toBe("arrived");
    expect(loads).toEqual([]);
  });

  it("begins nothing for one who has cancelled already", async () => {
    const { cache, loads } = setUp();
    const signal = AbortSignal.abort(new RangeError("enough"));
    const load = async () => {
      loads.push("a");
      return { value: "a", usableFor: 0 };
    };
    await expect(cache.get("a", load, { signal })).rejects.toThrow("enough");
    expect(loads).toEqual([]);
  });
});

describe("what is made once", () => {
  it("is made for all who ask at the same time, and kept", async () => {
    let made = 0;
    const get = once(async () => ++made);
    expect(await Promise.all([get(), get()])).toEqual([1, 1]);
    expect(await get()).toBe(1);
  });

  it("is made anew after a failure, which only those learn of who waited for it", async () => {
    let made = 0;
    const get = once(async () => {
      made += 1;
      if (made === 1) throw new RangeError("out of file handles");
      return made;
    });
    const failures = await Promise.allSettled([get(), get()]);
    expect(failures.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    expect(await Promise.all([get(), get()])).toEqual([2, 2]);
  });
});
