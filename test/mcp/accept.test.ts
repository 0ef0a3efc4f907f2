import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { success } from "../../src/core/result.ts";
import { defineTool } from "../../src/mcp/define-tool.ts";
import { everyone } from "../../src/mcp/policy.ts";
import { createMcpEndpoint, type McpEndpoint } from "../../src/mcp/server.ts";
import { aCaller } from "../downstream/fakes.ts";
import { verifies } from "../requirements.ts";
import { scopes, serveAlone } from "./serve-alone.ts";

const echo = defineTool({
  name: "echo",
  title: "Echo",
  description: "Echoes.",
  annotations: { readOnlyHint: true },
  inputSchema: z.strictObject({ text: z.string() }),
  outputSchema: z.object({ text: z.string() }),
  policy: everyone,
  handler: async ({ text }) => success({ text }),
  // Blank lines and the like end nothing but an event that is read by its lines.
  present: ({ text }) => `data: ${text}\n\nevent: end\n\n`,
});

let endpoint: McpEndpoint;
beforeEach(() => {
  endpoint = createMcpEndpoint({
    name: "test-server",
    title: "Test server",
    version: "1.2.3",
    instructions: "For tests.",
    tools: [echo],
    isAdministrator: async () => success(false),
    scopes,
    now: Date.now,
    resources: [],
    prompts: [],
    fixtures: {
      extend(server) {
        server.server.registerCapabilities({ logging: {} });
        server.registerTool("reports", {}, async ({ mcpReq }) => {
          const params = { level: "info" as const, data: "Under way" };
          await mcpReq.notify({ method: "notifications/message", params });
          return { content: [{ type: "text", text: "done" }] };
        });
      },
    },
    log: () => {},
  });
});

const url = "https://mcp.contoso.example/mcp";
const call = (id: number, name: string, toolArguments: object = {}) => ({
  jsonrpc: "2.0",
  id,
  method: "tools/call",
  params: { name, arguments: toolArguments },
});
const initialize = {
  jsonrpc: "2.0",
  id: 1,
  method: "initialize",
  params: {
    protocolVersion: "2025-06-18",
    capabilities: {},
    clientInfo: { name: "test", version: "1" },
  },
};

async function send(
  body: unknown,
  accept: string | undefined,
  further: Record<string, string> = {},
) {
  const headers = { "content-type": "application/json", ...(accept && { accept }), ...further };
  const request = new Request(url, {
    method: "POST",
    headers,
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
  if (accept === undefined) request.headers.delete("accept");
  const response = await serveAlone(endpoint, request, aCaller());
  const type = response.headers.get("content-type");
  return { status: response.status, type, text: await response.text() };
}

const modern = (name: string, toolArguments: object = {}) => {
  const { params, ...rest } = call(1, name, toolArguments);
  const _meta = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientCapabilities": {},
    "io.modelcontextprotocol/clientInfo": { name: "test", version: "1" },
    "io.modelcontextprotocol/logLevel": "info",
  };
  const headers = {
    "mcp-protocol-version": "2026-07-28",
    "mcp-method": "tools/call",
    "mcp-name": name,
  };
  return [{ ...rest, params: { ...params, _meta } }, headers] as const;
};

const json = "application/json";
const stream = "text/event-stream";

describe("a client of a legacy revision", () => {
  it.each([
    [undefined, stream],
    ["*/*", stream],
    ["application/*, text/event-stream;q=0.5", stream],
    [stream, stream],
    [json, json],
    ["APPLICATION/JSON; q=1", json],
    ["application/*", json],
    ["*/*, text/event-stream;q=0", json],
    ["text/html, application/json;q=0.9, */*;q=0.0", json],
  ])(verifies("mcp.accept", "that accepts %s begins, and gets %s"), async (accept, expected) => {
    const { status, type, text } = await send(initialize, accept);
    expect([status, type]).toEqual([200, expected]);
    const answer = expected === json ? JSON.parse(text) : text;
    if (expected === json) expect(answer).toMatchObject({ id: 1, result: { serverInfo: {} } });
    else expect(answer).toMatch(/^event: message\ndata: .*"protocolVersion":"2025-06-18"/);
  });

  it(verifies("mcp.accept", "that takes JSON alone gets each kind of answer as JSON"), async () => {
    const text = "one data: two";
    const one = { id: 1, result: { structuredContent: { text } } };
    expect(JSON.parse((await send(call(1, "echo", { text }), json)).text)).toMatchObject(one);
    const batch = [call(1, "echo", { text }), call(2, "reports")];
    const answers = JSON.parse((await send(batch, json)).text) as { id: number }[];
    expect(answers.toSorted((a, b) => a.id - b.id)).toEqual([
      expect.objectContaining({ id: 1 }),
      expect.objectContaining({ id: 2, result: { content: [{ type: "text", text: "done" }] } }),
    ]);
    expect(JSON.parse((await send([call(1, "echo", { text })], json)).text)).toMatchObject([one]);
    const notification = { jsonrpc: "2.0", method: "notifications/initialized" };
    expect(await send(notification, json)).toEqual({ status: 202, type: null, text: "" });
    expect(await send("{", json)).toMatchObject({ status: 400, type: json });
  });

  it.each(["text/html", "application/json;q=0, text/html", "image/*"])(
    verifies("mcp.accept", "that takes %s, and so neither type, is told"),
    async (accept) => {
      expect(await send(initialize, accept)).toMatchObject({ status: 406 });
    },
  );
});

describe("a client of the 2026-07-28 revision", () => {
  it.each([undefined, "*/*", json, stream, "application/json,text/event-stream"])(
    verifies("mcp.accept", "that accepts %s is served"),
    async (accept) => {
      const { status, type, text } = await send(
        modern("echo", { text: "a" })[0],
        accept,
        modern("echo")[1],
      );
      expect([status, type]).toEqual([200, accept === stream ? stream : json]);
      expect(text).toContain('"structuredContent":{"text":"a"}');
    },
  );

  it(verifies("mcp.accept", "gets JSON alone from a tool that reports its progress"), async () => {
    const [body, headers] = modern("reports");
    expect((await send(body, `${json}, ${stream}`, headers)).text).toContain("Under way");
    const { type, text } = await send(body, json, headers);
    expect(type).toBe(json);
    expect(JSON.parse(text)).toMatchObject({ id: 1, result: { content: [{ text: "done" }] } });
  });

  it(
    verifies("mcp.no-subscriptions", "listens once, is told that it ended, and rests"),
    async () => {
      const methods: string[] = [];
      const client = new Client(
        { name: "test-client", version: "1.0.0" },
        {
          versionNegotiation: { mode: { pin: "2026-07-28" } },
          listChanged: { tools: { onChanged: () => {} } },
        },
      );
      const transport = new StreamableHTTPClientTransport(new URL(url), {
        fetch: async (input, init) => {
          const request = new Request(input, init);
          methods.push(request.headers.get("mcp-method") ?? "");
          return serveAlone(endpoint, request, aCaller());
        },
      });
      await client.connect(transport);
      const subscription = await client.listen({ toolsListChanged: true });
      expect(await subscription.closed).toBe("graceful");
      expect((await client.listTools()).tools).toHaveLength(1);
      await client.close();
      expect(methods.filter((method) => method === "subscriptions/listen")).toHaveLength(1);
    },
  );
});
