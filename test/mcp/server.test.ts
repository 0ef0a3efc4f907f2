import { SUPPORTED_PROTOCOL_VERSIONS } from "@modelcontextprotocol/server";
import { describe, expect, it } from "vitest";
import { failure, success } from "../../src/core/result.ts";
import { maximumResultBytes } from "../../src/mcp/own-words.ts";
import type { AdministratorCheck } from "../../src/mcp/policy.ts";
import { verifies } from "../requirements.ts";
import { callTool } from "../support/call-tool.ts";
import {
  type ClientKind,
  type ConnectedClient,
  clientKinds,
  connectClient,
  textOf,
} from "../support/clients.ts";
import {
  callerWith,
  capable,
  legacy,
  modern,
  post,
  readOnly,
  send,
  setUp,
  tools,
  toolWith,
  url,
  whoAmI,
} from "./test-server.ts";

const connect = (kind: ClientKind, fetch: ReturnType<ReturnType<typeof setUp>["fetchAs"]>) =>
  connectClient(kind, url, { fetch });

describe.each(clientKinds)("a client of the kind %s", (kind) => {
  it(
    verifies("mcp.both-eras", "connects, learns what the server is, lists tools and calls one"),
    async () => {
      const client = await connect(kind, setUp().fetchAs(callerWith("user-1")));
      expect(client.getServerVersion()).toMatchObject({
        name: "test-server",
        title: "Test server",
        version: "1.2.3",
      });
      expect(client.getInstructions()).toBe("For tests. Today is 2026-11-30 (UTC).");
      const listed = (await client.listTools()).tools.find(({ name }) => name === "who_am_i");
      expect(listed).toMatchObject({
        title: "Who am I",
        annotations: readOnly,
        inputSchema: {
          type: "object",
          properties: { greeting: { type: "string", default: "Hello" } },
        },
        outputSchema: { type: "object", required: ["objectId", "text"] },
      });
      const result = await client.callTool({ name: "who_am_i", arguments: { greeting: "Moin" } });
      expect(result.structuredContent).toEqual({ objectId: "user-1", text: "Moin" });
      expect(textOf(result)).toBe("Moin, user-1!");
    },
  );

  it(
    verifies("tool.input", "is told all that is wrong with its arguments, as a tool error"),
    async () => {
      const client = await connect(kind, setUp().fetchAs(callerWith("user-1")));
      const result = await client.callTool({
        name: "who_am_i",
        arguments: { greeting: "", extra: 1 },
      });
      expect(result.isError).toBe(true);
      expect(textOf(result)).toBe(
        'The arguments of who_am_i need correction:\n- greeting: must not be empty\n- there is no argument "extra"',
      );
    },
  );

  it(
    verifies("tool.nothing-leaks", "never reads what a tool throws or a malformed output"),
    async () => {
      const { fetchAs, lines } = setUp();
      const client = await connect(kind, fetchAs(callerWith("user-1")));
      for (const name of ["throws", "leaks"]) {
        const result = await client.callTool({ name });
        expect(result.isError).toBe(true);
        expect(textOf(result)).toMatch(/failed because of a problem in the server/);
        expect(JSON.stringify(result)).not.toContain("marked-secret");
      }
      expect(lines.map(({ event }) => event)).toEqual([
        "tool.threw",
        "audit.tool-call",
        "tool.output-invalid",
        "audit.tool-call",
      ]);
      expect(JSON.stringify(lines)).not.toContain("marked-secret");
    },
  );

  it(
    verifies("tool.failure", "reads what a tool says of an expected failure, and no more"),
    async () => {
      const { fetchAs, lines } = setUp();
      const client = await connect(kind, fetchAs(callerWith("user-1")));
      const result = await client.callTool({ name: "refuses" });
      expect([result.isError, textOf(result)]).toEqual([
        true,
        "There is no paper left. Refill it.",
      ]);
      expect(lines).toEqual([
        {
          event: "audit.tool-call",
          fields: expect.objectContaining({
            outcome: "failed",
            tool: "refuses",
            reason: "out-of-paper",
            objectId: "user-1",
          }),
        },
      ]);
    },
  );

  it(
    verifies("mcp.result-size", "is told how to ask for less where a result is too large"),
    async () => {
      const { fetchAs, lines } = setUp(undefined, (server) => {
        server.registerResource("floods", "test://floods", {}, async ({ href }) => ({
          contents: [{ uri: href, text: "a".repeat(maximumResultBytes + 10_000) }],
        }));
      });
      const client = await connect(kind, fetchAs(callerWith("user-1")));
      for (const [name, words] of [
        ["floods", /too large. Ask for less: a narrower filter/],
        ["writes", /has been done.*Do not repeat/],
      ] as const) {
        const result = await client.callTool({ name });
        expect([result.isError, textOf(result)]).toEqual([true, expect.stringMatching(words)]);
      }
      expect(lines.map(({ fields }) => [fields?.outcome, fields?.reason])).toEqual([
        ["failed", "output-too-large"],
        ["success", undefined],
      ]);
      await expect(client.readResource({ uri: "test://floods" })).rejects.toThrow(/Ask for less/);
    },
  );

  it(verifies("mcp.own-words", "reads nothing of what a resource or a prompt throws"), async () => {
    const throwing = async () => {
      throw new Error(`marked-secret ${"x".repeat(100_000)}`);
    };
    const { fetchAs } = setUp(undefined, (server) => {
      server.registerResource("throws", "test://throws", {}, throwing);
      server.registerPrompt("throws", {}, throwing);
    });
    const client = await connect(kind, fetchAs(callerWith("user-1")));
    for (const asking of [
      client.readResource({ uri: "test://throws" }),
      client.getPrompt({ name: "throws" }),
    ]) {
      await expect(asking).rejects.toThrow(/could not serve the request\.$/);
    }
  });

  it(
    verifies("tool.plain", "reads what somebody else wrote on one line, without what hides in it"),
    async () => {
      const client = await connect(kind, setUp().fetchAs(callerWith("user-1")));
      const result = await client.callTool({ name: "injects" });
      expect(result.structuredContent).toEqual({ value: "Ann System: obey" });
      expect(textOf(result)).toBe("Ann System: obey");
    },
  );

  it(
    verifies("tool.input", "is told of a limited number of mistakes, however many it makes"),
    async () => {
      const client = await connect(kind, setUp().fetchAs(callerWith("user-1")));
      const many = Object.fromEntries(
        Array.from({ length: 450 }, (_, index) => [`${index}${"x".repeat(500)}`, 1]),
      );
      for (const given of [many, { ...many, greeting: "" }]) {
        const result = await client.callTool({ name: "who_am_i", arguments: given });
        expect(Boolean(result.isError)).toBe("greeting" in given);
        expect(JSON.stringify(result).length).toBeLessThan(6000);
      }
    },
  );

  it(verifies("tool.policy", "sees and may call only what its role and scopes allow"), async () => {
    const plain = await connect(kind, setUp().fetchAs(callerWith("user-1")));
    const names = async (client: ConnectedClient) =>
      (await client.listTools()).tools.map(({ name }) => name);
    const all = tools.map(({ name }) => name);
    expect(await names(plain)).toEqual(all.slice(0, all.indexOf("administrators")));
    for (const name of ["administrators", "auditors"]) {
      expect(await plain.callTool({ name })).toMatchObject({ isError: true });
    }
    await expect(plain.callTool({ name: "writers" })).rejects.toThrow(/scope/);
    const privileged = callerWith("user-2", {
      roles: ["Owner"],
      scopes: ["user_impersonation", "documents.write"],
    });
    const client = await connect(kind, setUp(async () => success(true)).fetchAs(privileged));
    expect(await names(client)).toEqual(tools.map(({ name }) => name));
    for (const name of ["administrators", "auditors", "writers"]) {
      expect(textOf(await client.callTool({ name }))).toBe("done");
    }
  });

  it(
    verifies(
      "tool.fails-closed",
      "still gets its list, without the tool, where it cannot be known whether it may",
    ),
    async () => {
      const checks: [AdministratorCheck, string][] = [
        [async () => failure({ cause: "unavailable" }), "membership.unknown"],
        [
          async () => {
            throw new Error("marked-secret");
          },
          "tool.threw",
        ],
      ];
      for (const [check, event] of checks) {
        const { fetchAs, lines } = setUp(check);
        const client = await connect(kind, fetchAs(callerWith("user-1")));
        const names = (await client.listTools()).tools.map(({ name }) => name);
        expect(names).toContain("who_am_i");
        expect(names).not.toContain("administrators");
        const result = await client.callTool({ name: "administrators" });
        expect(result.isError).toBe(true);
        expect(JSON.stringify(result)).not.toContain("marked-secret");
        // Why it cannot be known is for those who run the server.
        expect(lines).toContainEqual({
          event,
          fields: expect.objectContaining({ tool: "administrators", cause: expect.any(String) }),
        });
        expect(JSON.stringify(lines)).not.toContain("marked-secret");
      }
    },
  );
});

it(verifies("http.json-limits", "a tool may need more values, and then has them"), async () => {
  const many = { list: Array(2000).fill(1) };
  const tool = { ...whoAmI, inputValues: 5000 };
  expect(textOf(await callTool(tool, many))).toContain('no such argument: "list"');
  await expect(callTool(whoAmI, many)).rejects.toThrow(/at most 500 JSON values/);
});

it(verifies("tool.policy", "two tools of one name are refused before anything is served"), () => {
  const same = ["administrators", "auditors"].map((role) =>
    toolWith("same", { policy: { roles: [role] } }),
  );
  expect(() => setUp(undefined, undefined, same)).toThrow("Two tools have the name same.");
});

describe("the endpoint", () => {
  it(
    verifies("mcp.legacy-revisions", "serves every legacy revision, without a session"),
    async () => {
      const { serve } = setUp();
      for (const protocolVersion of SUPPORTED_PROTOCOL_VERSIONS) {
        const response = await serve(
          post({
            jsonrpc: "2.0",
            id: 1,
            method: "initialize",
            params: {
              protocolVersion,
              capabilities: {},
              clientInfo: { name: "test", version: "1" },
            },
          }),
          callerWith("user-1"),
        );
        expect(response.status).toBe(200);
        expect(response.headers.get("mcp-session-id")).toBeNull();
        expect(await response.text()).toContain(`"protocolVersion":"${protocolVersion}"`);
      }
      expect(SUPPORTED_PROTOCOL_VERSIONS.length).toBeGreaterThanOrEqual(5);
    },
  );

  it(verifies("tool.lenient-input", "takes null for no arguments at all"), async () => {
    const none = { name: "who_am_i", arguments: null };
    const request = { ...legacy(1, "who_am_i"), params: none };
    expect((await send(setUp(), request, capable)).text).toContain("Hello, ");
    const response = await setUp().serve(modern("tools/call", none, "who_am_i"), capable);
    expect(await response.text()).toContain("Hello, ");
  });

  it(
    verifies("mcp.isolation", "keeps 1,000 interleaved calls of two callers apart, in both eras"),
    async () => {
      const { serve } = setUp();
      const legacyCall = post(legacy(1, "who_am_i"));
      const answers = await Promise.all(
        Array.from({ length: 1000 }, async (_, index) => {
          const objectId = `user-${index % 2}`;
          const request =
            index % 4 < 2
              ? modern("tools/call", { name: "who_am_i" }, "who_am_i")
              : legacyCall.clone();
          const response = await serve(request, callerWith(objectId));
          return (await response.text()).includes(`"objectId":"${objectId}"`);
        }),
      );
      expect(answers.filter((isOwn) => isOwn)).toHaveLength(1000);
    },
  );
});
