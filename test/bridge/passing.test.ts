import { describe, expect, it } from "vitest";
import { verifies } from "../requirements.ts";
import {
  answerJson,
  beginEvents,
  bridged,
  initialize,
  legacy,
  legacyServer,
  modern,
  result,
  serverResult,
} from "./bridged.ts";

describe("a request through the bridge", () => {
  it(verifies("bridge.as-it-is", "arrives to the letter, and so does its answer"), async () => {
    const asked =
      '{"method":"tools/call","id":"a","jsonrpc":"2.0","params":{"name":"add","_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"},"arguments":{"amount":12345678901234567890.10,"text":"é\\u2028\\n"}}}';
    const answered =
      '{"result":{"sum":12345678901234567890.10,"resultType":"complete"},"id":"a","jsonrpc":"2.0"}';
    await using bridge = await bridged((_received, response) =>
      // As a server may print it.
      answerJson(response, answered.replace('{"sum"', '\r\n  {\n "sum"')),
    );
    bridge.send(asked);
    expect(await bridge.line()).toBe(answered.replace('{"sum"', '   {  "sum"'));
    expect(bridge.received[0]?.body).toBe(asked);
  });

  it(verifies("bridge.as-it-is", "has the headers of its era"), async () => {
    await using bridge = await bridged(
      legacyServer(({ json }, response) => answerJson(response, result(json.id))),
    );
    bridge.send(modern(1, "tools/call", { name: "get_expenses" }));
    await bridge.line();
    bridge.send(modern(2, "resources/read", { uri: "expenses://ü" }));
    await bridge.line();
    bridge.send(initialize);
    await bridge.line();
    bridge.send(legacy(3, "tools/call", { name: "get_expenses" }));
    await bridge.line();
    const headersOf = (id: unknown) => bridge.received.find(({ json }) => json.id === id)?.headers;
    expect(headersOf(1)).toMatchObject({
      authorization: "Bearer token-1",
      accept: "application/json, text/event-stream",
      "content-type": "application/json",
      "mcp-protocol-version": "2026-07-28",
      "mcp-method": "tools/call",
      "mcp-name": "get_expenses",
    });
    expect(headersOf(2)).toMatchObject({ "mcp-name": "=?base64?ZXhwZW5zZXM6Ly/DvA==?=" });
    expect(headersOf("init")).not.toHaveProperty("mcp-protocol-version");
    expect(headersOf(3)).toMatchObject({ "mcp-protocol-version": "2025-06-18" });
    expect(headersOf(3)).not.toHaveProperty("mcp-method");
  });

  it(
    verifies("bridge.parameter-headers", "repeats arguments in headers as its tool asks"),
    async () => {
      const inputSchema = {
        type: "object",
        properties: {
          region: { type: "string", "x-mcp-header": "Region" },
          page: {
            type: "object",
            properties: { size: { type: "integer", "x-mcp-header": "Size" } },
          },
          query: { type: "string" },
          rate: { type: "number", "x-mcp-header": "Rate" },
          evil: { type: "string", "x-mcp-header": "Evil\r\nHost: x" },
        },
      };
      await using bridge = await bridged(({ json }, response) =>
        answerJson(response, result(json.id, { tools: [{ name: "query", inputSchema }] })),
      );
      bridge.send(modern(1, "tools/list"));
      await bridge.line();
      const given = { region: " west", page: { size: 5 }, query: "q", rate: 1.5, evil: "e" };
      bridge.send(modern(2, "tools/call", { name: "query", arguments: given }));
      await bridge.line();
      bridge.send(modern(3, "tools/call", { name: "query", arguments: { region: null } }));
      await bridge.line();
      const sent = bridge.received.map(({ headers }) =>
        Object.fromEntries(
          Object.entries(headers).filter(([name]) => /^mcp-param|evil/.test(name)),
        ),
      );
      expect(sent.slice(1)).toEqual([
        { "mcp-param-region": "=?base64?IHdlc3Q=?=", "mcp-param-size": "5" },
        {},
      ]);
    },
  );

  it(verifies("bridge.progress", "brings what the server tells on the way, in order"), async () => {
    const progress = (done: number) => ({
      jsonrpc: "2.0",
      method: "notifications/progress",
      params: { progressToken: "p", progress: done },
    });
    await using bridge = await bridged(({ json }, response) => {
      const send = beginEvents(response);
      response.write(": keep-alive\n\nid: 1\ndata:\n\n");
      send(progress(1));
      send(progress(2));
      send(JSON.stringify(result(json.id, { done: true }), null, 2));
      response.end();
    });
    bridge.send(modern(7, "tools/call", { name: "import" }));
    expect([await bridge.next(), await bridge.next(), await bridge.next()]).toEqual([
      progress(1),
      progress(2),
      result(7, { done: true }),
    ]);
  });

  it(
    verifies(
      "bridge.progress",
      "does not wait for others, and is answered first if it is done first",
    ),
    async () => {
      const answers = new Map<string, () => void>();
      await using bridge = await bridged(({ json }, response) => {
        answers.set(json.id, () => answerJson(response, result(json.id)));
      });
      bridge.send(modern("slow", "tools/list"), modern("quick", "tools/list"));
      await bridge.hasReceived(2);
      answers.get("quick")?.();
      expect(await bridge.next()).toMatchObject({ id: "quick" });
      answers.get("slow")?.();
      expect(await bridge.next()).toMatchObject({ id: "slow" });
    },
  );

  it(
    verifies("bridge.cancel", "is cancelled in the modern era by the end of its stream"),
    async () => {
      await using bridge = await bridged(({ json }, response) => {
        if (json.id === 2) answerJson(response, result(2));
        else beginEvents(response);
      });
      bridge.send(modern(1, "tools/call", { name: "import" }));
      await bridge.hasReceived(1);
      bridge.send({ jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: 1 } });
      const left = bridge.received[0]?.left;
      while (!left?.aborted) await new Promise((resolve) => setImmediate(resolve));
      bridge.send(modern(2, "tools/list"));
      expect(await bridge.next()).toEqual(result(2));
      expect(bridge.received).toHaveLength(2);
    },
  );

  it(
    verifies("bridge.cancel", "is cancelled in the legacy era by a message, and is not answered"),
    async () => {
      await using bridge = await bridged(
        legacyServer(({ json }, response) => {
          if (json.method === "tools/list") answerJson(response, result(json.id));
        }),
      );
      bridge.send(initialize);
      await bridge.line();
      bridge.send(legacy(1, "tools/call", { name: "import" }));
      await bridge.hasReceived(3);
      const cancelled = {
        jsonrpc: "2.0",
        method: "notifications/cancelled",
        params: { requestId: 1, reason: "changed my mind" },
      };
      bridge.send(cancelled);
      await bridge.hasReceived(4);
      expect(bridge.received[3]?.json).toEqual(cancelled);
      bridge.send(legacy(2, "tools/list"));
      expect(await bridge.next()).toEqual(result(2));
    },
  );

  it(verifies("bridge.subscriptions", "that listens is told when its stream ends"), async () => {
    const acknowledged = {
      jsonrpc: "2.0",
      method: "notifications/subscriptions/acknowledged",
      params: { notifications: {}, _meta: { "io.modelcontextprotocol/subscriptionId": 1 } },
    };
    await using bridge = await bridged((_received, response) => {
      beginEvents(response)(acknowledged);
      response.end();
    });
    bridge.send(modern(1, "subscriptions/listen", { notifications: {} }));
    expect(await bridge.next()).toEqual(acknowledged);
    expect(await bridge.next()).toMatchObject({
      method: "notifications/cancelled",
      params: { requestId: 1 },
    });
  });

  it(verifies("bridge.batch", "may be one of a batch, which is answered as one"), async () => {
    await using bridge = await bridged(({ json }, response) =>
      answerJson(response, result(json.id, { method: json.method })),
    );
    bridge.send([
      legacy(1, "tools/list"),
      { jsonrpc: "2.0", method: "notifications/initialized" },
      legacy("2", "prompts/list"),
      3,
    ]);
    expect(await bridge.next()).toEqual([
      result(1, { method: "tools/list" }),
      result("2", { method: "prompts/list" }),
      expect.objectContaining({ id: null, error: expect.objectContaining({ code: -32600 }) }),
    ]);
  });

  it(
    verifies("bridge.ask-back", "lets a server of a legacy revision ask back, with its session"),
    async () => {
      const question = { jsonrpc: "2.0", id: 1, method: "elicitation/create", params: {} };
      const reply = { jsonrpc: "2.0", id: 1, result: { action: "accept", content: {} } };
      let finish: (() => void) | undefined;
      await using bridge = await bridged(({ json, headers }, response) => {
        if (json.method === "initialize") {
          const session = { "mcp-session-id": "session-1" };
          return answerJson(response, result(json.id, serverResult), 200, session);
        }
        if (headers["mcp-session-id"] !== "session-1") return response.writeHead(400).end();
        if (json.method === "tools/call") {
          const send = beginEvents(response);
          send(question);
          finish = () => {
            send(result(json.id, { approved: true }));
            response.end();
          };
          return undefined;
        }
        if (json.result) finish?.();
        return response.writeHead(202).end();
      });
      bridge.send(initialize);
      await bridge.line();
      bridge.send(legacy(1, "tools/call", { name: "delete" }));
      expect(await bridge.next()).toEqual(question);
      bridge.send(reply);
      expect(await bridge.next()).toEqual(result(1, { approved: true }));
      bridge.send(reply, legacy(2, "ping"));
      expect(await bridge.next()).toEqual(result(2));
      expect(bridge.logged.join("\n")).toContain("Dropped an answer of the client's");
    },
  );

  it(
    verifies(
      "bridge.session",
      "goes on in a new session where the server has forgotten the old one",
    ),
    async () => {
      let session = 1;
      await using bridge = await bridged(({ json, headers }, response) => {
        if (json.method === "initialize") {
          const given = { "mcp-session-id": `session-${session}` };
          return answerJson(response, result(json.id, serverResult), 200, given);
        }
        if (headers["mcp-session-id"] !== `session-${session}`) {
          return answerJson(response, { jsonrpc: "2.0", id: null, error: {} }, 404);
        }
        if (json.id === undefined) return response.writeHead(202).end();
        return answerJson(response, result(json.id, { session }));
      });
      bridge.send(initialize);
      await bridge.line();
      bridge.send(legacy(1, "tools/list"));
      expect(await bridge.next()).toEqual(result(1, { session: 1 }));
      session = 2;
      bridge.send(legacy(2, "tools/list"), legacy(3, "tools/list"));
      const answers = [await bridge.next(), await bridge.next()];
      expect(answers).toEqual(
        expect.arrayContaining([result(2, { session: 2 }), result(3, { session: 2 })]),
      );
      const began = bridge.received.filter(({ json }) => json.method === "initialize");
      expect(began).toHaveLength(2);
    },
  );

  it(
    verifies("bridge.as-it-is", "may be answered with an error, whatever its status"),
    async () => {
      const error = (code: number) => ({ code, message: "As the server says.", data: { a: 1 } });
      await using bridge = await bridged(({ json }, response) => {
        const { code, id } = json.params;
        answerJson(
          response,
          { jsonrpc: "2.0", id, error: error(code) },
          code === -32601 ? 404 : 400,
        );
      });
      bridge.send(modern(1, "no/such", { code: -32601, id: 1 }));
      expect(await bridge.next()).toEqual({ jsonrpc: "2.0", id: 1, error: error(-32601) });
      bridge.send(modern(2, "tools/list", { code: -32022, id: null }));
      expect(await bridge.next()).toEqual({ jsonrpc: "2.0", id: 2, error: error(-32022) });
    },
  );
});
