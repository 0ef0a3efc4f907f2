import { setTimeout as sleep } from "node:timers/promises";

/** Time, which tests replace. */
export interface Clock {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly wait: (milliseconds: number) => Promise<unknown>;
}

export const systemClock: Clock = { now: Date.now, wait: (milliseconds) => sleep(milliseconds) };
