import { describe, expect, it } from "vitest";
import { compare } from "../../bench/compare.ts";
import { textComparison } from "../../bench/text.ts";
import { verifies } from "../requirements.ts";
import { reportOf } from "./reports.ts";

describe("a comparison", () => {
  it(verifies("bench.compare", "names what changed beyond the spread, and nothing else"), () => {
    const before = reportOf({
      faster: [100, 110, 120],
      slower: [100, 110, 120],
      "the same": [100, 110, 120],
      "hardly changed": [100, 100, 100],
      gone: [1],
    });
    const after = reportOf({
      faster: [150, 160, 170],
      slower: [50, 55, 60],
      "the same": [119, 130, 140],
      "hardly changed": [103, 103, 103],
      new: [1],
    });
    const comparison = compare(before, after);
    expect(comparison.compared).toBe(4);
    expect(comparison.cautions).toEqual([]);
    expect(comparison.changes).toEqual([
      {
        scenario: "faster",
        metric: "rate",
        unit: "1/s",
        before: 110,
        after: 160,
        verdict: "better",
      },
      { scenario: "slower", metric: "rate", unit: "1/s", before: 110, after: 55, verdict: "worse" },
    ]);
    const text = textComparison(comparison);
    expect(text).toContain("4 figures, 2 changed beyond the spread");
    expect(text).toContain("better  faster, rate: 110 → 160 1/s (+45 %)");
    expect(text).toContain("worse   slower, rate: 110 → 55.0 1/s (-50 %)");
  });

  it(verifies("bench.compare", "knows of which figures less is better"), () => {
    const withTimes = (values: number[]) => {
      const report = reportOf({});
      const metrics = [{ name: "p50", unit: "ms" as const, values }];
      return { ...report, measurements: [{ name: "call", metrics, answers: 1, errors: 0 }] };
    };
    const { changes } = compare(withTimes([2, 2.1]), withTimes([1, 1.1]));
    expect(changes.map(({ verdict }) => verdict)).toEqual(["better"]);
  });

  it(verifies("bench.compare", "says what else differs between the runs"), () => {
    const before = reportOf({});
    const after = {
      ...before,
      seconds: 5,
      loadBefore: 1.5,
      machine: { ...before.machine, node: "26.0.0" },
    };
    expect(compare(before, after).cautions).toEqual([
      "node: 24.0.0 before, 26.0.0 now",
      "seconds: 1 before, 5 now",
      "the machine was busy: load 0 before, 1.5 now",
    ]);
  });
});
