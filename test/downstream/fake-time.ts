import { afterEach, beforeEach, vi } from "vitest";
import { start } from "./fakes.ts";

/**
 * Lets every test of the file begin at {@link start}, with time that moves only when told to.
 * Streams and immediates go on by themselves, so that a fake network answers.
 */
export function useFakeTime(): void {
  beforeEach(() => {
    vi.useFakeTimers({ now: start, toFake: ["Date", "setTimeout", "clearTimeout"] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });
}

/** Runs the clock until `work` has ended, pauses between attempts included. */
export async function ended<Value>(work: Promise<Value>): Promise<Value> {
  await vi.runAllTimersAsync();
  return work;
}
