import { afterEach, describe, expect, it, vi } from "vitest";
import {
  createConcurrencyLimit,
  longestWaitMilliseconds,
} from "../../src/gates/concurrency-limit.ts";
import { onceAnswered } from "../../src/gates/once-answered.ts";
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
  it(
    verifies("http.concurrency", "keeps the keys apart, and hands a place over in the order"),
    async () => {
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
    },
  );

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

describe("a response", () => {
  const streamed = () => {
    const { readable, writable } = new TransformStream<Uint8Array>();
    return { response: new Response(readable), writer: writable.getWriter() };
  };

  it(verifies("http.concurrency", "is answered once its body is at its end"), async () => {
    const { response, writer } = streamed();
    const then = vi.fn();
    const answered = onceAnswered(response, then);
    const reading = answered.text();
    await writer.write(new TextEncoder().encode("some"));
    expect(then).not.toHaveBeenCalled();
    await writer.close();
    expect(await reading).toBe("some");
    expect(then).toHaveBeenCalled();
  });

  it(
    verifies("http.concurrency", "is answered where it has no body, or that fails or is given up"),
    async () => {
      const bodiless = vi.fn();
      onceAnswered(new Response(null, { status: 202 }), bodiless);
      expect(bodiless).toHaveBeenCalledOnce();

      const cancelled = vi.fn();
      await onceAnswered(streamed().response, cancelled).body?.cancel();
      await vi.waitUntil(() => cancelled.mock.calls.length > 0);

      const failing = vi.fn();
      const { response, writer } = streamed();
      const answered = onceAnswered(response, failing);
      await writer.abort("broken");
      await expect(answered.text()).rejects.toBe("broken");
      expect(failing).toHaveBeenCalled();
    },
  );

  it(verifies("http.concurrency", "that nobody reads keeps its place for a minute"), async () => {
    vi.useFakeTimers();
    const then = vi.fn();
    onceAnswered(streamed().response, then);
    await vi.advanceTimersByTimeAsync(59_000);
    expect(then).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(then).toHaveBeenCalled();
  });
});
