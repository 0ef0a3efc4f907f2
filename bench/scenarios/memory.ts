import { createHttpClient, type HttpExchange } from "../load/http-client.ts";
import { residentMegabytes } from "../memory/resident.ts";
import type { Measurement, Metric } from "../report.ts";
import type { ScenarioGroup } from "../scenario.ts";
import { readResult } from "./mcp-answer.ts";
import { mcpExchange } from "./requests.ts";

const name = "memory";
const connections = 16;
/** 3,000 unless the run is to be shorter or longer than usual. */
const requestsPerSecondOfEffort = 1000;

/** What a fresh server's process holds after its first request, and after thousands. */
export const memory: ScenarioGroup = {
  names: [name],

  async measure(_names, { stack: startStack, seconds }) {
    const stack = await startStack();
    await using server = await stack.startServer();
    using client = createHttpClient(server.origin, connections);
    const token = await stack.token("user1@contoso.example");
    const exchanges = [
      mcpExchange("modern", token, "tools/list", {}),
      mcpExchange("older", token, "tools/call", { name: "get_user_expenses", arguments: {} }),
    ];
    const problems: string[] = [];
    const ask = async (exchange: HttpExchange) => {
      const result = readResult(await client.send(exchange));
      if (typeof result === "string") problems.push(result);
    };
    for (const exchange of exchanges) await ask(exchange);
    const atFirst = await residentMegabytes(server.processId);

    const rounds = Math.ceil((seconds * requestsPerSecondOfEffort) / connections / 2);
    for (let round = 0; round < rounds; round += 1) {
      const batch = Array.from({ length: connections }, () => exchanges).flat();
      await Promise.all(batch.map(ask));
    }
    const afterwards = await residentMegabytes(server.processId);
    const requests = rounds * connections * 2;
    const metric = (as: string, value: number | undefined): Metric[] =>
      value === undefined ? [] : [{ name: as, unit: "MB", values: [value] }];
    const measurement: Measurement = {
      name,
      metrics: [
        ...metric("at first", atFirst),
        ...metric(`after ${requests} requests`, afterwards),
      ],
      answers: requests + exchanges.length,
      errors: problems.length,
      firstError: problems[0],
    };
    return [measurement];
  },
};
