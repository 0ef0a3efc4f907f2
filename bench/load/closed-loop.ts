import { createHistogram, type RecordableHistogram } from "node:perf_hooks";

/** Makes one call and looks at its answer. Returns what is wrong with it, if anything is. */
export type Call = () => Promise<string | undefined>;

export interface Round {
  readonly answers: number;
  readonly errors: number;
  readonly firstError: string | undefined;
  readonly seconds: number;
  /** Of one call each, in nanoseconds. */
  readonly latencies: RecordableHistogram;
}

/** Nanoseconds. A call that takes longer is counted as this. */
const longest = 60_000_000_000;

/**
 * Makes calls on so many connections for a while: on each, the next one when the last is answered.
 *
 * It is our own, as long as none of the load generators is a dependency: a closed loop is a few
 * lines, percentiles come from Node's own histogram (HdrHistogram), and a generator would have to be
 * taught to judge every answer anyway. A closed loop asks less of a server that gets slow, so that
 * its percentiles are those of a server that is kept busy, not of one that is overrun.
 *
 * @param milliseconds every connection makes one call at least
 */
export async function runClosedLoop(
  call: Call,
  { connections, milliseconds }: { connections: number; milliseconds: number },
): Promise<Round> {
  const latencies = createHistogram({ lowest: 1, highest: longest, figures: 3 });
  let errors = 0;
  let answers = 0;
  let firstError: string | undefined;
  const startedAt = performance.now();
  const endsAt = startedAt + milliseconds;

  const connection = async () => {
    let before = performance.now();
    do {
      const problem = await call();
      const after = performance.now();
      latencies.record(Math.min(longest, Math.max(1, Math.round((after - before) * 1e6))));
      before = after;
      answers += 1;
      if (problem !== undefined) {
        errors += 1;
        firstError ??= problem;
      }
    } while (before < endsAt);
  };
  await Promise.all(Array.from({ length: connections }, connection));
  const seconds = (performance.now() - startedAt) / 1000;
  return { answers, errors, firstError, seconds, latencies };
}
