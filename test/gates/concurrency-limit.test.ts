import { afterEach, describe, expect, it, vi } from "vitest";
import {
  createConcurrencyLimit,
  longestWaitMilliseconds,
} from "../../src/gates/concurrency-limit.ts";
import { verifies } from "../requirements.ts";

afterEach(() => {
  vi.useRealTimers();
});

/** Enters a lane that has room. */
async function place(limit: ReturnType<typeof createConcurrencyLimit>, key = "one") {
  const leave = await limit.enter(key);
  if (typeof leave === "string") throw new Error(leave);
  return leave;
}

describe("a concurrency limit", () => {
  it(verifies("http.concurrency", "keeps keys apart, and hands places over in order"), async () => {
    const limit = createConcurrencyLimit({ running: 1, waiting: 2 });
    const order: string[] = [];
    const leave = await place(limit);
    const waiting = ["first", "second"].map(async (name) => {
      const leaveNext = await place(limit);
      order.push(name);
      return leaveNext;
    });
    expect(await limit.enter("one")).toBe("full");
    await place(limit, "another");

    leave();
    // A place that is given up twice is one place.
    leave();
    (await waiting[0])?.();
    await waiting[1];
    expect(order).toEqual(["first", "second"]);
    const late = limit.enter("one");
    expect(await Promise.race([late, Promise.resolve("waits")])).toBe("waits");
  });

  it(verifies("http.concurrency", "lets nobody wait longer than a minute"), async () => {
    vi.useFakeTimers();
    const limit = createConcurrencyLimit({ running: 1, waiting: 1 });
    const leave = await place(limit);
    const waiting = limit.enter("one");
    await vi.advanceTimersByTimeAsync(longestWaitMilliseconds);
    expect(await waiting).toBe("too-long");
    // Who went away keeps no place: neither in the queue nor among those that run.
    leave();
    await place(limit);
  });
});
