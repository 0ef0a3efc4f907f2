import { type Metric, summarise } from "../measurement.ts";
import type { Report } from "./report.ts";

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
 * round of the other, and whose medians differ by a twentieth at least.
 */
export function compare(before: Report, after: Report): Comparison {
  const pairs = after.measurements.flatMap(({ name, metrics }) => {
    const earlier = before.measurements.find((measurement) => measurement.name === name);
    return metrics.flatMap((metric) => {
      const old = earlier?.metrics.find((candidate) => candidate.name === metric.name);
      return old ? [{ scenario: name, old, metric }] : [];
    });
  });
  return {
    compared: pairs.length,
    changes: pairs.flatMap(({ scenario, old, metric }) => changeOf(scenario, old, metric) ?? []),
    cautions: cautionsOf(before, after),
  };
}

function changeOf(scenario: string, old: Metric, metric: Metric): Change | undefined {
  const before = summarise(old.values);
  const after = summarise(metric.values);
  const overlap = before.lowest <= after.highest && after.lowest <= before.highest;
  const difference = Math.abs(after.median - before.median) / Math.abs(before.median);
  if (overlap || difference < smallest) return undefined;
  const isHigher = after.median > before.median;
  return {
    scenario,
    metric: metric.name,
    unit: metric.unit,
    before: before.median,
    after: after.median,
    verdict: isHigher === (metric.better === "higher") ? "better" : "worse",
  };
}

function cautionsOf(before: Report, after: Report): string[] {
  const differing = Object.entries(after.machine).flatMap(([name, value]) => {
    const earlier = Object.entries(before.machine).find(([other]) => other === name)?.[1];
    return earlier === value ? [] : [`${name}: ${earlier} before, ${value} now`];
  });
  if (before.seconds !== after.seconds) {
    differing.push(`seconds: ${before.seconds} before, ${after.seconds} now`);
  }
  const busy = [before, after].some(
    ({ loadBefore, machine }) => loadBefore > machine.processors / 2,
  );
  if (busy) {
    differing.push(
      `the machine was busy: load ${before.loadBefore} before, ${after.loadBefore} now`,
    );
  }
  return differing;
}
