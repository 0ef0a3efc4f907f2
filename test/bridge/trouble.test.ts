import { once } from "node:events";
import { describe, expect, it, vi } from "vitest";
import { createPost } from "../../bridge/relay/post.ts";
import { verifies } from "../requirements.ts";
import { listen } from "../support/listen.ts";
import { answerJson, beginEvents, bridged, type Handler, modern, result } from "./bridged.ts";

const call = modern(1, "tools/call", { name: "add_expense" });

const claimsOf = (value: string) =>
  JSON.stringify({ access_token: { acrs: { essential: true, value } } });
const challengeFor = (value: string) =>
  `Bearer error="insufficient_claims", claims="${Buffer.from(claimsOf(value)).toString("base64")}"`;

describe("a refused token", () => {
  it(verifies("bridge.refused-token", "is replaced, and the request sent once more"), async () => {
    await using bridge = await bridged(({ json, headers }, response) =>
      headers.authorization === "Bearer token-2"
        ? answerJson(response, result(json.id))
        : answerJson(response, { error: "invalid_token" }, 401),
    );
    bridge.tokens.answer = ({ refused }) => (refused === "token-1" ? "token-2" : "token-1");
    bridge.send(call);
    expect(await bridge.next()).toEqual(result(1));
    expect(bridge.received).toHaveLength(2);
    expect(bridge.logged.join("\n")).not.toMatch(/token-\d/);
  });

  it(
    verifies("bridge.refused-token", "is told in words when the next one is refused too"),
    async () => {
      const now = Date.parse("2026-11-30T12:00:00Z");
      const refuse: Handler = (_received, response) =>
        answerJson(response, { error_description: "Not for this server.\u001b[2J" }, 401, {
          date: "Mon, 30 Nov 2026 12:07:00 GMT",
        });
      await using bridge = await bridged(refuse, { now: () => now });
      bridge.send(call);
      const { error } = await bridge.next();
      expect(error).toMatchObject({ code: -32603, data: { source: "bridge", reason: "refused" } });
      expect(error.message).toContain("refuses the access token, also after a new one (401)");
      expect(error.message).toContain('It says: "Not for this server.?[2J".');
      expect(error.message).toContain("clock is 7 minutes behind the server's");
      expect(bridge.received).toHaveLength(2);
    },
  );

  it(
    verifies(
      "bridge.claims",
      "that lacks claims is replaced by one with them, and the request waits",
    ),
    async () => {
      await using bridge = await bridged(({ json, headers }, response) => {
        if (headers.authorization === "Bearer with-claims") answerJson(response, result(json.id));
        else if (headers.authorization === "Bearer token-1") response.writeHead(401).end();
        else response.writeHead(401, { "www-authenticate": challengeFor("c1") }).end();
      });
      bridge.tokens.answer = (options) =>
        options.claims ? "with-claims" : options.refused ? "token-2" : "token-1";
      bridge.send(call);
      expect(await bridge.next()).toEqual(result(1));
      expect(bridge.tokens.asked.map(({ claims, refused }) => ({ claims, refused }))).toEqual([
        { claims: undefined, refused: undefined },
        { claims: undefined, refused: "token-1" },
        { claims: claimsOf("c1"), refused: "token-2" },
      ]);
    },
  );

  it.each([
    ["the same claims each time", (_visit: number) => "c1", 2],
    ["other claims each time", (visit: number) => `c${visit}`, 3],
  ])(
    verifies("bridge.refused-token", "leads nowhere where the server demands %s"),
    async (_what, value, visits) => {
      await using bridge = await bridged((_received, response) => {
        const challenge = challengeFor(value(bridge.received.length));
        response.writeHead(401, { "www-authenticate": challenge }).end();
      });
      bridge.send(call);
      expect(await bridge.next()).toMatchObject({ error: { data: { reason: "refused" } } });
      expect([bridge.received.length, bridge.tokens.asked.length]).toEqual([visits, visits]);
    },
  );

  it(
    verifies("bridge.sign-in-fails", "is told with the words of the sign-in, to all who wait"),
    async () => {
      await using bridge = await bridged(() => {});
      bridge.tokens.answer = () => ({ kind: "not-signed-in", words: "The page was closed." });
      bridge.send(modern(1, "tools/list"), modern(2, "prompts/list"));
      for (const id of [1, 2]) {
        expect(await bridge.next()).toMatchObject({
          id,
          error: { message: "The page was closed.", data: { reason: "sign-in" } },
        });
      }
      expect(bridge.received).toEqual([]);
    },
  );
});

it(
  verifies("bridge.sign-in-fails", "a defect of the sign-in is told too, without its text"),
  async () => {
    await using bridge = await bridged(() => {});
    bridge.tokens.answer = () => {
      throw new Error("eyJ-secret");
    };
    bridge.send(modern(1, "tools/list"));
    expect(await bridge.next()).toMatchObject({ error: { data: { reason: "sign-in" } } });
    expect(bridge.logged.join()).toMatch(/has a defect: Error at /);
    expect(bridge.logged.join()).not.toContain("secret");
  },
);

describe("a refusal", () => {
  it.each([
    [403, {}, { error_description: "Not this client." }, "not let|lets this account", "refused"],
    [404, {}, "<html>", "There is no MCP server at http://127", "refused"],
    [405, {}, "", "takes no messages", "refused"],
    [413, {}, "", "too large for the server", "refused"],
    [429, { "retry-after": "17" }, "", "Try again in 17 seconds", "busy"],
    [429, { "retry-after": "1" }, "", "Try again in 1 second.", "busy"],
    [503, { "retry-after": "Mon, 30 Nov 2026 12:00:30 GMT" }, "", "Try again in 30 sec", "busy"],
    [503, { "retry-after": "soon" }, "", "Try again in a moment", "busy"],
    [301, { location: "https://evil.example/x?y" }, "", "to https://evil.example, and", "refused"],
    [307, { location: "/mcp/" }, "", "redirects \\(307\\)", "refused"],
    [500, {}, "at /srv/app.js:1", "may have been carried out", "unknown-outcome"],
    [504, {}, "", "may have been carried out", "unknown-outcome"],
    [418, {}, "", "refuses tools/call add_expense \\(418\\)", "refused"],
  ])(
    verifies("bridge.refusals", "with %i and %j is told in words"),
    async (status, headers, body, words, reason) => {
      await using bridge = await bridged(
        (_received, response) => answerJson(response, body, status, headers),
        { now: () => Date.parse("2026-11-30T12:00:00Z") },
      );
      bridge.send(call);
      const { error } = await bridge.next();
      expect(error.message).toMatch(new RegExp(words));
      expect(error.message).not.toMatch(/srv|<html>|y$/);
      expect(error.data).toEqual({ source: "bridge", reason });
      expect(bridge.received).toHaveLength(1);
    },
  );
});

describe("the network", () => {
  it(
    verifies(
      "bridge.network",
      "that does not lead to the server is told, and the next request tries again",
    ),
    async () => {
      const handler: Handler = ({ json }, response) => answerJson(response, result(json.id));
      const { createServer } = await import("node:http");
      const elsewhere = createServer();
      const { port, close } = await listen(elsewhere);
      await close();
      await using bridge = await bridged(handler, { url: `http://127.0.0.1:${port}/mcp` });
      bridge.send(call);
      expect(await bridge.next()).toMatchObject({
        error: {
          message: expect.stringContaining(`127.0.0.1:${port} cannot be reached (ECONNREFUSED)`),
          data: { reason: "unreachable" },
        },
      });
      const back = createServer((request, response) => {
        request.resume().once("end", () => answerJson(response, result(2)));
      }).listen(port, "127.0.0.1");
      await once(back, "listening");
      bridge.send(modern(2, "tools/list"));
      expect(await bridge.next()).toEqual(result(2));
      back.closeAllConnections();
      back.close();
    },
  );

  it(
    verifies("bridge.unknown-outcome", "that breaks leaves it open whether a call was carried out"),
    async () => {
      await using bridge = await bridged((_received, response) => {
        response.socket?.destroy();
      });
      bridge.send(call);
      const { error } = await bridge.next();
      expect(error.data.reason).toBe("unknown-outcome");
      expect(error.message).toMatch(
        /broke \(ECONNRESET\) before tools\/call add_expense was answered\. It may have been carried out: look/,
      );
      expect(bridge.received).toHaveLength(1);
    },
  );

  it(
    verifies("bridge.unknown-outcome", "that breaks halfway through an answer does so too"),
    async () => {
      await using bridge = await bridged((_received, response) => {
        beginEvents(response)({ jsonrpc: "2.0", method: "notifications/progress", params: {} });
        setImmediate(() => response.socket?.destroy());
      });
      bridge.send(call);
      expect(await bridge.next()).toMatchObject({ method: "notifications/progress" });
      expect(await bridge.next()).toMatchObject({ error: { data: { reason: "unknown-outcome" } } });
    },
  );

  it(
    verifies("bridge.unknown-outcome", "that breaks has what changes nothing asked once more"),
    async () => {
      let connections = 0;
      await using bridge = await bridged(({ json }, response) => {
        connections += 1;
        if (connections === 1) response.socket?.destroy();
        else answerJson(response, result(json.id));
      });
      bridge.send(modern(1, "resources/read", { uri: "expenses://categories" }));
      expect(await bridge.next()).toEqual(result(1));
      expect(connections).toBe(2);
    },
  );

  it(
    verifies(
      "bridge.proxy",
      "has a proxy between where the environment names one, for https alone",
    ),
    async () => {
      const asked: string[] = [];
      const { createServer } = await import("node:http");
      const proxy = createServer((request, response) => {
        asked.push(`${request.method} ${request.url}`);
        response.writeHead(502).end();
      }).on("connect", (request, socket) => {
        asked.push(`${request.method} ${request.url}`);
        socket.end("HTTP/1.1 502 Bad Gateway\r\n\r\n");
      });
      const { port, close } = await listen(proxy);
      for (const name of ["HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"]) {
        vi.stubEnv(name, `http://127.0.0.1:${port}`);
      }
      vi.stubEnv("NO_PROXY", "");
      vi.stubEnv("no_proxy", "");
      try {
        await using near = await bridged(({ json }, response) =>
          answerJson(response, result(json.id)),
        );
        near.send(call);
        expect(await near.next()).toEqual(result(1));
        expect(asked).toEqual([]);
        await using far = await bridged(() => {}, { url: "https://mcp.contoso.example/mcp" });
        far.send(call);
        expect(await far.next()).toMatchObject({ error: { data: { reason: "unreachable" } } });
        expect(asked).toEqual(["CONNECT mcp.contoso.example:443"]);
      } finally {
        vi.unstubAllEnvs();
        await close();
      }
    },
  );

  it(
    verifies("bridge.sleep", "is not waited for long after a sleep, for what was under way"),
    async () => {
      let now = 0;
      const { createServer } = await import("node:http");
      const arrived = Promise.withResolvers<void>();
      const silent = createServer((request) => {
        request.resume().once("end", () => arrived.resolve());
      });
      const { port, close } = await listen(silent);
      const post = createPost(new URL(`http://127.0.0.1:${port}/mcp`), () => now, {
        look: 5,
        afterSleep: 10,
      });
      const { signal } = new AbortController();
      const posted = post({ headers: {}, body: "{}", signal });
      await arrived.promise;
      now += 8 * 60 * 60_000;
      expect(await posted).toEqual({
        ok: false,
        reason: { kind: "no-answer", code: "ETIMEDOUT", mayHaveArrived: true },
      });
      await close();
    },
  );

  it(verifies("bridge.sleep", "is trusted with no connection from before a sleep"), async () => {
    let now = 0;
    const sockets = new Set<unknown>();
    await using bridge = await bridged(
      ({ json }, response) => {
        sockets.add(response.socket);
        answerJson(response, result(json.id));
      },
      { now: () => now },
    );
    const ask = async (id: number) => {
      bridge.send(modern(id, "tools/list"));
      await bridge.next();
    };
    await ask(1);
    await ask(2);
    expect(sockets.size).toBe(1);
    now += 8 * 60 * 60_000;
    await ask(3);
    expect(sockets.size).toBe(2);
  });
});
