import type { Comparison } from "./compare.ts";
import type { Metric, Report } from "./report.ts";
import { isMany, quantile } from "./statistics.ts";

const explanation = `Medians of the rounds; ± is half of the distance from the lowest to the highest. Of pairs, in brackets: the
quartiles, then the 5th and the 95th percentile. Names of requests end with the era and the number of connections.
The local Functions host and the emulators, on the same machine as the server and its client, stand in for
Azure's: the figures compare versions of this project, not clouds.`;

/** A run's figures for people. */
export function textReport(report: Report): string {
  const { machine, loadBefore, seconds, rounds, duration, measurements } = report;
  const width = Math.max(...measurements.map(({ name }) => name.length));
  return [
    `${machine.processors} processors (${machine.processor}), ${machine.memoryGigabytes} GB, ${machine.system}, Node ${machine.node}; load before: ${loadBefore}`,
    `${rounds} rounds, ${seconds} s for each scenario, ${Math.round(duration)} s in all`,
    "",
    ...measurements.map(
      ({ name, metrics }) => `${name.padEnd(width)}  ${metrics.map(figure).join(", ")}`,
    ),
    "",
    explanation,
  ].join("\n");
}

export function textComparison({ changes, compared, cautions }: Comparison): string {
  const lines = changes.map(
    ({ verdict, scenario, metric, unit, before, after }) =>
      `  ${verdict.padEnd(6)}  ${scenario}, ${metric}: ${shown(before)} → ${shown(after)} ${unit} (${percent(after / before - 1)})`,
  );
  return [
    `Compared with the earlier run: ${compared} figures, ${changes.length} changed beyond the spread.`,
    ...lines,
    ...cautions.map((caution) => `  caution: ${caution}`),
  ].join("\n");
}

function figure({ name, unit, values }: Metric): string {
  const at = (share: number) => quantile(values, share);
  const text = (value: number) => (unit === "times" ? value.toFixed(3) : shown(value));
  const median = unit === "times" ? text(at(0.5)) : `${text(at(0.5))} ${unit}`;
  if (isMany(values)) {
    const [p5, p25, p75, p95] = [0.05, 0.25, 0.75, 0.95].map((share) => text(at(share)));
    return `${name} ${median} (${p25} to ${p75}; ${p5} to ${p95}; ${values.length} pairs)`;
  }
  const spread = values.length > 1 ? ` ±${Math.round(((at(1) - at(0)) / 2 / at(0.5)) * 100)}%` : "";
  return `${name} ${median}${spread}`;
}

/** Three digits that matter: more would say more than was measured. */
function shown(value: number): string {
  if (value >= 100) return Math.round(value).toLocaleString("en");
  return value.toFixed(value >= 10 ? 1 : 2);
}

function percent(share: number): string {
  return `${share > 0 ? "+" : ""}${Math.round(share * 100)} %`;
}
