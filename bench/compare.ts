import type { Metric, Report } from "./report.ts";
import { isMany, quantile } from "./statistics.ts";

/** A figure that is not what it was. */
export interface Change {
  readonly scenario: string;
  readonly metric: string;
  readonly unit: string;
  /** Medians. */
  readonly before: number;
  readonly after: number;
  readonly verdict: "better" | "worse";
}

export interface Comparison {
  readonly changes: readonly Change[];
  /** How many figures both runs have. */
  readonly compared: number;
  /** What makes the runs differ beside the code. */
  readonly cautions: readonly string[];
}

/** Medians that are closer than this share are the same, however little the rounds differ. */
const smallest = 0.05;

/**
 * What has changed beyond the spread: figures of which every round of one run is better than every
 * round of the other, and whose medians differ by a twentieth at least. Of figures with many values,
 * the middle half of one run is to be better than that of the other.
 */
export function compare(before: Report, after: Report): Comparison {
  const earlier = new Map(before.measurements.map(({ name, metrics }) => [name, metrics]));
  const pairs = after.measurements.flatMap(({ name: scenario, metrics }) =>
    metrics.flatMap((metric) => {
      const old = earlier.get(scenario)?.find(({ name }) => name === metric.name);
      return old ? [{ scenario, old, metric }] : [];
    }),
  );
  return {
    compared: pairs.length,
    changes: pairs.flatMap(({ scenario, old, metric }) => changeOf(scenario, old, metric) ?? []),
    cautions: cautionsOf(before, after),
  };
}

function changeOf(scenario: string, old: Metric, metric: Metric): Change | undefined {
  const trimmed = isMany(old.values) && isMany(metric.values) ? 0.25 : 0;
  const [lowestBefore, before, highestBefore] = spreadOf(old, trimmed);
  const [lowest, after, highest] = spreadOf(metric, trimmed);
  const overlap = lowestBefore <= highest && lowest <= highestBefore;
  if (overlap || Math.abs(after - before) / Math.abs(before) < smallest) return undefined;
  const verdict = after > before === (metric.unit === "1/s") ? "better" : "worse";
  return { scenario, metric: metric.name, unit: metric.unit, before, after, verdict };
}

function spreadOf({ values }: Metric, trimmed: number): [number, number, number] {
  return [quantile(values, trimmed), quantile(values, 0.5), quantile(values, 1 - trimmed)];
}

function cautionsOf(before: Report, after: Report): string[] {
  const facts = ({ machine, seconds }: Report) => Object.entries({ ...machine, seconds });
  const earlier = new Map(facts(before));
  const differing = facts(after)
    .filter(([name, value]) => earlier.get(name) !== value)
    .map(([name, value]) => `${name}: ${earlier.get(name)} before, ${value} now`);
  const isBusy = [before, after].some(
    ({ loadBefore, machine }) => loadBefore > machine.processors / 2,
  );
  if (!isBusy) return differing;
  const loads = `load ${before.loadBefore} before, ${after.loadBefore} now`;
  return [...differing, `the machine was busy: ${loads}`];
}
