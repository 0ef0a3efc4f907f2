import { createHistogram } from "node:perf_hooks";
import autocannon from "autocannon";
import type { CheckedRequest } from "./mcp.ts";
import type { Tally } from "./scenario.ts";

/** How long the load lasts, or how many requests are made: those are all answered at its end. */
export type LoadSize = { readonly connections: number } & (
  | { readonly seconds: number }
  | { readonly requests: number }
);

export interface Round {
  /** Answers per second; 0 where nothing was answered. */
  readonly rate: number;
  /** Milliseconds of one answer. */
  readonly p50: number;
  readonly p99: number;
}

/**
 * Makes the requests one after the other on each of the connections, and checks every answer. The
 * load ends at the first failed connection: the next would fail too.
 *
 * @param origin of a server on plain http
 */
export async function load(
  origin: string,
  requests: readonly CheckedRequest[],
  size: LoadSize,
  tally: Tally,
): Promise<Round> {
  // autocannon's own histogram counts whole milliseconds; this one counts microseconds.
  const times = createHistogram({ figures: 3 });
  const startedAt = performance.now();
  let endedAt = startedAt;
  await new Promise<void>((resolve, reject) => {
    const run = autocannon(
      {
        url: origin,
        connections: size.connections,
        ...("seconds" in size ? { duration: size.seconds } : { amount: size.requests }),
        bailout: 1,
        // How often it is checked whether the load is over, in milliseconds.
        sampleInt: 20,
        requests: requests.map(({ problem, ...request }) => ({
          ...request,
          onResponse: (status, body) => tally.count(problem({ status, body })),
        })),
      },
      (error) => (error ? reject(error) : resolve()),
    );
    run.on("response", (_client, _status, _bytes, milliseconds) => {
      endedAt = performance.now();
      times.record(Math.max(1, Math.round(milliseconds * 1000)));
    });
    run.on("reqError", (error) => tally.count(`no answer: ${error.message}`));
  });
  return {
    rate: times.count === 0 ? 0 : times.count / ((endedAt - startedAt) / 1000),
    p50: times.percentile(50) / 1000,
    p99: times.percentile(99) / 1000,
  };
}
