import { type Call, type Round, runClosedLoop } from "../load/closed-loop.ts";
import { createHttpClient, type HttpClient } from "../load/http-client.ts";
import { measurementOf } from "../load/rounds.ts";
import type { Measurement } from "../report.ts";
import type { Effort, ScenarioGroup } from "../scenario.ts";
import { preparePeople } from "./people.ts";
import { type BenchedRequest, benchedRequests, requestNames } from "./requests.ts";

/** A client that waits for each answer, and one that fans out, within what one caller is granted. */
const connectionCounts = [1, 16] as const;

interface HttpScenario {
  readonly name: string;
  readonly stores: boolean;
  readonly connections: number;
  readonly call: Call;
  readonly rounds: Round[];
}

/** Every kind of request over HTTP, against the built server on the laptop stack. */
export const httpLoad: ScenarioGroup = {
  names: requestNames.flatMap((name) => connectionCounts.map((count) => `${name}/${count}`)),

  async measure(names, { stack: startStack, ...effort }) {
    const stack = await startStack();
    await using server = await stack.startServer();
    using client = createHttpClient(server.origin, Math.max(...connectionCounts));
    const requests = benchedRequests(await preparePeople(stack, client));
    const scenarios = requests
      .flatMap((request) => connectionCounts.map((count) => scenarioOf(request, count, client)))
      .filter(({ name }) => names.has(name));
    // What stores makes the emulator's queries dearer for all that come after it.
    await measureInTurn(
      scenarios.filter(({ stores }) => !stores),
      effort,
    );
    await measureInTurn(
      scenarios.filter(({ stores }) => stores),
      effort,
    );
    return scenarios.map(({ name, rounds }): Measurement => measurementOf(name, rounds, "ms"));
  },
};

function scenarioOf(
  { name, stores, exchange, problem }: BenchedRequest,
  connections: number,
  client: HttpClient,
): HttpScenario {
  return {
    name: `${name}/${connections}`,
    stores,
    connections,
    rounds: [],
    call: async () => {
      try {
        return problem(await client.send(exchange));
      } catch (error) {
        return `no answer: ${error instanceof Error ? error.message : error}`;
      }
    },
  };
}

/**
 * One round of each, then the next round: whatever else the machine does for a while is in one round
 * of many scenarios, and not in all rounds of one.
 */
async function measureInTurn(
  scenarios: readonly HttpScenario[],
  { seconds, rounds }: Effort,
): Promise<void> {
  const milliseconds = (seconds * 1000) / rounds;
  // Few scenarios need more of it: most code is warmed up by all of them together.
  const warmUp = (seconds * 1000) / Math.min(rounds * 2, scenarios.length);
  for (const { call, connections } of scenarios) {
    await runClosedLoop(call, { connections, milliseconds: warmUp });
  }
  for (let round = 0; round < rounds; round += 1) {
    for (const scenario of scenarios) {
      const { call, connections } = scenario;
      scenario.rounds.push(await runClosedLoop(call, { connections, milliseconds }));
    }
  }
}
