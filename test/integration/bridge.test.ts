import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { afterEach, describe, expect, it } from "vitest";
import { verifies } from "../requirements.ts";
import { bridgeCommand, connectBridged, createStdioClient } from "../support/bridged-client.ts";
import { clientKinds, plainTextOf, textOf } from "../support/clients.ts";
import { sample } from "../support/domains.ts";
import { inspectorProgram } from "../support/inspector.ts";
import { runNode } from "../support/run-program.ts";
import { control, sharedStack } from "../support/shared-stack.ts";

const username = "user1@contoso.example";
const stack = sharedStack();
const { running, folder } = stack;

afterEach(async () => {
  await fetch(new URL("/_local/demands", running().authority), { method: "DELETE" });
});

/** A client over stdio, with what the bridge logs. */
async function connectLogged(...given: Parameters<typeof createStdioClient>) {
  const client = createStdioClient(...given);
  const transport = new StdioClientTransport({
    ...bridgeCommand(running(), username),
    stderr: "pipe",
  });
  let logged = "";
  transport.stderr?.on("data", (chunk: Buffer) => {
    logged += chunk.toString();
  });
  await client.connect(transport);
  return {
    client,
    log: () => logged,
    async hasLogged(words: string) {
      while (!logged.includes(words)) await new Promise((resolve) => setImmediate(resolve));
    },
    [Symbol.asyncDispose]: () => client.close(),
  };
}

const statement = Array.from(
  { length: 40 },
  (_, index) => `2026-11-${10 + (index % 10)} Shop number ${index} ${index + 1}.50`,
).join("\n");

describe("over the bridge", () => {
  it(verifies("bridge.stack", "a person is asked before something is deleted"), async () => {
    await using connected = await connectLogged("modern", { elicitation: { form: {} } });
    const { client } = connected;
    const questions: string[] = [];
    client.setRequestHandler("elicitation/create", async ({ params }) => {
      questions.push(params.message);
      return { action: "accept", content: {} };
    });
    const stored = await client.callTool(sample.store("Asked over the bridge"));
    const removed = await client.callTool(sample.remove(stored));
    expect(plainTextOf(removed)).toMatch(sample.removed);
    expect(questions).toEqual([expect.stringContaining("Delete this expense?")]);
  });

  it.each(["modern", "legacy"] as const)(
    verifies("bridge.stack", "a %s client hears of progress"),
    async (kind) => {
      await using connected = await connectLogged(kind);
      const { client } = connected;
      const heard: number[] = [];
      const call = (given: Record<string, unknown>) =>
        client.callTool(
          { name: "import_user_expenses", arguments: given },
          { onprogress: ({ progress }) => heard.push(progress) },
        );
      const checked = await call({
        text: `${statement}\n2026-11-20 Only for ${kind} 1.00`,
        category: "shopping",
        payment_method: "visa",
        purchase_sign: "positive",
      });
      const { import_id } = checked.structuredContent as { import_id: string };
      const imported = await call({ import_id });
      expect(imported.isError, textOf(imported)).not.toBe(true);
      // The clients drop what comes in one piece with the answer, over HTTP too.
      expect(heard.length).toBeGreaterThan(0);
      expect(heard).toEqual(heard.toSorted((one, other) => one - other));
    },
  );

  it.each(["modern", "legacy"] as const)(
    verifies("bridge.stack", "a %s client cancels, and goes on"),
    async (kind) => {
      await using connected = await connectLogged(kind);
      const { client } = connected;
      await client.listTools();
      // The tool waits as long as Graph says; or the next test does, where this call ends before.
      await control(running().graph, "/_local/throttle", { count: 1, retryAfterSeconds: 5 });
      const controller = new AbortController();
      const called = client.callTool({ name: "get_user_details" }, { signal: controller.signal });
      await connected.hasLogged("tools/call get_user_details: sent");
      controller.abort();
      await expect(called).rejects.toThrow();
      await connected.hasLogged("tools/call get_user_details: cancelled");
      expect((await client.listTools()).tools.length).toBeGreaterThan(5);
    },
  );

  it.each(["modern", "legacy"] as const)(
    verifies("bridge.stack", "claims that the server demands are fulfilled while a %s call waits"),
    async (kind) => {
      await using connected = await connectLogged(kind);
      await control(running().authority, "/_local/demands", { username });
      const details = await connected.client.callTool({ name: "get_user_details" });
      expect(textOf(details)).toContain("Uma First");
      expect(connected.log()).toContain("401, the server asks for further claims");
      expect(connected.log()).not.toMatch(/eyJ/);
    },
  );

  it(verifies("bridge.stack", "the server may be killed and come back"), async () => {
    const clients = await Promise.all(
      clientKinds.map((kind) => connectBridged(kind, running(), username)),
    );
    for (const client of clients) await client.listTools();
    await using connected = await connectLogged("modern");
    await control(running().graph, "/_local/throttle", { count: 1, retryAfterSeconds: 15 });
    const underWay = connected.client.callTool({ name: "get_user_details" });
    const outcome = expect(underWay).rejects.toThrow(
      /connection to the server broke \(ECONNRESET\) before tools\/call get_user_details was answered\. It may have been carried out/,
    );
    await connected.hasLogged("tools/call get_user_details: sent");
    const { port } = running();
    process.kill(await running().serverProcessId(), "SIGKILL");
    await outcome;
    await stack.restart(async () => {
      for (const client of clients) {
        await expect(client.callTool(sample.list)).rejects.toThrow(
          `The server at localhost:${port} cannot be reached (ECONNREFUSED). Nothing listens there`,
        );
      }
    });
    for (const client of clients) {
      expect((await client.callTool(sample.list)).isError).not.toBe(true);
      await client.close();
    }
  });

  it.each(["modern", "legacy"])(
    verifies("bridge.everything", "the Inspector calls a tool in the era %s"),
    async (era) => {
      const { command, args } = bridgeCommand(running(), username);
      const inspected = await runNode(
        inspectorProgram,
        [
          ...["--cli", "--protocol-era", era, "--method", "tools/call"],
          ...["--tool-name", "get_user_details", "--", command, ...args],
        ],
        { env: { HOME: folder() } },
      );
      expect(inspected.stdout + inspected.stderr).toContain("Uma First");
      expect(inspected.code).toBe(0);
    },
  );
});
