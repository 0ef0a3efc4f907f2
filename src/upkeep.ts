import { abortable, startDeadline } from "./core/deadline.ts";
import { type Log, thrown } from "./core/log.ts";

/**
 * Work that nobody waits for, such as deleting what has expired. It heeds the signal: what it does not
 * get done is for the next run. Runs may overlap, on one instance and on several, so that all it does
 * can be done twice.
 */
export type Upkeep = (signal: AbortSignal, log: Log) => Promise<void>;

/** Of one run, in milliseconds: less than the platform gives an invocation, and than from one run to the next. */
const runMilliseconds = 5 * 60 * 1000;

/** One run of all upkeep. Never throws: what failed is in the log, and the next run tries again. */
export type UpkeepRun = (log: Log) => Promise<void>;

/**
 * Puts the pieces of upkeep together, by the names that the log has for them. They run one after the
 * other; one that fails keeps no other from running.
 *
 * @param now milliseconds by a clock that nobody sets
 */
export function createUpkeep(
  pieces: Readonly<Record<string, Upkeep>>,
  now: () => number,
): UpkeepRun {
  return async (log) => {
    const begun = now();
    const deadline = startDeadline(runMilliseconds);
    let failed = 0;
    for (const [piece, run] of Object.entries(pieces)) {
      try {
        deadline.signal.throwIfAborted();
        await abortable(run(deadline.signal, log), deadline.signal);
      } catch (error) {
        failed += 1;
        const { aborted } = deadline.signal;
        log(aborted ? "warn" : "error", aborted ? "upkeep.late" : "upkeep.failed", {
          piece,
          ...(aborted ? {} : { cause: thrown(error) }),
        });
      }
    }
    deadline.end();
    log("info", "upkeep.done", { failed, durationMilliseconds: Math.round(now() - begun) });
  };
}
