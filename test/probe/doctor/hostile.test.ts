import type { ServerResponse } from "node:http";
import { createServer as createTcpServer } from "node:net";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { examine, findingsOf, resultsOf } from "../../../probe/doctor/examination.ts";
import { shakeHands } from "../../../probe/doctor/network.ts";
import { jsonReport } from "../../../probe/doctor/report.ts";
import { exitCodeOf } from "../../../probe/shared/report.ts";
import { verifies } from "../../requirements.ts";
import { listen } from "../../support/listen.ts";
import { hostileServer, type Lies, type Reply } from "../shared/hostile-server.ts";

async function examineWith(told: (self: URL) => Lies, timeout = 2_000) {
  const server = await hostileServer(told);
  const { target, token } = server;
  const asked = { target, token, origin: undefined, call: true, timeout, now: Date.now };
  const report = await examine(asked);
  return { server, report, json: jsonReport(report, [token]), code: exitCodeOf(report) };
}

it("takes a server that could lie for a healthy one as long as it tells no lies", async () => {
  const { report, code } = await examineWith(() => ({}));
  expect(findingsOf(report)).toEqual([]);
  expect(code).toBe(0);
});

describe("what a server sends without an end", () => {
  const packed = gzipSync(Buffer.alloc(20_000_000, " "));
  const isEndless = (what: string) => typeof streams[what] === "function" && !/unpacks/.test(what);
  const endless = (response: ServerResponse, type: string, piece: string, pause = 0) => {
    response.setHeader("content-type", type);
    const timer = setInterval(() => response.write(piece), pause);
    response.once("close", () => clearInterval(timer));
  };
  const streams: Readonly<Record<string, Reply>> = {
    "a body": (response) => endless(response, "application/json", "x".repeat(100_000)),
    "a body, byte by byte": (response) => endless(response, "application/json", " ", 20),
    "a stream of events": (response) =>
      endless(response, "text/event-stream", "data: {}\n\n".repeat(1_000)),
    "an event that looks like a response again and again": (response) =>
      endless(response, "text/event-stream", `data: ${'"result": '.repeat(20_000)}`),
    "strings that do not end": { text: `{"a":"${'\\"'.repeat(400_000)}`, type: "application/json" },
    "what unpacks to a thousand times its size": (response) => {
      response.writeHead(200, { "content-type": "application/json", "content-encoding": "gzip" });
      response.end(packed);
    },
  };

  it.each(Object.keys(streams))(verifies("doctor.hostile", "is cut off: %s"), async (what) => {
    const reply = streams[what] ?? { text: "" };
    const startedAt = performance.now();
    const { json, code } = await examineWith(
      () => ({ readiness: reply, results: { "tools/list": reply } }),
      300,
    );
    expect(performance.now() - startedAt).toBeLessThan(5_000);
    expect(code).toBe(1);
    expect(JSON.parse(json)).toMatchObject({
      first: isEndless(what) ? "server.dependencies" : "calls.tools",
    });
  });

  it(verifies("doctor.hostile", "is cut off in a handshake, too"), async () => {
    const server = createTcpServer((socket) => {
      // A TLS record that is announced as long, and comes byte by byte.
      socket.write(Buffer.from([0x16, 3, 3, 0x3f, 0xff]));
      const timer = setInterval(() => socket.write(Buffer.from([0])), 20);
      socket.on("error", () => {}).once("close", () => clearInterval(timer));
    });
    const { port, close } = await listen(server);
    const shown = await shakeHands(new URL(`https://127.0.0.1:${port}`), 300);
    expect(shown).toMatchObject({ code: expect.stringMatching(/timeout|ERR_SSL/) });
    await close();
  });
});

describe("the token", () => {
  const redirectTo =
    ({ href: location }: URL): Reply =>
    (response) =>
      response.writeHead(307, { location }).end();

  it(verifies(["doctor.no-secrets", "doctor.token-stays"], "goes to that URL alone"), async () => {
    const elsewhere = await hostileServer();
    const away = redirectTo(elsewhere.target);
    const { server, code } = await examineWith((self) => ({
      metadata: {
        json: {
          resource: self.href,
          authorization_servers: [elsewhere.target.origin],
          scopes_supported: ["api://expenses-abc/user_impersonation"],
        },
      },
      discovery: away,
      results: { initialize: away, "server/discover": away, "tools/list": away },
    }));
    expect(code).toBe(1);
    const given = elsewhere.requests.filter(({ authorization }) => authorization !== undefined);
    expect(given).toEqual([]);
    expect(elsewhere.requests.map(({ path }) => path)).not.toContain("/mcp");
    const paths = server.requests.filter(({ authorization }) => authorization !== undefined);
    expect(new Set(paths.map(({ path }) => path))).toEqual(new Set(paths.length ? ["/mcp"] : []));
  });

  it(verifies("doctor.token-stays", "does not follow a redirect of the MCP URL"), async () => {
    const elsewhere = await hostileServer();
    const away = redirectTo(elsewhere.target);
    const { server, report } = await examineWith(() => ({
      results: { initialize: away, "server/discover": away, "tools/list": away },
    }));
    expect(server.requests.some(({ authorization }) => authorization)).toBe(true);
    expect(findingsOf(report)[0]?.id).toBe("calls.accepted");
    expect(elsewhere.requests).toEqual([]);
  });
});

describe("a sign-in", () => {
  it(
    verifies(["doctor.sign-in-silent", "doctor.token-stays"], "is asked for without the token"),
    async () => {
      const { server, report } = await examineWith((self) => ({
        authorize: (response) => {
          const cookies = ["session=1", "other=2; Path=/"];
          response.writeHead(302, { location: self.href, "set-cookie": cookies }).end();
        },
      }));
      const asked = server.requests.filter(({ path }) => path.includes("/authorize?"));
      expect(asked).toMatchObject([{ method: "GET", authorization: undefined, cookie: undefined }]);
      // Not followed: the target has been asked by GET for methods.get alone.
      const gets = server.requests.filter(
        ({ method, path }) => method === "GET" && path === "/mcp",
      );
      expect(gets).toHaveLength(1);
      const signIns = resultsOf(report).filter(({ check }) => check.id.startsWith("sign-in."));
      expect(signIns.map(({ outcome }) => outcome.kind)).toEqual(
        Array.from({ length: 3 }, () => "not-applicable"),
      );
    },
  );

  it(
    verifies("doctor.sign-in", "says where the authority looks at nothing before it"),
    async () => {
      const { server, report } = await examineWith(() => ({}));
      const kinds = resultsOf(report)
        .filter(({ check }) => check.id.startsWith("sign-in."))
        .map(({ outcome }) => outcome.kind);
      expect(kinds).toEqual(["ok", "note", "note"]);
      expect(server.requests.some(({ cookie }) => cookie)).toBe(false);
    },
  );
});
