import type { Report } from "../../bench/report.ts";

/** A report of one figure, requests per second, of each scenario given with its rounds. */
export function reportOf(scenarios: Readonly<Record<string, number[]>>): Report {
  return {
    version: 1,
    startedAt: "2026-11-21T00:00:00.000Z",
    duration: 1,
    machine: {
      processors: 2,
      processor: "any",
      memoryGigabytes: 8,
      system: "linux x64",
      node: "24.0.0",
    },
    loadBefore: 0,
    seconds: 1,
    rounds: 5,
    measurements: Object.entries(scenarios).map(([name, values]) => ({
      name,
      metrics: [{ name: "rate", unit: "1/s", values }],
      answers: 1,
      errors: 0,
    })),
  };
}
