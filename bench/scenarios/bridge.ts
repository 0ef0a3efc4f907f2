import { once } from "node:events";
import { Agent, type IncomingMessage, request } from "node:http";
import { text } from "node:stream/consumers";
import { applicationFolder } from "../../local/paths.ts";
import { type BuiltBridge, buildBridgeFor } from "../bridge.ts";
import { type Answer, type CheckedRequest, eras, mcpRequest, readResult } from "../mcp.ts";
import type { Measurement } from "../report.ts";
import { type Effort, type ScenarioGroup, Tally } from "../scenario.ts";
import type { BenchedServer } from "../stack.ts";
import { inTurns } from "../statistics.ts";

const starts = ["bridge/start/signed-in", "bridge/start/nobody"] as const;
const calls = eras.map((era) => [`bridge/call/${era}`, era] as const);

const callsPerBlock = 5;
const blocksPerSecond = 50;

const initialize = JSON.stringify({
  jsonrpc: "2.0",
  id: 0,
  method: "initialize",
  params: {
    protocolVersion: "2025-11-25",
    capabilities: {},
    clientInfo: { name: "npm run bench", version: "1" },
  },
});
const initialized = JSON.stringify({ jsonrpc: "2.0", method: "notifications/initialized" });

/** How long a client waits for the bridge's first answer, and what the bridge adds to a call. */
export const bridge: ScenarioGroup = {
  names: [...starts, ...calls.map(([name]) => name)],

  async measure(names, effort, startStack) {
    const stack = await startStack();
    return stack.withServer(applicationFolder, async (server) => {
      const built = await buildBridgeFor(server.mcp, stack);
      try {
        return await measureAll(names, effort, {
          server,
          built,
          token: await stack.token("user1"),
        });
      } finally {
        await built.close();
      }
    });
  },
};

interface Sides {
  readonly server: BenchedServer;
  readonly built: BuiltBridge;
  readonly token: string;
}

async function measureAll(
  names: ReadonlySet<string>,
  effort: Effort,
  { server, built, token }: Sides,
): Promise<Measurement[]> {
  const measurements: Measurement[] = [];
  const [signedIn, nobody] = starts;
  // Before anybody has signed in.
  if (names.has(nobody)) measurements.push(await measureStart(nobody, built, effort));
  const others = [signedIn, ...calls.map(([name]) => name)].filter((name) => names.has(name));
  if (others.length === 0) return measurements;
  await built.signIn("user1@contoso.example");
  if (names.has(signedIn)) measurements.push(await measureStart(signedIn, built, effort));
  for (const [name, era] of calls.filter(([each]) => names.has(each))) {
    const call = mcpRequest(era, token, {
      tool: "get_user_expenses",
      isExpected: ({ structuredContent }) => structuredContent !== undefined,
    });
    measurements.push(await measureCall(name, call, server, built, effort));
  }
  return measurements;
}

/** From the start of the process to its answer to `initialize`. */
async function measureStart(
  name: string,
  built: BuiltBridge,
  { rounds, seconds }: Effort,
): Promise<Measurement> {
  const tally = new Tally();
  const values: number[] = [];
  const count = rounds === 1 ? 1 : Math.ceil(seconds * 10);
  // The first brings the files into the system's memory.
  for (let start = rounds === 1 ? 0 : -1; start < count; start += 1) {
    const startedAt = performance.now();
    const running = built.start();
    const answer = await running.ask(initialize);
    if (start >= 0) values.push(performance.now() - startedAt);
    await running.close();
    tally.count(answer.body.includes('"serverInfo"') ? undefined : `answered ${answer.body}`);
  }
  return tally.measurement(name, [{ name: "first answer", unit: "ms", values }]);
}

/** The same call through the bridge and directly, block by block in turns. */
async function measureCall(
  name: string,
  call: CheckedRequest,
  server: BenchedServer,
  built: BuiltBridge,
  { rounds, seconds }: Effort,
): Promise<Measurement> {
  const tally = new Tally();
  const direct = directly(server, call);
  const running = built.start();
  if (name.endsWith("/legacy")) await running.ask(`${initialize}\n${initialized}`);
  const time = async (send: () => Promise<Answer>) => {
    const count = rounds === 1 ? 1 : callsPerBlock;
    const startedAt = performance.now();
    const answers = [];
    for (let sent = 0; sent < count; sent += 1) answers.push(await send());
    const milliseconds = (performance.now() - startedAt) / count;
    for (const answer of answers) {
      const result = readResult(answer);
      tally.count(typeof result === "string" ? result : call.problem(answer));
    }
    return milliseconds;
  };
  const measured = rounds === 1 ? 1 : Math.ceil(seconds * blocksPerSecond);
  const warmUp = rounds === 1 ? 0 : 5;
  const pairs = await inTurns(
    warmUp + measured,
    () => time(() => running.ask(call.body ?? "")),
    () => time(direct.send),
  );
  await running.close();
  direct.close();
  const counted = pairs.slice(warmUp);
  return tally.measurement(name, [
    { name: "added", unit: "ms", values: counted.map(({ one, other }) => one - other) },
    { name: "through the bridge", unit: "ms", values: counted.map(({ one }) => one) },
    { name: "directly", unit: "ms", values: counted.map(({ other }) => other) },
  ]);
}

/** On one connection, with the same HTTP client that the bridge has: `fetch` takes longer. */
function directly({ origin }: BenchedServer, { path, method, headers, body }: CheckedRequest) {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  return {
    async send(): Promise<Answer> {
      const outgoing = request(`${origin}${path}`, { method, headers, agent });
      outgoing.end(body);
      const [response] = (await once(outgoing, "response")) as [IncomingMessage];
      return { status: response.statusCode ?? 0, body: await text(response) };
    },
    close: () => agent.destroy(),
  };
}
