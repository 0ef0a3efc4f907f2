import { createPipeline, host } from "../in-process/pipeline.ts";
import { token } from "../in-process/tokens.ts";
import { type Call, type Round, runClosedLoop } from "../load/closed-loop.ts";
import { measurementOf } from "../load/rounds.ts";
import type { Effort, ScenarioGroup } from "../scenario.ts";
import { mcpExchange, newExpense } from "./requests.ts";

/** The code alone, in this process: no network, no host, one call after another. */
export const inProcess: ScenarioGroup = {
  names: ["pipeline/modern", "pipeline/older"],

  async measure(names, effort) {
    const endpoint = createPipeline();
    const params = { name: "add_user_expense", arguments: newExpense };

    const throughPipeline = (era: "modern" | "older"): Call => {
      const { method, headers = {}, body = "" } = mcpExchange(era, token, "tools/call", params);
      const init = { method, headers: { ...headers, host }, body };
      return async () => {
        const request = new Request("https://server.invalid/mcp", init);
        const response = await endpoint(request, { id: "bench", log: () => {} });
        const text = await response.text();
        return text.includes("Recorded: ") ? undefined : `answered ${response.status}: ${text}`;
      };
    };
    const calls: Readonly<Record<string, Call>> = {
      "pipeline/modern": throughPipeline("modern"),
      "pipeline/older": throughPipeline("older"),
    };
    const measured = Object.entries(calls).filter(([name]) => names.has(name));
    const measurements = [];
    for (const [name, call] of measured) {
      measurements.push(measurementOf(name, await roundsOf(call, effort), "µs"));
    }
    return measurements;
  },
};

async function roundsOf(call: Call, { seconds, rounds }: Effort): Promise<Round[]> {
  const loop = { connections: 1, milliseconds: (seconds * 1000) / rounds };
  // The compiler of Node has seen all of it, and optimised it, before anything is measured.
  await runClosedLoop(call, loop);
  const measured: Round[] = [];
  for (let round = 0; round < rounds; round += 1) measured.push(await runClosedLoop(call, loop));
  return measured;
}
