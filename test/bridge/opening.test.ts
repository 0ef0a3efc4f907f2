import { describe, expect, it, onTestFinished } from "vitest";
import { verifies } from "../requirements.ts";
import {
  answerJson,
  bridged,
  initialize,
  legacy,
  legacyServer,
  memoryOf,
  modern,
  personNeeded,
  result,
  serverResult,
} from "./bridged.ts";

const discovered = {
  resultType: "complete",
  supportedVersions: ["2026-07-28"],
  capabilities: { tools: {} },
  instructions: "Today is 2026-11-30 (UTC).",
  ttlMs: 60_000,
  cacheScope: "public",
};
const listing = legacyServer(({ json }, response) =>
  answerJson(response, result(json.id, { tools: [{ name: json.method }] })),
);
const at = Date.parse("2026-11-29T12:00:00Z");

/** A token source that needs a person, who signs in when the test says so. */
function personAt(tokens: Awaited<ReturnType<typeof bridged>>["tokens"]) {
  let signIn: (token: string) => void = () => {};
  const signedIn = new Promise<string>((resolve) => {
    signIn = resolve;
  });
  let isSignedIn = false;
  void signedIn.then(() => {
    isSignedIn = true;
  });
  tokens.answer = ({ interactive }) => (isSignedIn || interactive ? signedIn : personNeeded);
  return () => signIn("token-1");
}

describe("initialize", () => {
  it(
    verifies("bridge.first-answer", "is answered by the server where it can be asked"),
    async () => {
      await using bridge = await bridged(listing);
      bridge.send(initialize);
      expect(await bridge.next()).toEqual(result("init", serverResult));
      expect(bridge.tokens.asked.filter(({ interactive }) => interactive)).toEqual([]);
    },
  );

  it(
    verifies("bridge.first-answer", "is answered at once while a person has to sign in"),
    async () => {
      await using bridge = await bridged(listing);
      const signIn = personAt(bridge.tokens);
      bridge.send(initialize, { jsonrpc: "2.0", method: "notifications/initialized" });
      const { result: told } = await bridge.next();
      expect(told).toMatchObject({
        protocolVersion: "2025-06-18",
        capabilities: { tools: {}, prompts: {}, resources: {}, completions: {} },
        serverInfo: { name: expect.stringMatching(/^127\.0\.0\.1:/) },
      });
      expect(told.instructions).toContain("The first request opens a sign-in page");
      bridge.send(legacy(1, "ping"));
      expect(await bridge.next()).toEqual(result(1));
      expect(bridge.tokens.asked).toHaveLength(1);

      bridge.send(legacy(2, "tools/list"), legacy(3, "tools/list"));
      signIn();
      const answers = [await bridge.next(), await bridge.next()];
      expect(answers.map(({ id }) => id).sort()).toEqual([2, 3]);
      const methods = bridge.received.map(({ json }) => json.method);
      expect(methods.filter((method) => method === "initialize")).toHaveLength(1);
      expect(methods.filter((method) => method === "notifications/initialized")).toHaveLength(1);
    },
  );

  it(
    verifies(
      "bridge.first-answer",
      "is answered from what the server said the last time, with the day",
    ),
    async () => {
      const memory = memoryOf({ legacy: { at, result: serverResult } });
      await using bridge = await bridged(listing, { memory });
      personAt(bridge.tokens);
      bridge.send(initialize);
      const { result: told } = await bridge.next();
      expect(told).toMatchObject({
        ...serverResult,
        capabilities: { tools: { listChanged: true } },
        instructions: expect.stringMatching(
          /^Today is 2026-11-30 \(UTC\)\. \(This is what the server said on 2026-11-29\.\) Nobody/,
        ),
      });
      expect(told.capabilities).not.toHaveProperty("prompts");
    },
  );

  it(
    verifies("bridge.first-answer", "does not say that nobody is signed in where none is to be"),
    async () => {
      const slow = await bridged(() => {}, { patience: 10 });
      onTestFinished(() => slow[Symbol.asyncDispose]());
      slow.send(initialize, modern(1, "server/discover"));
      for (const { result: told } of [await slow.next(), await slow.next()]) {
        expect(told.instructions).toBe(
          "The server has not answered yet. Each request asks it again.",
        );
      }
    },
  );

  it(verifies("bridge.first-answer", "does not wait for a slow server"), async () => {
    const answers: (() => void)[] = [];
    await using bridge = await bridged(
      ({ json }, response) => {
        if (json.id === undefined) return response.writeHead(202).end();
        return answers.push(() => answerJson(response, result(json.id, serverResult)));
      },
      { patience: 10 },
    );
    bridge.send(initialize);
    expect(await bridge.next()).toMatchObject({ result: { capabilities: { prompts: {} } } });
    bridge.send(legacy(1, "prompts/list"));
    await bridge.hasReceived(1);
    answers[0]?.();
    // The server has no prompts, although the client was told that it might.
    expect(await bridge.next()).toEqual(result(1, { prompts: [] }));
    expect(bridge.received.map(({ json }) => json.method)).not.toContain("prompts/list");
  });

  it(
    verifies(
      "bridge.late-lists",
      "is followed by news of the lists that a client asked for too early",
    ),
    async () => {
      await using bridge = await bridged(listing);
      const signIn = personAt(bridge.tokens);
      bridge.send(initialize);
      await bridge.line();
      bridge.send(legacy(1, "tools/list"));
      // As clients do that have waited long enough.
      bridge.send({ jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: 1 } });
      bridge.send(legacy(2, "ping"));
      expect(await bridge.next()).toEqual(result(2));
      signIn();
      expect(await bridge.next()).toEqual({
        jsonrpc: "2.0",
        method: "notifications/tools/list_changed",
      });
      bridge.send(legacy(3, "tools/list"));
      expect(await bridge.next()).toMatchObject({ id: 3, result: { tools: [{}] } });
    },
  );

  it(
    verifies("bridge.first-answer", "may fail at the server, which is told with each request"),
    async () => {
      await using bridge = await bridged(({ json }, response) =>
        answerJson(
          response,
          { jsonrpc: "2.0", id: json.id, error: { code: -32022, message: "Only 2026-07-28." } },
          400,
        ),
      );
      const signIn = personAt(bridge.tokens);
      bridge.send(initialize);
      await bridge.line();
      bridge.send(legacy(1, "tools/list"));
      signIn();
      expect(await bridge.next()).toMatchObject({
        id: 1,
        error: { message: expect.stringContaining('revision of MCP. It says: "Only 2026-07-28."') },
      });
    },
  );
});

describe("server/discover", () => {
  it(
    verifies("bridge.first-answer", "is answered by the server where it can be asked"),
    async () => {
      await using bridge = await bridged(({ json }, response) =>
        answerJson(response, result(json.id, discovered)),
      );
      bridge.send(modern("d", "server/discover"));
      expect(await bridge.next()).toEqual(result("d", discovered));
    },
  );

  it(
    verifies(
      "bridge.first-answer",
      "is answered at once while a person has to sign in, and not to be kept",
    ),
    async () => {
      const memory = memoryOf();
      await using bridge = await bridged(
        ({ json }, response) =>
          answerJson(
            response,
            result(json.id, json.method === "server/discover" ? discovered : {}),
          ),
        { memory },
      );
      const signIn = personAt(bridge.tokens);
      bridge.send(modern("d", "server/discover"));
      expect(await bridge.next()).toMatchObject({
        result: {
          resultType: "complete",
          supportedVersions: ["2026-07-28"],
          capabilities: { tools: {}, prompts: {}, resources: {}, completions: {} },
          ttlMs: 0,
          cacheScope: "private",
        },
      });
      bridge.send(modern(1, "tools/list"));
      signIn();
      expect(await bridge.next()).toEqual(result(1));
      while (!(await memory.recall("modern")))
        await new Promise((resolve) => setImmediate(resolve));
      expect((await memory.recall("modern"))?.result).toEqual(discovered);
    },
  );

  it(
    verifies("bridge.first-answer", "is an error where the server is known to have none"),
    async () => {
      const memory = memoryOf();
      const noSuchMethod = { code: -32601, message: "Method not found" };
      await using bridge = await bridged(
        ({ json }, response) =>
          answerJson(response, { jsonrpc: "2.0", id: json.id, error: noSuchMethod }),
        { memory },
      );
      bridge.send(modern("d", "server/discover"));
      expect(await bridge.next()).toMatchObject({ error: noSuchMethod });
      personAt(bridge.tokens);
      bridge.send(modern("e", "server/discover"));
      expect(await bridge.next()).toMatchObject({ id: "e", error: { code: -32601 } });
    },
  );
});
