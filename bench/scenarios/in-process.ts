import { createPipeline, host } from "../in-process/pipeline.ts";
import { createVerification } from "../in-process/tokens.ts";
import { type Call, type Round, runClosedLoop } from "../load/closed-loop.ts";
import { measurementOf } from "../load/rounds.ts";
import { mcpRequest } from "../mcp.ts";
import type { Effort, ScenarioGroup } from "../scenario.ts";
import { newExpense } from "./http.ts";

/** The code alone, in this process: no network, no host, one call after another. */
export const inProcess: ScenarioGroup = {
  names: ["pipeline/modern", "pipeline/legacy", "token-verification"],

  async measure(names, effort) {
    const { verifier, token } = await createVerification();
    const endpoint = createPipeline(verifier);

    const throughPipeline = (era: "modern" | "legacy"): Call => {
      const { method, headers, body } = mcpRequest(era, token, {
        tool: "add_user_expense",
        arguments: newExpense,
        isExpected: () => true,
      });
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
      "pipeline/legacy": throughPipeline("legacy"),
      "token-verification": async () => {
        const verified = await verifier.verify(token);
        return verified.ok ? undefined : verified.reason.kind;
      },
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
