import { afterEach, describe, expect, it, vi } from "vitest";
import { z } from "zod";
import { readSettings } from "../../src/config.ts";
import { type Invocation, jsonAnswer, type Pieces } from "../../src/core/endpoint.ts";
import type { LogFields } from "../../src/core/log.ts";
import { failure, success } from "../../src/core/result.ts";
import { callersTurn } from "../../src/gates/concurrency-limit.ts";
import { Arrival, type Verdict } from "../../src/gates/gate.ts";
import { createGates, type GateParts, orderedGates } from "../../src/gates/gates.ts";
import { ownHost } from "../../src/gates/own-hosts.ts";
import { createRateLimits } from "../../src/gates/rate-limits.ts";
import { createRefusalSums, sumMilliseconds } from "../../src/gates/refusal-sums.ts";
import type { TokenRejection } from "../../src/gates/token-rejection.ts";
import { createGuardedEndpoint, requestMilliseconds, type Serve } from "../../src/gates/way-out.ts";
import { aCaller } from "../downstream/fakes.ts";
import { resource } from "../mcp/serve-alone.ts";
import { verifies } from "../requirements.ts";
import { testEnvironment } from "../support/composed.ts";

const metadata = "https://mcp.contoso.example/.well-known/oauth-protected-resource/mcp";
const caller = aCaller({ handlesClaimsChallenges: false, expiresAt: 0 }, "the-token");
const signedIn = { authorization: "Bearer good" };
const appOrigin = "https://app.contoso.example";
const extension = "chrome-extension://abcdefghijklmnopabcdefghijklmnop";
const hosts = [
  "https://mcp.contoso.example/mcp",
  "https://xn--bcher-kva.example:8443/mcp",
  "http://127.0.0.1:7071/mcp",
  "http://localhost/mcp",
].map(ownHost);

type Body = string | ReadableStream<Uint8Array>;

/** The endpoint over a verifier that knows `good` and refuses all else for `rejection`. */
function setUp(
  rejection: TokenRejection = { kind: "bad-signature" },
  { serve, ...parts }: Partial<GateParts> & { readonly serve?: Serve } = {},
) {
  const lines: { event: string; fields: LogFields | undefined }[] = [];
  const served: string[] = [];
  const invocation: Invocation = {
    id: "invocation",
    log: (_level, event, fields) => lines.push({ event, fields }),
  };
  const refusals = createRefusalSums(invocation.log);
  const gates = orderedGates({
    hosts,
    allowedOrigins: [appOrigin, extension],
    tokenVerifier: {
      verify: async (token) => (token === "good" ? success(caller) : failure(rejection)),
    },
    rateLimits: createRateLimits({ perCaller: 0, perAddress: 0 }, 1),
    turn: callersTurn({ running: 100, waiting: 0 }),
    refusals,
    ...parts,
  });
  const endpoint = createGuardedEndpoint({
    gates,
    resource,
    refusals,
    serve:
      serve ??
      (async ({ caller: { objectId }, body: { json } }) => {
        served.push(objectId);
        return success(jsonAnswer(200, { served: json ?? "no JSON" }));
      }),
  });
  const send = (
    method: string,
    headers: Record<string, string> = {},
    { body, query = "" }: { body?: Body; query?: string } = {},
  ) =>
    endpoint(
      new Request(`https://server.invalid/mcp${query}`, {
        method,
        headers: { host: "mcp.contoso.example", ...headers },
        ...(body === undefined ? {} : { body, duplex: "half" }),
      }),
      invocation,
    );
  /** Sends a message of somebody who is signed in. */
  const post = (body: Body = "{}") => send("POST", signedIn, { body });
  return { send, post, lines, served, refusals };
}

const challengeOf = (response: Response) => response.headers.get("www-authenticate");

describe("credentials", () => {
  it(verifies("challenge.without-error", "are asked for with no error if none came"), async () => {
    const { send, lines, served } = setUp();
    const response = await send("POST");
    expect(response.status).toBe(401);
    expect(challengeOf(response)).toBe(
      `Bearer resource_metadata="${metadata}", scope="api://mcp/user_impersonation"`,
    );
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(lines).toEqual([
      {
        event: "audit.authentication",
        fields: expect.objectContaining({ outcome: "refused", reason: "missing-credentials" }),
      },
    ]);
    expect(served).toEqual([]);
  });

  it(verifies("challenge.invalid-token", "that are not valid all get one challenge"), async () => {
    const rejections: TokenRejection[] = [
      { kind: "bad-signature" },
      { kind: "expired", secondsAgo: 99 },
      { kind: "wrong-issuer", got: "https://evil.example", expected: resource.issuer },
      { kind: "sender-constrained" },
    ];
    const answers = await Promise.all(
      rejections.map(async (rejection) => {
        const { send, lines } = setUp(rejection);
        const response = await send("POST", { authorization: "Bearer bad" });
        expect(response.status).toBe(401);
        expect(lines[0]?.fields).toMatchObject({ reason: rejection.kind });
        return { challenge: challengeOf(response), body: await response.text() };
      }),
    );
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(answers[0]?.challenge).toBe(
      `Bearer error="invalid_token", error_description="The access token is not valid for this server. Sign in again.", resource_metadata="${metadata}", scope="api://mcp/user_impersonation"`,
    );
  });

  it(verifies("challenge.insufficient-scope", "without the scope are told it by 403"), async () => {
    for (const rejection of [
      { kind: "missing-scope", got: "openid", expected: "user_impersonation" },
      { kind: "no-delegated-scope", expected: "user_impersonation" },
      { kind: "app-only" },
    ] as const) {
      const response = await setUp(rejection).send("POST", { authorization: "Bearer bad" });
      expect(response.status).toBe(403);
      expect(challengeOf(response)).toContain('error="insufficient_scope"');
      expect(challengeOf(response)).toContain('scope="api://mcp/user_impersonation"');
    }
  });

  it(verifies("key-set.outage", "that cannot be checked get 503 and no challenge"), async () => {
    const { send } = setUp({ kind: "key-set-unavailable", retryAfterSeconds: 7 });
    const response = await send("POST", { authorization: "Bearer some" });
    expect(response.status).toBe(503);
    expect(response.headers.get("retry-after")).toBe("7");
    expect(challengeOf(response)).toBeNull();
  });

  it.each([
    [{ kind: "not-yet-valid", secondsAhead: 45 }, "45"],
    [{ kind: "issued-in-the-future", secondsAhead: 3_600 }, "60"],
  ] as const)(
    verifies("token.from-the-future", "from the future (%o) get 503, not a new sign-in"),
    async (rejection, retryAfter) => {
      const { send, lines } = setUp(rejection);
      const response = await send("POST", { authorization: "Bearer some" });
      expect(response.status).toBe(503);
      expect(response.headers.get("retry-after")).toBe(retryAfter);
      expect(challengeOf(response)).toBeNull();
      expect(lines[0]?.fields).toMatchObject({ outcome: "failed", reason: rejection.kind });
    },
  );

  it(
    verifies("token.agent-user", "of an agent's own account get 403 and no challenge"),
    async () => {
      const { send, lines } = setUp({ kind: "agent-user", got: "client" });
      const response = await send("POST", { authorization: "Bearer some" });
      expect([response.status, challengeOf(response)]).toEqual([403, null]);
      expect(lines[0]?.fields).toMatchObject({ outcome: "refused", reason: "agent-user" });
    },
  );

  it(verifies("token.size", "that are too large get 431 and no challenge"), async () => {
    const { send, lines } = setUp({ kind: "token-too-large", got: 13_000, limit: 12_288 });
    const response = await send("POST", { authorization: `Bearer ${"a".repeat(13_000)}` });
    expect([response.status, challengeOf(response)]).toEqual([431, null]);
    expect(await response.text()).toContain("group claims");
    expect(lines[0]?.fields).toMatchObject({ outcome: "refused", reason: "token-too-large" });
  });

  it(verifies("bearer.header", "are one Bearer credential, its scheme in any case"), async () => {
    const forms = ["Bearer good", "bearer good", "BEARER   good", " Bearer good "];
    for (const authorization of forms) {
      expect((await setUp().send("POST", { authorization })).status).toBe(200);
    }
  });

  it(verifies("bearer.header", "of another form are refused for their own reason"), async () => {
    const forms: Record<string, TokenRejection["kind"]> = {
      "Bearer good,Bearer good": "several-credentials",
      "Bearer good, Basic dXNlcg==": "several-credentials",
      "Basic dXNlcjpwYXNz": "unsupported-scheme",
      "DPoP good": "unsupported-scheme",
      good: "unsupported-scheme",
      Bearer: "malformed-credentials",
      "Bearer good good": "malformed-credentials",
      "Bearer go\u00f6d": "malformed-credentials",
      'Bearer "good"': "malformed-credentials",
    };
    for (const [authorization, reason] of Object.entries(forms)) {
      const { send, lines, served } = setUp();
      const response = await send("POST", { authorization });
      expect([response.status, lines[0]?.fields?.reason]).toEqual([401, reason]);
      expect(served).toEqual([]);
    }
  });
});

describe("methods", () => {
  it(verifies("http.methods", "other than POST get 405, or where to sign in"), async () => {
    for (const method of ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"]) {
      const known = await setUp().send(method, signedIn);
      expect([method, known.status]).toEqual([method, 405]);
      expect(known.headers.get("allow")).toBe("POST, OPTIONS");
      for (const headers of [{}, { authorization: "Bearer bad" }]) {
        const unknown = await setUp().send(method, headers as Record<string, string>);
        expect([method, unknown.status]).toEqual([method, 401]);
        expect(challengeOf(unknown)).toContain(`resource_metadata="${metadata}"`);
      }
    }
  });
});

describe("host and origin", () => {
  it(verifies("http.host", "a foreign host name is refused before anything else"), async () => {
    const ours = "mcp.contoso.example";
    const foreign = [
      "evil.example",
      `${ours}.evil.example`,
      `${ours}:81`,
      `${ours}:80`,
      `${ours}..`,
    ];
    for (const host of [...foreign, `me@${ours}`, `${ours}/`, "127.0.0.1", "localhost:443"]) {
      const { send, lines } = setUp();
      const response = await send("POST", { host, ...signedIn });
      expect([host, response.status]).toEqual([host, 403]);
      expect(lines[0]).toEqual({
        event: "request.refused",
        fields: { reason: "foreign-host", got: host },
      });
    }
  });

  it.each([
    ["MCP.contoso.example", "https://mcp.contoso.example"],
    ["mcp.contoso.example:443", "https://mcp.contoso.example"],
    ["mcp.contoso.example.", "https://mcp.contoso.example"],
    ["mcp.contoso.example.:443", "https://mcp.contoso.example"],
    ["xn--Bcher-kva.example:8443", "https://xn--bcher-kva.example:8443"],
    ["127.0.0.1:7071", "http://127.0.0.1:7071"],
    ["localhost:80", "http://localhost"],
  ])(
    verifies(["http.host", "metadata.each-host"], "asked as %s, the challenge is that of %s"),
    async (host, origin) => {
      const challenge = challengeOf(await setUp().send("POST", { host }));
      expect(challenge).toContain(
        `resource_metadata="${origin}/.well-known/oauth-protected-resource/mcp"`,
      );
    },
  );

  it.each([
    "https://evil.example",
    "null",
    "http://app.contoso.example",
    "chrome-extension://ponmlkjihgfedcbaponmlkjihgfedcba",
    "moz-extension://abcdefghijklmnopabcdefghijklmnop",
    "chrome-extension://",
    "file://",
  ])(verifies("http.origin", "the page %s is refused, its preflight too"), async (origin) => {
    const { send, served } = setUp();
    const response = await send("POST", { origin, ...signedIn });
    expect(response.status).toBe(403);
    expect(response.headers.get("access-control-allow-origin")).toBeNull();
    const preflight = { origin, "access-control-request-method": "POST" };
    expect((await send("OPTIONS", preflight)).status).toBe(403);
    expect(served).toEqual([]);
  });

  it.each([extension, "HTTPS://App.contoso.example:443", "http://127.0.0.1:7071"])(
    verifies("http.origin", "the page %s may call, and its origin is told as it came"),
    async (origin) => {
      const response = await setUp().send("POST", { origin, ...signedIn }, { body: "{}" });
      expect(response.status).toBe(200);
      expect(response.headers.get("access-control-allow-origin")).toBe(origin);
    },
  );

  it(verifies("http.cors", "an allowed page's preflight is told what may be sent"), async () => {
    const response = await setUp().send("OPTIONS", {
      origin: appOrigin,
      "access-control-request-method": "POST",
      "access-control-request-headers": "authorization, mcp-param-city, x-evil",
    });
    expect(response.status).toBe(204);
    expect(response.headers.get("access-control-allow-origin")).toBe(appOrigin);
    expect(response.headers.get("access-control-allow-methods")).toBe("POST");
    const allowed = response.headers.get("access-control-allow-headers")?.split(", ") ?? [];
    const needed = ["Authorization", "MCP-Protocol-Version", "Mcp-Method", "mcp-param-city"];
    expect(allowed).toEqual(expect.arrayContaining(needed));
    expect(allowed).not.toContain("x-evil");
  });

  it(verifies("http.cors", "an allowed page may read the answer and the challenge"), async () => {
    const response = await setUp().send("POST", { origin: appOrigin });
    expect(response.status).toBe(401);
    expect(response.headers.get("access-control-allow-origin")).toBe(appOrigin);
    expect(response.headers.get("access-control-expose-headers")).toContain("WWW-Authenticate");
    expect(response.headers.get("vary")).toContain("Origin");
    expect(response.headers.get("access-control-allow-credentials")).toBeNull();
  });
});

/** A body that sends its chunks and then says nothing more. */
function stalledBody(...chunks: string[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(new TextEncoder().encode(chunk));
    },
  });
}

const megabyte = new Uint8Array(1024 * 1024).fill(0x20);

it(verifies("http.not-stored", "an answer to a caller is to be stored nowhere"), async () => {
  const response = await setUp().post();
  expect(response.headers.get("cache-control")).toBe("no-store, no-transform");
});

describe("a body", () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  it(
    verifies("http.body-size", "of over 4 MiB is not held, and read on within bounds"),
    async () => {
      const { send, post, served, lines } = setUp();
      const announced = await send(
        "POST",
        { ...signedIn, "content-length": String(5 * 1024 * 1024) },
        { body: stalledBody() },
      );
      expect(announced.status).toBe(413);

      let sent = 0;
      let isOpen = false;
      async function* megabytes(count: number) {
        isOpen = true;
        try {
          for (sent = 0; sent < count; sent += 1) yield megabyte;
        } finally {
          isOpen = false;
        }
      }
      const statusOf = async (count: number) =>
        (await post(ReadableStream.from(megabytes(count)))).status;
      // To its end, for the sake of the platform's connection.
      expect([await statusOf(60), sent]).toEqual([413, 60]);
      expect(await statusOf(100)).toBe(413);
      expect(sent).toBeLessThan(70);
      expect(isOpen).toBe(false);
      expect(served).toEqual([]);
      const refusals = lines.filter(({ event }) => event === "request.refused");
      const reasons = refusals.map(({ fields }) => fields?.reason);
      expect(reasons).toEqual(Array(3).fill("body-too-large"));
    },
  );

  it(verifies("http.body-size", "is not read at all without a caller"), async () => {
    let pulled = false;
    async function* pieces() {
      pulled = true;
      yield megabyte;
    }
    const body = ReadableStream.from(pieces());
    expect((await setUp().send("POST", {}, { body })).status).toBe(401);
    expect(pulled).toBe(false);
  });

  it(verifies("http.body-stalled", "that stops arriving is cut off"), async () => {
    vi.useFakeTimers();
    const answering = setUp().post(stalledBody('{"half":'));
    await vi.advanceTimersByTimeAsync(10_000);
    expect((await answering).status).toBe(408);
  });

  it(verifies("http.body-stalled", "that never ends, byte by byte, is cut off"), async () => {
    vi.useFakeTimers();
    async function* drip() {
      for (;;) {
        await new Promise((resolve) => setTimeout(resolve, 9_000));
        yield new Uint8Array([0x20]);
      }
    }
    const answering = setUp().post(ReadableStream.from(drip()));
    await vi.advanceTimersByTimeAsync(60_000);
    expect((await answering).status).toBe(408);
  });

  it(verifies("http.body-size", "in pieces costs what it holds, not per byte"), async () => {
    const inPieces = (size: number, total: number) => {
      let sent = 0;
      return new ReadableStream<Uint8Array>({
        pull(controller) {
          // A buffer of its own for each, as a parser of HTTP chunks hands them over.
          for (let piece = 0; piece < 1000 && sent < total; piece += 1, sent += size) {
            controller.enqueue(new Uint8Array(size).fill(0x20));
          }
          if (sent >= total) controller.close();
        },
      });
    };
    const { post, lines } = setUp();
    expect((await post(inPieces(64, 4_000_000))).status).toBe(200);
    expect((await post(inPieces(1, 4_000_000))).status).toBe(400);
    expect(lines).toContainEqual({
      event: "request.refused",
      fields: { reason: "body-in-pieces", limit: 65_536 },
    });
  });

  it(verifies("http.json-limits", "is refused whose JSON is too deep, wide or long"), async () => {
    const deep = (depth: number) => `${"[".repeat(depth)}${"]".repeat(depth)}`;
    const batch = (length: number) => JSON.stringify(Array.from({ length }, () => ({})));
    const statusOf = async (body: string) => (await setUp().post(body)).status;
    expect(await statusOf(deep(64))).toBe(200);
    expect(await statusOf(deep(65))).toBe(400);
    expect(await statusOf(deep(2_000_000))).toBe(400);
    // Brackets and quotes inside text nest nothing.
    expect(await statusOf(JSON.stringify({ text: `"${"[".repeat(1000)}` }))).toBe(200);
    const message = (values: number, value = "1") =>
      `{"params":[${Array(values).fill(value).join()}]}`;
    expect(await statusOf(message(1_000_000, "{}"))).toBe(400);
    expect(await statusOf(message(500))).toBe(400);
    expect(await statusOf(message(490))).toBe(200);
    // Each message of a batch counts, and all of them together.
    const batchOf = (...lengths: number[]) =>
      `[${lengths.map((length) => message(length)).join()}]`;
    expect(await statusOf(batchOf(1, 500, 1))).toBe(400);
    expect(await statusOf(batchOf(490, 490, 490, 490))).toBe(200);
    expect(await statusOf(batchOf(490, 490, 490, 490, 490))).toBe(400);
    expect(await statusOf(JSON.stringify({ text: ",".repeat(100_000) }))).toBe(200);
    expect(await statusOf(batch(50))).toBe(200);
    expect(await statusOf(batch(51))).toBe(400);
  });

  it(
    verifies("http.json-limits", "may be larger where it is one call of a tool that needs that"),
    async () => {
      const list = Array(600).fill(1);
      const call = (name: unknown, of: unknown = list) => ({
        ...{ jsonrpc: "2.0", id: 1, method: "tools/call" },
        params: { name, arguments: { list: of } },
      });
      const statusOf = async (body: unknown) => {
        const gates = setUp(undefined, { largeCalls: new Map([["import", 9_000]]) });
        return (await gates.post(typeof body === "string" ? body : JSON.stringify(body))).status;
      };
      expect(await statusOf(call("import"))).toBe(200);
      expect(await statusOf(call("import", Array(8_900).fill(1)))).toBe(200);
      expect(await statusOf(call("import", Array(9_000).fill(1)))).toBe(400);
      // Whatever else anybody sends has no more room than before.
      expect(await statusOf(call("list"))).toBe(400);
      expect(await statusOf(call(["import"]))).toBe(400);
      expect(await statusOf({ ...call("import"), method: "tools/list" })).toBe(400);
      expect(await statusOf({ ...call("import"), method: "prompts/get" })).toBe(400);
      expect(await statusOf([call("import")])).toBe(400);
      expect(await statusOf([call("import", []), call("list")])).toBe(400);
      // The last of two members counts, here as for the protocol.
      expect(
        await statusOf(JSON.stringify(call("import")).replace("{", '{"params":{"name":"list"},')),
      ).toBe(200);
      expect(
        await statusOf(JSON.stringify(call("list")).replace("{", '{"params":{"name":"import"},')),
      ).toBe(400);
      expect(await statusOf(JSON.stringify(call("import")).slice(0, -1))).toBe(400);
    },
  );

  it(
    verifies("http.batch-ids", "of requests that repeat an id, or a long one, is refused"),
    async () => {
      const call = (id?: unknown) => ({ jsonrpc: "2.0", id, method: "tools/call" });
      const statusOf = async (json: unknown) => (await setUp().post(JSON.stringify(json))).status;
      expect(await statusOf([call(1), call(2), call(1)])).toBe(400);
      expect(await statusOf([call("a"), call("a")])).toBe(400);
      // A number is another id than its text, and what is no request has none of its own.
      expect(await statusOf([call(1), call("1"), { id: 1, result: {} }, call(), call()])).toBe(200);
      expect(await statusOf(call("i".repeat(256)))).toBe(200);
      expect(await statusOf(call("i".repeat(257)))).toBe(400);
      expect(await statusOf([call("i".repeat(257))])).toBe(400);
    },
  );

  it(verifies("http.json-limits", "that is no JSON is left to the protocol"), async () => {
    const response = await setUp().send("POST", signedIn, { body: "{" });
    expect(await response.json()).toEqual({ served: "no JSON" });
  });

  it(verifies("http.headers-overridden", "or query with a member Headers is refused"), async () => {
    const { send, post, served } = setUp();
    const forged = JSON.stringify({ host: "mcp.contoso.example", ...signedIn });
    for (const query of [`?Headers=${encodeURIComponent(forged)}`, "?hEADERS=x"]) {
      expect((await send("POST", signedIn, { query })).status).toBe(400);
    }
    const body = JSON.stringify({ jsonrpc: "2.0", Headers: { host: "evil.example" } });
    expect((await post(body)).status).toBe(400);
    expect(served).toEqual([]);
  });
});

describe("the log", () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  const rateLimits = {
    ...createRateLimits({ perCaller: 0, perAddress: 0 }, 1),
    address: {
      name: "requests of the address",
      pass: ({ request }: Arrival) =>
        request.headers.has("x-forwarded-for")
          ? { refused: { kind: "address-rate-limited", retryAfterSeconds: 1 } as const }
          : undefined,
    },
  };
  it.each<[string, number, string, Record<string, string>]>([
    ["foreign host", 403, "POST", { host: "evil.example" }],
    ["foreign page", 403, "POST", { origin: "https://evil.example" }],
    ["large headers", 431, "POST", { "x-large": "a".repeat(17_000) }],
    ["other method", 405, "GET", signedIn],
    ["busy address", 429, "POST", { ...signedIn, "x-forwarded-for": "203.0.113.7" }],
    ["lack of credentials", 401, "GET", {}],
  ])(verifies("refusals.sums", "has one line a minute for each %s"), async (...row) => {
    const [, status, method, headers] = row;
    vi.useFakeTimers();
    const { send, lines, refusals } = setUp(undefined, { rateLimits });
    const flood = async (count: number) => {
      for (let sent = 0; sent < count; sent += 1) {
        expect((await send(method, headers)).status).toBe(status);
      }
      const named = lines.splice(0).filter(({ fields }) => fields?.outcome !== "success");
      return named.map(({ event, fields }) => [event, fields?.reason, fields?.count]);
    };
    const [first, ...more] = await flood(500);
    expect(more).toEqual([]);
    const [event, reason] = first ?? [];
    expect([event, reason, first?.[2]]).toEqual([
      expect.stringMatching(/^(request.refused|audit.authentication)$/),
      expect.any(String),
      undefined,
    ]);
    await vi.advanceTimersByTimeAsync(sumMilliseconds);
    // The sum of the minute before; none of the next one's is written at once.
    expect(await flood(300)).toEqual([[event, reason, 499]]);
    refusals.flush();
    expect(await flood(0)).toEqual([[event, reason, 300]]);
    await vi.advanceTimersByTimeAsync(2 * sumMilliseconds);
    expect(await flood(1)).toEqual([[event, reason, undefined]]);
    expect(vi.getTimerCount()).toBe(1);
    await vi.advanceTimersByTimeAsync(sumMilliseconds);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe("limits", () => {
  it(verifies("http.order", "come as headers, address, token, method"), async () => {
    const rateLimits = createRateLimits({ perCaller: 0, perAddress: 1 }, 1);
    const { send } = setUp(undefined, { rateLimits });
    const wrong = { "x-forwarded-for": "203.0.113.7" };
    const large = { "x-large": "a".repeat(17_000) };
    const statuses: number[] = [];
    for (const headers of [large, {}, {}]) {
      statuses.push((await send("GET", { ...wrong, ...headers })).status);
    }
    statuses.push((await send("GET", signedIn)).status);
    expect(statuses).toEqual([431, 401, 429, 405]);
  });

  it(verifies("http.header-size", "on the size of headers are answered 431"), async () => {
    const { send } = setUp();
    expect((await send("POST", { ...signedIn, "x-large": "a".repeat(17_000) })).status).toBe(431);
    const many = Object.fromEntries(Array.from({ length: 101 }, (_, index) => [`x-${index}`, "a"]));
    expect((await send("POST", { ...signedIn, ...many })).status).toBe(431);
  });

  it(verifies("http.rate-caller", "on a caller's messages count each of a batch"), async () => {
    const rateLimits = createRateLimits({ perCaller: 10, perAddress: 0 }, 1);
    const { post, served } = setUp(undefined, { rateLimits });
    const batch = JSON.stringify(Array.from({ length: 5 }, () => ({})));
    expect((await post(batch)).status).toBe(200);
    expect((await post(batch)).status).toBe(200);
    const refused = await post();
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThanOrEqual(59);
    expect(served).toHaveLength(2);
  });

  it(verifies("http.rate-caller", "on a caller's messages count refused bodies"), async () => {
    const rateLimits = createRateLimits({ perCaller: 67, perAddress: 0 }, 1);
    const { post } = setUp(undefined, { rateLimits });
    const statuses: number[] = [];
    // The second costs 64 messages more, for 4 MiB.
    for (const body of ["[".repeat(65), " ".repeat(4 * 1024 * 1024 + 1), "{", "{}"]) {
      statuses.push((await post(body)).status);
    }
    expect(statuses).toEqual([400, 413, 200, 429]);
    // Over the limit nothing is read any more.
    expect((await post(stalledBody())).status).toBe(429);
  });

  it.each([
    ["a large body", JSON.stringify({ text: "a".repeat(640 * 1024) }), "", undefined],
    ["a large answer", "{}", "a".repeat(640 * 1024), undefined],
    ["an answer in large pieces", "{}", undefined, 640 * 1024],
  ])(verifies("http.rate-bytes", "on a caller count %s as several messages"), async (...row) => {
    const [, sent, body, size = 0] = row;
    const rateLimits = createRateLimits({ perCaller: 10, perAddress: 0 }, 1);
    const pieces = (): Pieces => {
      let left = size;
      const next = async () => {
        left -= 64 * 1024;
        return left < 0 ? { done: true } : { done: false, value: new Uint8Array(64 * 1024) };
      };
      return { next, cancel: async () => {} };
    };
    const { post } = setUp(undefined, {
      rateLimits,
      serve: async () => success({ status: 200, headers: {}, body: body ?? pieces() }),
    });
    const first = await post(sent);
    await first.text();
    expect([first.status, (await post()).status]).toEqual([200, 429]);
  });

  it(verifies("http.rate-bytes", "on a caller count what is thrown away too"), async () => {
    const { post } = setUp(undefined, {
      rateLimits: createRateLimits({ perCaller: 100, perAddress: 0 }, 1),
    });
    const tooLarge = ReadableStream.from(Array<Uint8Array>(8).fill(megabyte));
    expect([(await post(tooLarge)).status, (await post()).status]).toEqual([413, 429]);
  });

  it(
    verifies("http.rate-values", "on a caller count many values as several messages"),
    async () => {
      const call = (values: number) =>
        JSON.stringify({
          method: "tools/call",
          params: { name: "import", arguments: Array(values).fill(1) },
        });
      const statuses = async (...bodies: string[]) => {
        const { post } = setUp(undefined, {
          rateLimits: createRateLimits({ perCaller: 40, perAddress: 0 }, 1),
          largeCalls: new Map([["import", 9_000]]),
        });
        const answers = [];
        for (const body of bodies) answers.push((await post(body)).status);
        return answers;
      };
      const times = (count: number, body: string) => Array<string>(count).fill(body);
      expect(await statuses(...times(5, call(4_400)))).toEqual([200, 200, 200, 200, 429]);
      expect(await statuses(...times(4, call(4_400)), call(1))).toEqual([200, 200, 200, 200, 200]);
      // But none as more than a quarter of a minute's, or a low limit would let none through.
      expect(await statuses(...times(5, call(8_000)))).toEqual([200, 200, 200, 200, 429]);
    },
  );

  it(verifies("http.rate-address", "on an address count refusals, by trusted hop"), async () => {
    const rateLimits = createRateLimits({ perCaller: 0, perAddress: 2 }, 1);
    const { send } = setUp(undefined, { rateLimits });
    const statusFrom = async (forwarded: string) =>
      (await send("POST", { authorization: "Bearer bad", "x-forwarded-for": forwarded })).status;
    expect(await statusFrom("203.0.113.7:5001")).toBe(401);
    expect(await statusFrom("198.51.100.1, 203.0.113.7:5002")).toBe(401);
    // An invented entry on the left does not make another client of it.
    expect(await statusFrom("198.51.100.2, 203.0.113.7:5003")).toBe(429);
    expect(await statusFrom("203.0.113.8:5004")).toBe(401);
  });

  it(verifies("http.concurrency", "on concurrency let few wait, refuse the rest"), async () => {
    const finish: (() => void)[] = [];
    const { post } = setUp(undefined, {
      turn: callersTurn({ running: 2, waiting: 1 }),
      serve: () =>
        new Promise((resolve) => {
          finish.push(() => resolve(success(jsonAnswer(200, {}))));
        }),
    });
    const answers = Array.from({ length: 4 }, () => post());
    const refused = await Promise.race(answers);
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([429, "1"]);
    await vi.waitUntil(() => finish.length === 2);
    for (const end of finish.splice(0)) end();
    const statuses = answers.map(async (answering) => {
      const answer = await answering;
      await answer.text();
      return answer.status;
    });
    await vi.waitUntil(() => finish.length === 1);
    for (const end of finish.splice(0)) end();
    expect((await Promise.all(statuses)).sort()).toEqual([200, 200, 200, 429]);
  });
});

it.each([
  [16, 8, 4],
  [4, 2, 1],
  [1, 1, 0],
])(
  verifies("http.concurrency", "of %i places one caller runs %i and waits on %i"),
  async (...row) => {
    const [httpConcurrency, running, waiting] = row;
    const { gates } = createGates(
      { ...readSettings(testEnvironment, z.object({})).config, httpConcurrency },
      {
        fetch,
        now: Date.now,
        monotonicNow: () => performance.now(),
        log: () => {},
        refusals: createRefusalSums(() => {}),
      },
    );
    const turn = gates.find(({ name }) => name === "turn of the caller");
    const arrival = () => {
      const arriving = new Arrival(
        new Request("https://server.invalid"),
        { id: "", log: () => {} },
        ownHost("https://mcp.contoso.example/mcp"),
      );
      arriving.add({ caller });
      return arriving;
    };
    const verdicts: Verdict[] = [];
    for (let sent = 0; sent < 2 * httpConcurrency; sent += 1) {
      void Promise.resolve(turn?.pass(arrival())).then((verdict) => verdicts.push(verdict));
    }
    await new Promise((resolve) => setImmediate(resolve));
    const refused = verdicts.filter((verdict) => verdict && "refused" in verdict);
    expect(verdicts.length - refused.length).toBe(running);
    expect(refused).toHaveLength(2 * httpConcurrency - running - waiting);
  },
);

it(verifies("http.concurrency", "a place is taken until the last byte or a failure"), async () => {
  const last = Promise.withResolvers<{ done: true }>();
  const pieces: Pieces = { next: () => last.promise, cancel: async () => {} };
  const ok = { status: 200, headers: {} };
  const answers: Serve[] = [
    async () => {
      throw new Error("A mistake.");
    },
    async () => success({ ...ok, body: pieces }),
    async () => success({ ...ok, body: "next" }),
    async () => success({ ...ok, body: null }),
    async () => success({ ...ok, body: "the last" }),
  ];
  const { post } = setUp(undefined, {
    turn: callersTurn({ running: 1, waiting: 0 }),
    serve: async (...request) => {
      const [answer] = answers.splice(0, 1);
      return answer ? answer(...request) : failure({ kind: "claims-challenge", claims: "{}" });
    },
  });
  await expect(post()).rejects.toThrow("A mistake.");

  const streaming = await post();
  expect([streaming.status, (await post()).status]).toEqual([200, 429]);
  const reading = streaming.text();
  last.resolve({ done: true });
  await reading;

  const whole = await post();
  expect([whole.status, (await post()).status]).toEqual([200, 429]);
  await whole.text();
  expect((await post()).status).toBe(200);

  const unread = await post();
  await unread.body?.cancel();
  expect((await post()).status).toBe(401);
});

it(verifies(["http.concurrency", "mcp.time-limit"], "no place outlives its request"), async () => {
  vi.useFakeTimers();
  const { post, lines } = setUp(undefined, {
    turn: callersTurn({ running: 1, waiting: 0 }),
    serve: async () =>
      success({
        status: 200,
        headers: {},
        body: { next: () => new Promise(() => {}), cancel: async () => {} },
      }),
  });
  const unread = await post();
  await vi.advanceTimersByTimeAsync(requestMilliseconds);
  const cutOff = await post();
  const reading = cutOff.text();
  await vi.advanceTimersByTimeAsync(requestMilliseconds);
  vi.useRealTimers();
  expect([unread.status, cutOff.status, await reading]).toEqual([200, 200, ""]);
  expect(lines.filter(({ event }) => event === "response.failed")).toHaveLength(1);
});

describe("a claims challenge", () => {
  it(verifies("claims.challenge", "is a 401 with the claims, for the client"), async () => {
    const claims = '{"access_token":{"acrs":{"essential":true,"value":"c1"}}}';
    const { post } = setUp(undefined, {
      serve: async () => failure({ kind: "claims-challenge", claims }),
    });
    const response = await post();
    expect(response.status).toBe(401);
    const challenge = String(challengeOf(response));
    expect(challenge).toContain(`authorization_uri="${resource.authorizationUri}"`);
    expect(challenge).toContain('error="insufficient_claims"');
    expect(challenge).toContain(`resource_metadata="${metadata}"`);
    const encoded = /claims="([^"]+)"/.exec(challenge)?.[1];
    expect(Buffer.from(String(encoded), "base64").toString()).toBe(claims);
  });
});
