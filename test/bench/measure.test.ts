import { describe, expect, it } from "vitest";
import { runClosedLoop } from "../../bench/load/closed-loop.ts";
import { measurementOf } from "../../bench/load/rounds.ts";
import { problemsOf } from "../../bench/report.ts";
import { readResult } from "../../bench/scenarios/mcp-answer.ts";
import { quantile } from "../../bench/statistics.ts";
import { verifies } from "../requirements.ts";
import { reportOf } from "./reports.ts";

describe("a round", () => {
  it(
    verifies("bench.scenarios", "keeps every connection busy with one call at a time"),
    async () => {
      let running = 0;
      let most = 0;
      const call = async () => {
        running += 1;
        most = Math.max(most, running);
        await Promise.resolve();
        running -= 1;
        return undefined;
      };
      const round = await runClosedLoop(call, { connections: 7, milliseconds: 0 });
      expect(most).toBe(7);
      expect(round.answers).toBe(7);
      expect(round.latencies.count).toBe(7);
      expect(round.errors).toBe(0);
    },
  );

  it(verifies("bench.wrong-answers", "counts what is wrong, and keeps the first"), async () => {
    let calls = 0;
    const call = async () => {
      calls += 1;
      return calls > 1 ? `wrong ${calls}` : undefined;
    };
    const round = await runClosedLoop(call, { connections: 3, milliseconds: 0 });
    const measurement = measurementOf("name", [round, round], "ms");
    expect(measurement).toMatchObject({ answers: 6, errors: 4, firstError: "wrong 2" });
    const report = { ...reportOf({}), measurements: [{ ...measurement, metrics: [] }] };
    expect(problemsOf(report)).toEqual(["name: 4 of 6 answers were wrong, the first: wrong 2"]);
    expect(problemsOf(reportOf({ name: [1] }))).toEqual([]);
  });
});

describe("an answer", () => {
  const json = { "content-type": "application/json" };
  const stream = { "content-type": "text/event-stream" };
  const text = (result: unknown) => JSON.stringify({ jsonrpc: "2.0", id: 1, result });

  it(verifies("bench.wrong-answers", "is read in both eras"), () => {
    const body = text({ tools: [] });
    expect(readResult({ status: 200, headers: json, body })).toEqual({ tools: [] });
    const event = `event: message\ndata: ${body}\n\n`;
    expect(readResult({ status: 200, headers: stream, body: event })).toEqual({ tools: [] });
  });

  it.each([
    [500, json, text({})],
    [200, json, text({ isError: true })],
    [200, json, JSON.stringify({ jsonrpc: "2.0", id: 1, error: { code: 1, message: "" } })],
    [200, json, "not JSON"],
    [200, stream, "event: message\n\n"],
  ])(verifies("bench.wrong-answers", "is wrong: %i %j %s"), (status, headers, body) => {
    expect(readResult({ status, headers, body })).toContain(`answered ${status}`);
  });
});

it("summarises values by quantiles", () => {
  expect([0, 0.5, 1].map((share) => quantile([9, 1, 5], share))).toEqual([1, 5, 9]);
  expect(quantile([4, 1, 2, 3], 0.5)).toBe(2.5);
  expect(quantile([1, 2, 3, 4, 5], 0.05)).toBeCloseTo(1.2);
});
