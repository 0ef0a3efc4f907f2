import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { Bench } from "tinybench";
import type { Era } from "../../probe/shared/mcp-message.ts";
import { checkToken, createFloor, trivialTool } from "../in-process/floor.ts";
import { createServer, type InProcessServer } from "../in-process/server.ts";
import { type Answer, type CheckedRequest, mcpRequest } from "../mcp.ts";
import type { Metric } from "../report.ts";
import { type ScenarioGroup, Tally } from "../scenario.ts";
import { inTurns, type Pair } from "../statistics.ts";
import { newExpense } from "./http.ts";

/** Of blocks. The ratio of server and floor is what the project is held to. */
const measuredPairs = { server: 150, others: 50 };
/** Before anything is measured, Node's compiler has seen all of it and optimised it. */
const warmUpPairs = 20;
const callsPerBlock = 100;

/** A call in this process that is made again and again. */
interface Side {
  /** One `Request` in, one `Response` out, its body read as text. */
  readonly call: () => Promise<Answer>;
  readonly problem: CheckedRequest["problem"];
}

interface Sides {
  /** The trivial tool, called on the floor. */
  readonly floor: Side;
  /** The same tool, called on the server. */
  readonly server: Side;
  /** `add_user_expense`, called on the server with the sample domain. */
  readonly sampleCall: Side;
  readonly sampleList: Side;
  /** The check of the token's signature alone. */
  readonly signature: Side;
}

/** What is divided by what. */
const ratios: ReadonlyMap<string, readonly [Era, keyof Sides, keyof Sides]> = new Map([
  ["floor/modern", ["modern", "server", "floor"]],
  ["floor/legacy", ["legacy", "server", "floor"]],
  ["floor/list-to-call/modern", ["modern", "sampleList", "sampleCall"]],
  ["floor/list-to-call/legacy", ["legacy", "sampleList", "sampleCall"]],
  // How far it is from 1 is what the method cannot see.
  ["floor/itself", ["modern", "floor", "floor"]],
  ["sample-call/modern", ["modern", "sampleCall", "floor"]],
  ["sample-call/legacy", ["legacy", "sampleCall", "floor"]],
  ["signature", ["modern", "signature", "floor"]],
]);

/** What the server costs in this process, as a multiple of what it is built on. */
export const floor: ScenarioGroup = {
  names: [...ratios.keys()],

  async measure(names, { rounds }) {
    const trivial = await createServer("trivial");
    const sample = await createServer("sample");
    const sides = {
      modern: createSides("modern", trivial, sample),
      legacy: createSides("legacy", trivial, sample),
    };
    const measurements = [];
    for (const [name, [era, side, by]] of ratios) {
      if (!names.has(name)) continue;
      const tally = new Tally();
      const count = measuredPairs[side === "server" ? "server" : "others"];
      const [calls, warmUp, measured] =
        rounds === 1 ? [2, 0, 2] : [callsPerBlock, warmUpPairs, count];
      const pairs = await inTurns(
        warmUp + measured,
        () => timeBlock(sides[era][side], calls, tally),
        () => timeBlock(sides[era][by], calls, tally),
      );
      measurements.push(tally.measurement(name, metricsOf(pairs.slice(warmUp))));
    }
    return measurements;
  },
};

/** Milliseconds of one call. */
interface BlockTimes {
  /** With its share of collecting the block's garbage. */
  readonly mean: number;
  /** Blind to that, and to whatever else the machine does meanwhile. */
  readonly median: number;
}

function metricsOf(pairs: readonly Pair<BlockTimes>[]): Metric[] {
  const ratios = (of: keyof BlockTimes) => pairs.map(({ one, other }) => one[of] / other[of]);
  return [
    { name: "ratio", unit: "times", values: ratios("mean") },
    { name: "of the median calls", unit: "times", values: ratios("median") },
    { name: "one call", unit: "µs", values: pairs.map(({ one }) => one.mean * 1000) },
  ];
}

/**
 * Makes so many calls, one after the other, and checks every answer outside the measured time. Young
 * garbage is collected before, and after, where it counts: a block would otherwise pay for the one
 * before it.
 */
async function timeBlock(
  { call, problem }: Side,
  calls: number,
  tally: Tally,
): Promise<BlockTimes> {
  const bench = new Bench({ iterations: calls, time: 0, warmup: false, throws: true });
  let answer: Answer = { status: 0, body: "" };
  const keepAnswer = async () => {
    answer = await call();
  };
  bench.add("block", keepAnswer, { async: true, afterEach: () => tally.count(problem(answer)) });
  collectYoungGarbage();
  const [task] = await bench.run();
  const collectingFrom = performance.now();
  collectYoungGarbage();
  const collecting = performance.now() - collectingFrom;
  if (task?.result.state !== "completed") throw new Error("A block was not completed.");
  const { mean, p50 } = task.result.latency;
  return { mean: mean + collecting / calls, median: p50 };
}

setFlagsFromString("--expose-gc");
const collectGarbage: NodeJS.GCFunction = runInNewContext("gc");

function collectYoungGarbage(): void {
  collectGarbage({ type: "minor" });
}

function createSides(era: Era, trivial: InProcessServer, sample: InProcessServer): Sides {
  const addition = mcpRequest(era, trivial.token, {
    tool: trivialTool.name,
    arguments: { a: 19, b: 23 },
    isExpected: ({ structuredContent }) => structuredContent?.sum === 42,
  });
  const expense = mcpRequest(era, sample.token, {
    tool: "add_user_expense",
    arguments: newExpense,
    isExpected: ({ structuredContent }) => structuredContent?.expense !== undefined,
  });
  const list = mcpRequest(era, sample.token, {
    isExpected: ({ tools = [] }) => tools.some(({ name }) => name === "add_user_expense"),
  });
  return {
    floor: sideOf(createFloor(trivial.verification), trivial.origin, addition),
    server: sideOf(trivial.endpoint, trivial.origin, addition),
    sampleCall: sideOf(sample.endpoint, sample.origin, expense),
    sampleList: sideOf(sample.endpoint, sample.origin, list),
    signature: {
      async call() {
        await checkToken(trivial.token, trivial.verification);
        return { status: 200, body: "" };
      },
      problem: () => undefined,
    },
  };
}

function sideOf(
  endpoint: (request: Request) => Promise<Response>,
  origin: string,
  { path, method, headers, body, problem }: CheckedRequest,
): Side {
  const init = { method, headers: { ...headers, host: new URL(origin).host }, body };
  return {
    async call() {
      const response = await endpoint(new Request(`${origin}${path}`, init));
      return { status: response.status, body: await response.text() };
    },
    problem,
  };
}
