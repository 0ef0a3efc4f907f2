import type { Log } from "../core/log.ts";
import type { Rejection } from "./rejection.ts";

/** Writes one line, of so many requests. */
type Write = (log: Log, count: number) => void;

/**
 * Log lines of refusals that cost the sender nothing: no limit of a caller counts these requests, and a
 * line for each would fill the log up to its daily cap.
 */
export interface RefusalSums {
  /** Has the first of a kind written at once, to `log`, and further ones as a sum each minute. */
  count(kind: Rejection["kind"], log: Log, write: Write): void;
  /** Writes what has been counted up to now. */
  flush(): void;
}

export const sumMilliseconds = 60_000;

/** @param log for the sums, which belong to no request */
export function createRefusalSums(log: Log): RefusalSums {
  const sums = new Map<string, { count: number; write: Write }>();
  let timer: NodeJS.Timeout | undefined;

  function flush(): void {
    for (const [kind, sum] of sums) {
      if (sum.count === 0) sums.delete(kind);
      else sum.write(log, sum.count);
      sum.count = 0;
    }
    if (sums.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  }

  return {
    count(kind, ownLog, write) {
      const sum = sums.get(kind);
      if (sum) {
        sum.count += 1;
        sum.write = write;
        return;
      }
      sums.set(kind, { count: 0, write });
      timer ??= setInterval(flush, sumMilliseconds).unref();
      write(ownLog, 1);
    },
    flush,
  };
}

/** How many requests a line stands for, where it is more than one. */
export function countOf(count: number): { readonly count?: number } {
  return count > 1 ? { count } : {};
}
