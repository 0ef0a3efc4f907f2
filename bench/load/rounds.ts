import type { Measurement, Metric } from "../report.ts";
import type { Round } from "./closed-loop.ts";

const percentiles = [50, 95, 99] as const;

const nanoseconds = { ms: 1e6, µs: 1e3 } as const;

/** Rounds of one scenario as figures: calls per second, and how long one takes. */
export function measurementOf(
  name: string,
  rounds: readonly Round[],
  unit: keyof typeof nanoseconds,
): Measurement {
  const rate: Metric = {
    name: "rate",
    unit: "1/s",
    values: rounds.map(({ answers, seconds }) => answers / seconds),
  };
  const times = percentiles.map(
    (percentile): Metric => ({
      name: `p${percentile}`,
      unit,
      values: rounds.map(({ latencies }) => latencies.percentile(percentile) / nanoseconds[unit]),
    }),
  );
  return {
    name,
    metrics: [rate, ...times],
    answers: sum(rounds.map(({ answers }) => answers)),
    errors: sum(rounds.map(({ errors }) => errors)),
    firstError: rounds.find(({ firstError }) => firstError !== undefined)?.firstError,
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
