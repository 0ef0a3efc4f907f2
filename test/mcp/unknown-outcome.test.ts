import { describe, expect, it, vi } from "vitest";
import { z } from "zod";
import type { LogFields } from "../../src/core/log.ts";
import { failure, success } from "../../src/core/result.ts";
import { requestMilliseconds } from "../../src/gates/way-out.ts";
import { defineTool } from "../../src/mcp/define-tool.ts";
import { everyone } from "../../src/mcp/policy.ts";
import { createMcpEndpoint } from "../../src/mcp/server.ts";
import { aCaller } from "../downstream/fakes.ts";
import { claimsWith, sign } from "../gates/tokens.ts";
import { verifies } from "../requirements.ts";
import { createFuzzedEndpoint, type FakeContainer, host } from "../security/fuzzed-endpoint.ts";
import { type ToolCall, testedDomains } from "../support/domains.ts";
import { inTheEnd, scopes, serveAlone } from "./serve-alone.ts";

const post = (body: unknown, authorization = "") =>
  new Request(`https://${host}/mcp`, {
    method: "POST",
    headers: {
      host,
      authorization,
      "content-type": "application/json",
      accept: "application/json",
    },
    body: JSON.stringify(body),
  });
const message = (params: ToolCall, id = 1) => ({
  jsonrpc: "2.0",
  id,
  method: "tools/call",
  params,
});

interface Answer {
  readonly result: {
    readonly isError?: boolean;
    readonly content: readonly { readonly text: string }[];
    readonly structuredContent?: { readonly confirmation?: string };
  };
}

describe("a tool", () => {
  const output = z.object({ done: z.boolean() });
  const never = () => new Promise<never>(() => {});
  const toolThat = (
    readOnlyHint: boolean,
    handler: () => Promise<unknown>,
    administratorsOnly = false,
  ) =>
    defineTool({
      name: "act",
      title: "Act",
      description: "Acts.",
      annotations: { readOnlyHint },
      inputSchema: z.strictObject({}),
      outputSchema: output,
      policy: administratorsOnly ? { administratorsOnly } : everyone,
      handler: handler as () => Promise<never>,
      ifUnknown: "Look with get_acts.",
      present: () => "Done.",
    });
  const lost = { reason: "act-lost", message: "Try again.", isOutcomeUnknown: true };
  const notKnown = /^It is not known whether act was carried out\. Look with get_acts\.$/;

  /** The text of each answer, and each audited outcome, of a call or of a batch. */
  async function endOf(
    tool: ReturnType<typeof toolThat>,
    body: unknown = message({ name: "act", arguments: {} }),
  ) {
    const outcomes: string[] = [];
    const endpoint = createMcpEndpoint({
      name: "test-server",
      title: "Test server",
      version: "1.2.3",
      instructions: "For tests.",
      tools: [tool],
      isAdministrator: never,
      scopes,
      now: Date.now,
      resources: [],
      prompts: [],
      log: () => {},
    });
    const log = (_level: string, event: string, fields?: LogFields) => {
      if (event === "audit.tool-call") outcomes.push(`${fields?.outcome} ${fields?.reason}`);
    };
    const response = await inTheEnd(() => serveAlone(endpoint, post(body), aCaller(), log));
    const answers = [(await response.json()) as Answer | Answer[]].flat();
    return { outcomes, texts: answers.map(({ result }) => result.content[0]?.text) };
  }

  it.each<[string, () => Promise<unknown>, string, RegExp]>([
    ["runs out of time", never, "timeout", /^act took too long\. Try again in a minute\.$/],
    ["throws", () => Promise.reject(new Error("no")), "exception", /problem in the server/],
    ["answers nonsense", async () => success({ done: "yes" }), "output-invalid", /problem in the/],
    ["loses an answer", async () => failure(lost), "act-lost", notKnown],
  ])(
    verifies("tool.unknown-outcome", "that writes and %s says that its outcome is not known"),
    async (_, handler, reason, whenReading) => {
      const written = await endOf(toolThat(false, handler));
      expect(written).toEqual({
        outcomes: [`unknown ${reason}`],
        texts: [expect.stringMatching(notKnown)],
      });
      const read = await endOf(toolThat(true, handler));
      expect(read.texts).toEqual([expect.stringMatching(whenReading)]);
    },
  );

  it(
    verifies("tool.unknown-outcome", "says so for the call of a batch that had begun alone"),
    async () => {
      const calls = [1, 2].map((id) => message({ name: "act", arguments: {} }, id));
      const { outcomes, texts } = await endOf(toolThat(false, never), calls);
      expect(outcomes).toEqual(["unknown timeout", "failed timeout"]);
      expect(texts).toEqual([
        expect.stringMatching(notKnown),
        expect.stringMatching("nothing was done"),
      ]);
    },
  );

  it(
    verifies("tool.unknown-outcome", "that has not begun says that nothing was done"),
    async () => {
      expect(await endOf(toolThat(false, never, true))).toEqual({
        outcomes: ["failed timeout"],
        texts: ["act took too long, and nothing was done. Try again in a minute."],
      });
    },
  );
});

describe.each(testedDomains)("every tool of $name that writes", (tested) => {
  const { item, removal } = tested.stored;

  /** What becomes of a call whose write gets to the database, and is then not answered. */
  async function endOf(call: ToolCall, write: () => Promise<never>, waits: boolean) {
    const reached = Promise.withResolvers<void>();
    const begun = () => {
      reached.resolve();
      return write();
    };
    const container: FakeContainer = {
      create: begun,
      delete: begun,
      query: async () => ({ resources: [] }),
      read: async (id, userId) =>
        id === item.id ? { resource: { ...item, userId }, etag: '"1"' } : {},
    };
    const endpoint = await createFuzzedEndpoint(tested, { container });
    const authorization = `Bearer ${await sign(endpoint.key, claimsWith())}`;
    const send = (given: ToolCall) => endpoint.send(post(message(given), authorization));
    const { confirmation } = await confirmationOf(call, send);
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const sent = send({ ...call, arguments: { ...call.arguments, ...confirmation } });
    // A call that ends without a write fails by its answer, not by waiting for ever.
    await Promise.race([reached.promise, sent]);
    if (waits) await vi.advanceTimersByTimeAsync(requestMilliseconds);
    const response = await sent.finally(() => vi.useRealTimers());
    const { result } = (await response.json()) as Answer;
    const audited = endpoint.takeEvents().findLast(({ event }) => event === "audit.tool-call");
    return { text: result.content[0]?.text, outcome: audited?.fields?.outcome };
  }

  async function confirmationOf(call: ToolCall, send: (given: ToolCall) => Promise<Response>) {
    if (call.name !== removal.name) return {};
    const { result } = (await (await send(call)).json()) as Answer;
    return { confirmation: { confirmation: result.structuredContent?.confirmation } };
  }

  it.each([
    ["time is up", () => new Promise<never>(() => {}), true],
    [
      "the connection breaks",
      () => Promise.reject(Object.assign(new Error("no"), { code: "ECONNRESET" })),
      false,
    ],
    [
      "the service fails",
      () => Promise.reject(Object.assign(new Error("no"), { code: 503 })),
      false,
    ],
  ] as const)(
    verifies("tool.unknown-outcome", "says that it is not known, and what to do, where %s"),
    async (_, write, waits) => {
      for (const call of [tested.store("Lunch"), removal]) {
        const { text, outcome } = await endOf(call, write, waits);
        expect(text).toMatch(
          /^It is not known whether \w+ was carried out\. .*(Look|Repeat|repeat)/,
        );
        expect(outcome).toBe("unknown");
      }
    },
  );
});
