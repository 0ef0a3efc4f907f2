import { type Metric, summarise } from "../measurement.ts";
import type { Comparison } from "./compare.ts";
import { shown } from "./number.ts";
import type { Report } from "./report.ts";

const explanation = `Medians of the rounds; ± is half of what lies between the lowest and the highest. The names of requests
end with the era and the number of connections. The local Functions host and the emulators stand in for
Azure's, and share this machine with the server and whoever asks it: the figures compare versions of
this project, not clouds.`;

/** A run's figures for people. */
export function textReport(report: Report): string {
  const { machine, loadBefore, seconds, rounds, duration } = report;
  const loads = report.measurements.filter(isLoad);
  const others = report.measurements.filter((measurement) => !isLoad(measurement));
  return [
    `${machine.processors} processors (${machine.processor}), ${machine.memoryGigabytes} GB, ${machine.system}, Node ${machine.node}; load before: ${loadBefore}`,
    `${rounds} rounds, ${seconds} s for each scenario, ${Math.round(duration)} s in all`,
    ...(loads.length > 0 ? ["", loadTable(loads)] : []),
    ...(others.length > 0 ? ["", ...others.map(line)] : []),
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

type Measurement = Report["measurements"][number];

function isLoad({ metrics }: Measurement): boolean {
  return metrics.some(({ unit }) => unit === "1/s");
}

function loadTable(measurements: readonly Measurement[]): string {
  const rows = measurements.map(({ name, metrics }) => [
    name,
    ...metrics.flatMap((metric) => (metric.unit === "1/s" ? withSpread(metric) : [median(metric)])),
    metrics.at(-1)?.unit ?? "",
  ]);
  const table = [["", "per second", "±", "p50", "p95", "p99", ""], ...rows];
  const widths = table.reduce<number[]>(
    (found, row) => row.map((cell, column) => Math.max(found[column] ?? 0, cell.length)),
    [],
  );
  return table
    .map((row) =>
      row
        .map((cell, column) =>
          column === 0 || column === row.length - 1
            ? cell.padEnd(widths[column] ?? 0)
            : cell.padStart(widths[column] ?? 0),
        )
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

function line({ name, metrics }: Measurement): string {
  const figures = metrics.map((metric) => {
    const [value, spread] = withSpread(metric);
    const named = name.startsWith("import/") || name.startsWith("bundle-size/");
    return `${named ? "" : `${metric.name} `}${value} ${metric.unit}${metric.values.length > 1 ? ` ${spread}` : ""}`;
  });
  return `${name.padEnd(40)}  ${figures.join(", ")}`;
}

function withSpread({ values }: Metric): [string, string] {
  const { median: middle, lowest, highest } = summarise(values);
  return [shown(middle), `±${Math.round(((highest - lowest) / 2 / middle) * 100)}%`];
}

function median({ values }: Metric): string {
  return shown(summarise(values).median);
}

function percent(share: number): string {
  return `${share > 0 ? "+" : ""}${Math.round(share * 100)} %`;
}
