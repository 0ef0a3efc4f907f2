import { describe, expect, it } from "vitest";
import { verifies } from "../requirements.ts";
import { callerWith, legacy, modern, post, setUp, url } from "./test-server.ts";

const icons = { name: "x", version: "1", icons: Array(400).fill(1) };

const initialize = {
  jsonrpc: "2.0",
  id: 1,
  method: "initialize",
  params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: icons },
};

const long = "x".repeat(100_000);

describe("the endpoint", () => {
  it(
    verifies("mcp.bad-requests", "answers malformed requests with the protocol's own errors"),
    async () => {
      const { serve } = setUp();
      const logged: string[] = [];
      const statusAndCode = async (request: Request) => {
        const response = await serve(request, callerWith("user-1"), (_level, event) =>
          logged.push(event),
        );
        const code = /"code":(-\d+)/.exec(await response.text())?.[1];
        return [response.status, Number(code)];
      };
      expect(await statusAndCode(post("{"))).toEqual([400, -32700]);
      expect(await statusAndCode(modern("no/such-method"))).toEqual([404, -32601]);
      expect(await statusAndCode(modern("tools/call", { name: "absent" }, "absent"))).toEqual([
        200, -32602,
      ]);
      expect(await statusAndCode(modern("tools/call", { name: "who_am_i" }, "other"))).toEqual([
        400, -32020,
      ]);
      expect(
        (await serve(post("{}", { "content-type": "text/plain" }), callerWith("user-1"))).status,
      ).toBe(415);
      expect(
        (await serve(post(`"${"a".repeat(4 * 1024 * 1024)}"`), callerWith("user-1"))).status,
      ).toBe(413);
      // In the request's own log, so that it can be told whose request it was.
      expect(logged).toContain("mcp.refused");
    },
  );

  it.each<[string, () => Request, RegExp]>([
    ["initialize with wrong icons", () => post(initialize), /"code":-32603,"message":"This server/],
    ["a tool's long name", () => post(legacy(1, long)), /"code":-32602,"message":"A parameter/],
    [
      "a batch of them",
      () => post([1, 2, 3].map((id) => legacy(id, long))),
      /(?:-32602.*\n*.*\n*.*\n*){3}/,
    ],
    [
      "a batch of one to a client that takes JSON alone",
      () => post([legacy(1, long)], { accept: "application/json" }),
      /^\[\{.*"code":-32602,"message":"A parameter/,
    ],
    ["a long name, modern", () => modern("tools/call", { name: long }, "x"), /"code":-32020/],
    [
      "a tool that there is not, modern",
      () => modern("tools/call", { name: long }, long),
      /-32602/,
    ],
    ["a long method", () => modern(long), /"code":-32601/],
    ["a body that is no message", () => post({ [long]: long }), /"code":-32600/],
    ["a long Accept", () => post(legacy(1, "x"), { accept: long }), /"message":"Accept has to/],
    ["a long revision", () => post(legacy(1, "x"), { "mcp-protocol-version": long }), /"code":-32/],
  ])(verifies("mcp.own-words", "answers %s in few words, and says none back"), async (...row) => {
    const [, request, expected] = row;
    const text = await (await setUp().serve(request(), callerWith("user-1"))).text();
    expect(text).toMatch(expected);
    expect(text.length).toBeLessThan(1000);
    expect(text).not.toContain("xxx");
  });

  it(
    verifies("mcp.own-words", "still says which resource there is not, if its name is short"),
    async () => {
      const { serve } = setUp(undefined, (server) => {
        server.registerResource("one", "test://one", {}, async () => ({ contents: [] }));
      });
      for (const [uri, data] of [
        ["test://other", { uri: "test://other" }],
        [`test://${long}`, undefined],
      ]) {
        const request = modern("resources/read", { uri }, String(uri));
        const { error } = (await (await serve(request, callerWith("user-1"))).json()) as {
          error: { data: unknown };
        };
        expect(error.data).toEqual(data);
      }
    },
  );

  it(
    verifies(
      ["mcp.own-words", "mcp.result-size"],
      "holds for each answer of a batch to a client that takes JSON alone",
    ),
    async () => {
      const { serve } = setUp(undefined, (server) => {
        server.registerResource("one", "test://one", {}, async () => {
          throw new Error("marked-secret");
        });
        server.registerResource("two", "test://two", {}, async ({ href }) => ({
          contents: [{ uri: href, text: "a".repeat(2_000_000) }],
        }));
      });
      const batch = ["one", "two"].map((name) => ({
        jsonrpc: "2.0",
        id: name,
        method: "resources/read",
        params: { uri: `test://${name}` },
      }));
      const request = post(batch, { accept: "application/json" });
      const answers = await (await serve(request, callerWith("user-1"))).json();
      expect(answers).toEqual([
        {
          jsonrpc: "2.0",
          id: "one",
          error: { code: -32603, message: expect.stringMatching(/^This server could not/) },
        },
        {
          jsonrpc: "2.0",
          id: "two",
          error: { code: -32603, message: expect.stringMatching(/too large. Ask for less/) },
        },
      ]);
    },
  );

  it(verifies("mcp.own-words", "still says which revisions there are"), async () => {
    const request = modern("tools/list");
    request.headers.set("mcp-protocol-version", "2030-01-01");
    const body = (await request.text()).replaceAll("2026-07-28", "2030-01-01");
    const response = await setUp().serve(
      new Request(url, { method: "POST", headers: request.headers, body }),
      callerWith("user-1"),
    );
    expect(await response.json()).toMatchObject({
      error: { code: -32022, data: { supported: expect.arrayContaining(["2026-07-28"]) } },
    });
  });

  it(
    verifies("mcp.bad-requests", "says in the log of each request why it was refused, or failed"),
    async () => {
      const server = setUp();
      const broken = setUp(undefined, () => {
        throw new TypeError("marked-secret");
      });
      const expected: [ReturnType<typeof setUp>, Request, string[]][] = [
        [server, modern("tools/list"), []],
        [server, modern("tools/call", { name: "who_am_i" }, "other"), ["info 400 -32020"]],
        [broken, modern("tools/list"), ["error TypeError", "error 500 -32603"]],
      ];
      const interleaved = Array.from({ length: 10 }, () => expected).flat();
      await Promise.all(
        interleaved.map(async ([{ serve }, request, lines]) => {
          const logged: string[] = [];
          await serve(request.clone(), callerWith("user-1"), (level, _event, fields) => {
            const { status, rpcError, cause } = fields ?? {};
            const reason = cause ? String(cause).split(" ")[0] : `${status} ${rpcError}`;
            logged.push(`${level} ${reason}`);
          });
          expect(logged).toEqual(lines);
        }),
      );
    },
  );
});
