import { createHttpClient, type HttpExchange } from "../load/http-client.ts";
import type { Measurement, Metric } from "../report.ts";
import type { ScenarioGroup } from "../scenario.ts";
import type { BenchedServer, Stack } from "../stack/stack.ts";
import { readResult } from "./mcp-answer.ts";
import { mcpExchange } from "./requests.ts";

const name = "cold-start";

interface Start {
  /** Milliseconds since the process was started. */
  readonly firstAnswer: number;
  readonly firstToolCall: number;
  readonly problem: string | undefined;
}

/** From the start of the server's process to its first answers. */
export const coldStart: ScenarioGroup = {
  names: [name],

  async measure(_names, { stack: startStack, rounds }) {
    const stack = await startStack();
    const token = await stack.token("user1@contoso.example");
    const params = { name: "get_user_expenses", arguments: {} };
    const call = mcpExchange("modern", token, "tools/call", params);
    // Once unmeasured: the files come into the system's memory.
    await startOnce(stack, call);
    const starts: Start[] = [];
    for (let round = 0; round < rounds; round += 1) starts.push(await startOnce(stack, call));
    const problems = starts.flatMap(({ problem }) => problem ?? []);
    const metric = (of: "firstAnswer" | "firstToolCall", as: string): Metric => ({
      name: as,
      unit: "ms",
      values: starts.map((start) => start[of]),
    });
    const measurement: Measurement = {
      name,
      metrics: [metric("firstAnswer", "first answer"), metric("firstToolCall", "first tool call")],
      answers: starts.length * 2,
      errors: problems.length,
      firstError: problems[0],
    };
    return [measurement];
  },
};

async function startOnce(stack: Stack, call: HttpExchange): Promise<Start> {
  const startedAt = performance.now();
  await using server: BenchedServer = await stack.startServer();
  using client = createHttpClient(server.origin, 1);
  const health = await client.send({ method: "GET", path: "/health" });
  const firstAnswer = performance.now() - startedAt;
  const result = readResult(await client.send(call));
  const firstToolCall = performance.now() - startedAt;
  const problem = health.status === 200 ? undefined : `/health answered ${health.status}`;
  return {
    firstAnswer,
    firstToolCall,
    problem: problem ?? (typeof result === "string" ? result : undefined),
  };
}
