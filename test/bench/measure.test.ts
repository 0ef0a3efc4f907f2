import { createServer as createHttpServer, type RequestListener } from "node:http";
import { describe, expect, it } from "vitest";
import { createFloor, trivialTool } from "../../bench/in-process/floor.ts";
import { createServer } from "../../bench/in-process/server.ts";
import { load } from "../../bench/load.ts";
import { type CheckedRequest, eras, mcpRequest, readResult } from "../../bench/mcp.ts";
import { problemsOf } from "../../bench/report.ts";
import { Tally } from "../../bench/scenario.ts";
import { inTurns, quantile } from "../../bench/statistics.ts";
import { verifies } from "../requirements.ts";
import { listen } from "../support/listen.ts";
import { reportOf } from "./reports.ts";

async function serving(listener: RequestListener) {
  const { port, close } = await listen(createHttpServer(listener));
  return { origin: `http://127.0.0.1:${port}`, [Symbol.asyncDispose]: close };
}

const request: CheckedRequest = {
  method: "GET",
  path: "/",
  problem: ({ status, body }) => (status === 200 ? undefined : `wrong ${body}`),
};

describe("a load", () => {
  it(verifies("bench.scenarios", "keeps each connection busy, one call at a time"), async () => {
    let running = 0;
    let most = 0;
    await using server = await serving((_, response) => {
      running += 1;
      most = Math.max(most, running);
      setTimeout(() => {
        running -= 1;
        response.end();
      }, 5);
    });
    const tally = new Tally();
    const size = { connections: 7, requests: 70 };
    const round = await load(server.origin, [request], size, tally);
    expect(most).toBe(7);
    expect(tally).toMatchObject({ answers: 70, errors: 0 });
    expect(round.p50).toBeGreaterThanOrEqual(4);
    expect(round.p99).toBeGreaterThanOrEqual(round.p50);
    expect(round.rate).toBeGreaterThan(0);
  });

  it(verifies("bench.wrong-answers", "counts what is wrong, and keeps the first"), async () => {
    let calls = 0;
    await using server = await serving((_, response) => {
      calls += 1;
      response.writeHead(calls > 2 ? 500 : 200).end(String(calls));
    });
    const tally = new Tally();
    await load(server.origin, [request], { connections: 1, requests: 6 }, tally);
    const measurement = tally.measurement("name", []);
    expect(measurement).toMatchObject({ answers: 6, errors: 4, firstError: "wrong 3" });
    const report = { ...reportOf({}), measurements: [measurement] };
    expect(problemsOf(report)).toEqual(["name: 4 of 6 answers were wrong, the first: wrong 3"]);
    expect(problemsOf(reportOf({ name: [1] }))).toEqual([]);
  });

  it(verifies("bench.wrong-answers", "counts an answer that never comes, and ends"), async () => {
    await using server = await serving(({ socket }) => socket.resetAndDestroy());
    const tally = new Tally();
    await load(server.origin, [request], { connections: 2, requests: 1000 }, tally);
    expect(tally.errors).toBeGreaterThan(0);
    expect(tally.firstError).toContain("no answer: ");
  });
});

it(verifies("bench.scenarios", "is a rate of 0 where nothing answers in time"), async () => {
  await using server = await serving(() => {});
  const size = { connections: 2, seconds: 0.05 };
  expect(await load(server.origin, [request], size, new Tally())).toMatchObject({ rate: 0 });
});

describe("an answer", () => {
  const text = (result: unknown) => JSON.stringify({ jsonrpc: "2.0", id: 1, result });

  it(verifies("bench.wrong-answers", "is read in both eras"), () => {
    const body = text({ tools: [] });
    expect(readResult({ status: 200, body })).toEqual({ tools: [] });
    const event = `event: message\ndata: ${body}\n\n`;
    expect(readResult({ status: 200, body: event })).toEqual({ tools: [] });
  });

  it.each([
    [500, text({})],
    [200, text({ isError: true })],
    [200, JSON.stringify({ jsonrpc: "2.0", id: 1, error: { code: 1, message: "" } })],
    [200, "not JSON"],
    [200, "event: message\n\n"],
  ])(verifies("bench.wrong-answers", "is wrong: %i %s"), (status, body) => {
    expect(readResult({ status, body })).toContain(`answered ${status}`);
  });
});

describe("the floor", () => {
  it.each(eras)(verifies("bench.floor", "answers a call as the server does: %s"), async (era) => {
    const { endpoint, origin, token, verification } = await createServer("trivial");
    const floor = createFloor(verification);
    const { path, method, headers, body, problem } = mcpRequest(era, token, {
      tool: trivialTool.name,
      arguments: { a: 19, b: 23 },
      isExpected: ({ structuredContent }) => structuredContent?.sum === 42,
    });
    const init = { method, headers: { ...headers, host: new URL(origin).host }, body };
    const results = [];
    for (const side of [endpoint, floor]) {
      const response = await side(new Request(`${origin}${path}`, init));
      const answer = { status: response.status, body: await response.text() };
      expect(problem(answer)).toBeUndefined();
      const { _meta, ...result } = Object(readResult(answer));
      results.push(result);
    }
    expect(results[0]).toEqual(results[1]);
  });

  it(verifies("bench.floor", "checks the token"), async () => {
    const { origin, verification } = await createServer("trivial");
    const { token } = await createServer("trivial");
    const { path, method, headers, body } = mcpRequest("modern", token, { isExpected: () => true });
    const signedByAnother = new Request(`${origin}${path}`, { method, headers, body });
    await expect(createFloor(verification)(signedByAnother)).rejects.toThrow("signature");
  });
});

describe("two sides", () => {
  it(verifies("bench.floor", "are measured in turns, each first every other time"), async () => {
    const order: string[] = [];
    const side = (name: string) => async () => order.push(name);
    const pairs = await inTurns(3, side("a"), side("b"));
    expect(order).toEqual(["a", "b", "b", "a", "a", "b"]);
    expect(pairs).toEqual([
      { one: 1, other: 2 },
      { one: 4, other: 3 },
      { one: 5, other: 6 },
    ]);
  });
});

it("summarises values by quantiles", () => {
  expect([0, 0.5, 1].map((share) => quantile([9, 1, 5], share))).toEqual([1, 5, 9]);
  expect(quantile([4, 1, 2, 3], 0.5)).toBe(2.5);
  expect(quantile([1, 2, 3, 4, 5], 0.05)).toBeCloseTo(1.2);
});
