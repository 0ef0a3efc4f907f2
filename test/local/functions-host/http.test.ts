import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { realpath } from "node:fs/promises";
import { Agent } from "node:http";
import { connect } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { type FunctionsHost, startFunctionsHost } from "../../../local/functions-host/start.ts";
import { verifies } from "../../requirements.ts";
import { get, nextChunk, openRequest, responseTo } from "./client.ts";
import { LogLines } from "./log-lines.ts";

const appDirectory = join(import.meta.dirname, "fixtures/app");
const log = new LogLines();
let host: FunctionsHost;
let api: string;

beforeAll(async () => {
  const { AZURE_FUNCTIONS_ENVIRONMENT: _, ...env } = process.env;
  host = await startFunctionsHost({ appDirectory, port: 0, env, onLog: log.add });
  api = `${host.url}/api`;
});

afterAll(() => host.close());

async function describedBy(path: string, init?: RequestInit) {
  const response = await fetch(`${api}/${path}`, init);
  expect(response.status).toBe(200);
  return response.json();
}

describe("a request", () => {
  it(verifies("functions-host.routes", "reaches its function with route values"), async () => {
    expect(await describedBy("Describe/Books?page=2")).toMatchObject({
      functionName: "describe",
      method: "GET",
      url: `${api}/Describe/Books?page=2`,
      params: { kind: "Books" },
    });
    expect(await describedBy("files/a/b.txt")).toMatchObject({ params: { path: "a/b.txt" } });
    expect(await describedBy("unrouted", { method: "POST" })).toMatchObject({ method: "POST" });
  });

  it(verifies("functions-host.environment", "finds the app at home"), async () => {
    expect(await describedBy("describe")).toMatchObject({
      workingDirectory: await realpath(appDirectory),
      environment: "Development",
    });
  });

  it.each([
    ["GET", "/api/unknown"],
    ["GET", "/describe"],
    ["GET", "/"],
    ["HEAD", "/api/describe"],
    ["DELETE", "/api/describe"],
    ["GET", "/api/echo"],
    ["GET", "/api/describe/b00ks"],
  ])(verifies("functions-host.unrouted", "gets 404: %s %s"), async (method, path) => {
    const { status, body, headers } = await get(host.url + path, { method });
    expect([status, body, headers["content-length"]]).toEqual([404, "", "0"]);
  });

  it(verifies("functions-host.headers", "shows the app the client's headers"), async () => {
    const { body } = await get(`${api}/describe`, {
      rawHeaders: ["HOST", "api.contoso.example:8443", "Authorization", "Bearer one"].concat(
        ["authorization", "Bearer two", "X-Name", "gr\u00fcn", "x-name", "2"],
        ["traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"],
      ),
    });
    const seen = JSON.parse(body);
    expect(seen.url).toBe("http://api.contoso.example:8443/api/describe");
    expect(seen.headers).toMatchObject({
      host: "api.contoso.example:8443",
      authorization: "Bearer one,Bearer two",
      "x-name": "gr\u00fcn,2",
    });
    expect(seen.traceContext.traceParent).toMatch(/^00-4bf92f35/);
  });

  it(verifies("functions-host.forged-headers", "cannot name its invocation"), async () => {
    const rawHeaders = ["x-ms-invocation-id", "forged", "x-forwarded-host", "evil.example"].concat([
      "x-forwarded-proto",
      "https",
    ]);
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => get(`${api}/describe`, { rawHeaders })),
    );
    const seen = answers.map(({ body }) => JSON.parse(body));
    expect(new Set(seen.map(({ invocationId }) => invocationId)).size).toBe(5);
    for (const { invocationId, url, headers } of seen) {
      expect(invocationId).toMatch(/^[0-9a-f-]{36}$/);
      expect(url).toBe(`${api}/describe`);
      expect(headers["x-forwarded-host"]).toBe("evil.example");
    }
    expect(answers[0]?.headers).not.toHaveProperty("x-ms-invocation-id");
  });

  it.each([
    ["Host: evil.example/api/files/x"],
    ["Host: user@evil.example"],
    ["Host: one.example\r\nHost: two.example"],
    ["Host: "],
    ["Host: a b"],
  ])(verifies("functions-host.forged-headers", "gets 400 with %j"), async (hostLine) => {
    const socket = connect(host.port, "127.0.0.1");
    socket.write(`GET /api/describe HTTP/1.1\r\n${hostLine}\r\nConnection: close\r\n\r\n`);
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 400 /);
  });

  it.each([
    ["GET http://elsewhere.example/api/describe/books HTTP/1.1", 200],
    ["GET /api/files/../describe/books HTTP/1.1", 200],
    ["OPTIONS * HTTP/1.1", 400],
    ["GET //evil.example/api/describe HTTP/1.1", 404],
  ])(verifies("functions-host.routes", "is understood: %s"), async (requestLine, status) => {
    const socket = connect(host.port, "127.0.0.1");
    socket.write(`${requestLine}\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
    const answer = await text(socket);
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    if (status === 200) expect(answer).toContain('"url":"http://localhost/api/describe/books"');
  });

  it(verifies("functions-host.headers", "may have as large headers as in Azure"), async () => {
    const large = "x".repeat(31 * 1024);
    const { body } = await get(`${api}/describe`, { rawHeaders: ["X-Large", large] });
    expect(JSON.parse(body).headers["x-large"]).toBe(large);
    const tooLarge = await get(`${api}/describe`, { rawHeaders: ["X-Large", large + large] });
    expect(tooLarge.status).toBe(431);
  });
});

describe("bodies", () => {
  it(verifies("functions-host.streams", "flow both ways before either has ended"), async () => {
    const request = openRequest(`${api}/echo`, {
      method: "POST",
      rawHeaders: ["Content-Type", "text/plain", "Transfer-Encoding", "chunked"],
    });
    request.write("first");
    const response = await responseTo(request);
    expect(response).toMatchObject({
      statusCode: 201,
      headers: { "content-type": "text/plain", "x-echo": "yes" },
    });
    expect(await nextChunk(response)).toBe("first");
    request.write("second");
    expect(await nextChunk(response)).toBe("second");
    request.end("third");
    expect(await text(response)).toBe("third");
  });

  it(verifies("functions-host.bodies", "of 200 concurrent requests stay apart"), async () => {
    const bodies = Array.from({ length: 200 }, (_, index) =>
      `${index} `.repeat(1 + ((index * 37) % 5000)),
    );
    const echoes = await Promise.all(
      bodies.map(async (body) => (await fetch(`${api}/echo`, { method: "POST", body })).text()),
    );
    expect(echoes).toEqual(bodies);
  });

  it(verifies("functions-host.bodies", "of many megabytes arrive whole"), async () => {
    const body = randomBytes(12 * 1024 * 1024);
    const response = await fetch(`${api}/echo`, { method: "POST", body });
    const echo = Buffer.from(await response.arrayBuffer());
    const hash = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex");
    expect(hash(echo)).toBe(hash(body));
  });

  it(verifies("functions-host.bodies", "that the app leaves unread cost no answer"), async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    onTestFinished(() => agent.destroy());
    const body = randomBytes(4 * 1024 * 1024);
    for (let count = 0; count < 5; count += 1) {
      const rawHeaders = ["Content-Length", String(body.length)];
      const request = openRequest(`${api}/refuse`, { method: "POST", rawHeaders, agent });
      request.end(body);
      const response = await responseTo(request);
      expect([response.statusCode, await text(response)]).toEqual([401, "refused"]);
    }
  });

  it("that are empty, and those of a GET, do no harm", async () => {
    expect(await (await fetch(`${api}/echo`, { method: "POST" })).text()).toBe("");
    const get = openRequest(`${api}/describe`, { rawHeaders: ["Content-Length", "4"] });
    get.end("body");
    expect((await responseTo(get)).statusCode).toBe(200);
  });
});

describe("a function that fails", () => {
  it.each([
    ["throw", "GET", /The function "throw" failed.*500.*Azure/, /this handler throws/],
    ["nothing", "GET", /The function "nothing" failed/, /returned no response/],
    // A web Request cannot have this method, so the library fails before the handler runs.
    ["trace", "TRACE", /The function "trace" failed/, /TRACE/],
  ])(verifies("functions-host.failure", "gets 500: %s"), async (name, method, line, reason) => {
    const start = log.all.length;
    const { status, body } = await get(`${api}/${name}`, { method });
    expect({ status, body }).toEqual({ status: 500, body: "" });
    expect(await log.find(line, start)).toMatch(/^error: /);
    await log.find(reason, start);
    expect((await get(`${api}/describe`)).status).toBe(200);
  });

  it(verifies("functions-host.failure", "midway in its body ends the connection"), async () => {
    const start = log.all.length;
    const response = await fetch(`${api}/break-off`);
    await fetch(`${api}/release`);
    await expect(response.text()).rejects.toThrow();
    await log.find(/The function "break-off" failed, and its response was cut short/, start);
    await log.find(/this body breaks off/, start);
  });
});

describe("a client that leaves", () => {
  it(verifies("functions-host.disconnect", "does not end the response's body"), async () => {
    const start = log.all.length;
    const request = openRequest(`${api}/drip`);
    request.end();
    const response = await responseTo(request);
    expect(await nextChunk(response)).toBe("begun");
    response.destroy();
    await once(response, "close");
    await fetch(`${api}/release`);
    await log.find(/drip: pulled to the end/, start);
    expect(log.all.slice(start)).not.toContain("drip: cancelled");
  });

  it(verifies("functions-host.disconnect", "during its upload makes reading it fail"), async () => {
    const start = log.all.length;
    const request = openRequest(`${api}/upload`, {
      method: "POST",
      rawHeaders: ["Content-Length", "1000"],
    });
    request.on("error", () => {});
    request.write("half of it");
    await log.find(/^upload: started$/, start);
    request.destroy();
    await log.find(/^upload: cut$/, start);
  });
});

describe("the app's own", () => {
  it(verifies("functions-host.hooks", "hooks run around an invocation"), async () => {
    expect(JSON.parse((await get(`${api}/hooked`)).body)).toEqual({ note: "from preInvocation" });
    expect(log.all).toContain("the appStart hook ran");
  });

  it(verifies("functions-host.logs", "log lines are printed as they are"), async () => {
    const start = log.all.length;
    await get(`${api}/logs`);
    const structured = await log.find(/logs\.structured/, start);
    expect(JSON.parse(structured)).toEqual({ event: "logs.structured", separator: "\u2028" });
    expect(await log.find(/careful/, start)).toBe("logs: careful");
    expect(await log.find(/\*\*\*/, start)).toBe("logs: ***");
    expect(log.all.slice(start)).not.toContain("logs: for debugging");
  });

  it(verifies("functions-host.skipped", "functions for other triggers are named"), async () => {
    await log.find(/^warning: The function "nightly" is skipped: .*timerTrigger/);
    await log.find(/^warning: The function "queued" is skipped: .*queueTrigger/);
  });
});
