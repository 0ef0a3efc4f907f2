import type { Log } from "./log.ts";

/** What the platform says of the invocation that a request belongs to. */
export interface Invocation {
  /** Correlates the log lines of one invocation. */
  readonly id: string;
  readonly log: Log;
}
