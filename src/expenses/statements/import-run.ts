import { setTimeout as delay } from "node:timers/promises";
import { startDeadline } from "../../core/deadline.ts";
import type { Result } from "../../core/result.ts";
import type { StoreFailure } from "../../storage/failure.ts";
import type { ExpenseStore } from "../store/store.ts";
import type { ImportRow } from "./import-rows.ts";

/**
 * What an import may ask of the database, in request units a second: a fifth of what a serverless
 * container has for everybody.
 *
 * @see https://learn.microsoft.com/azure/cosmos-db/serverless-performance
 */
const requestUnitsPerSecond = 1_000;
/**
 * What adding an expense is taken to cost, in request units: an item of 1 KB with its indexes, rounded
 * up. What it does cost is known only afterwards.
 *
 * @see https://learn.microsoft.com/azure/cosmos-db/request-units
 */
const requestUnitsPerLine = 10;
/** So many lines are added at the same time. */
const linesAtOnce = 10;
const millisecondsPerRound = (linesAtOnce * requestUnitsPerLine * 1000) / requestUnitsPerSecond;

/** After so long a call begins nothing more: clients wait for an answer for a minute at most. */
const runMilliseconds = 20_000;
/** And after so long it waits no longer for what it has begun. */
const givenUpMilliseconds = 35_000;

/** Time as a run needs it. */
export interface RunClock {
  /** Milliseconds by a clock that nobody sets. */
  now(): number;
  /** Waits so many milliseconds, or until the signal aborts. */
  wait(milliseconds: number, signal: AbortSignal): Promise<void>;
}

export const realClock: RunClock = {
  now: () => performance.now(),
  wait: async (milliseconds, signal) => {
    await delay(milliseconds, undefined, { signal }).catch(() => {});
  },
};

export interface Run {
  readonly store: ExpenseStore;
  readonly userId: string;
  readonly rows: readonly ImportRow[];
  /** How many rows were passed before. */
  readonly done: number;
  /** Lines to leave out. */
  readonly leftOut: ReadonlySet<number>;
  /**
   * Looks anew, before each further part is added, which lines are to be left out: another call may have
   * said so. Nothing where all of the person's was deleted meanwhile, and this import with it.
   */
  look(signal: AbortSignal): Promise<Result<readonly number[] | undefined, StoreFailure>>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly clock: RunClock;
  readonly signal: AbortSignal;
  /** Told of how many rows are passed. */
  readonly progress: (done: number, total: number) => void;
}

export interface RunOutcome {
  /** How many rows are passed now: all before are stored, or left out. */
  readonly done: number;
  /** How many of them this run stored. */
  readonly added: number;
  /** How many had been stored before, and stay as they are. */
  readonly alreadyThere: number;
  /** All lines that are to be left out by now. */
  readonly leftOut: ReadonlySet<number>;
  /** What was to be added is no longer kept. */
  readonly isGone?: true;
  /** Why it stopped before the time was up. */
  readonly failure?: StoreFailure;
}

/**
 * Adds rows in their order, at a stated pace, until all are added or the time is up. What is added twice
 * is stored once, so that a run that was cut off anywhere can be repeated from any row before.
 */
export async function runImport(run: Run): Promise<RunOutcome> {
  const { rows, clock, progress } = run;
  const givenUp = startDeadline(givenUpMilliseconds);
  const signal = AbortSignal.any([run.signal, givenUp.signal]);
  const start = clock.now();
  let { done } = run;
  let { leftOut } = run;
  let [added, alreadyThere, rounds] = [0, 0, 0];
  const outcome = () => ({ done, added, alreadyThere, leftOut });
  try {
    while (done < rows.length) {
      if (rounds > 0) {
        const looked = await run.look(signal);
        if (!looked.ok) return { ...outcome(), failure: looked.reason };
        if (!looked.value) return { ...outcome(), isGone: true };
        leftOut = new Set([...leftOut, ...looked.value]);
      }
      const [round, passed] = nextRound(rows, done, leftOut);
      const outcomes = await Promise.all(
        round.map(({ expense, key }) =>
          run.store.add(run.userId, expense, { idempotencyKey: key, now: run.now(), signal }),
        ),
      );
      for (const outcome of outcomes) {
        if (!outcome.ok) continue;
        if (outcome.value.kind === "added") added += 1;
        else alreadyThere += 1;
      }
      const failed = outcomes.find((outcome) => !outcome.ok);
      if (failed && !failed.ok) return { ...outcome(), failure: failed.reason };
      done = passed;
      rounds += 1;
      progress(done, rows.length);
      const elapsed = clock.now() - start;
      if (elapsed >= runMilliseconds) break;
      const early = rounds * millisecondsPerRound - elapsed;
      if (done < rows.length && early > 0) await clock.wait(early, signal);
    }
  } finally {
    givenUp.end();
  }
  return outcome();
}

/** The rows to add next, and how many are passed with them. */
function nextRound(
  rows: readonly ImportRow[],
  done: number,
  leftOut: ReadonlySet<number>,
): [ImportRow[], number] {
  const round: ImportRow[] = [];
  let passed = done;
  while (round.length < linesAtOnce) {
    const row = rows[passed];
    if (!row) break;
    if (!leftOut.has(row.line)) round.push(row);
    passed += 1;
  }
  return [round, passed];
}
