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
import { get, hangs, nextChunk, openRequest, responseTo } from "./client.ts";
import { LogLines } from "./log-lines.ts";

const appDirectory = join(import.meta.dirname, "fixtures/app");
const log = new LogLines();
let host: FunctionsHost;
let api: string;

beforeAll(async () => {
  const { AZURE_FUNCTIONS_ENVIRONMENT: _, ...env } = process.env;
  host = await startFunctionsHost({
    ...{ appDirectory, port: 0, env, onLog: log.add },
    stallMilliseconds: 10_000,
  });
  api = `${host.url}/api`;
});

afterAll(() => host.close());

async function describedBy(path: string, init?: RequestInit) {
  const response = await fetch(`${api}/${path}`, init);
  expect(response.status).toBe(200);
  return response.json();
}

describe("a request", () => {
  it(verifies("functions-host.routes", "reaches its function in any letter case"), async () => {
    expect(await describedBy("Describe/Books?page=2")).toMatchObject({
      functionName: "books",
      method: "GET",
      url: `${api}/Describe/Books?page=2`,
    });
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
    ["HEAD", "/api/describe"],
    ["DELETE", "/api/describe"],
    ["GET", "/api/echo"],
    ["GET", "/api/describe/books/7"],
    ["GET", "/api/describe%2Fbooks"],
  ])(verifies("functions-host.unrouted", "gets 404: %s %s"), async (method, path) => {
    const { status, body, headers } = await get(host.url + path, { method });
    expect([status, body, headers["content-length"]]).toEqual([404, "", "0"]);
  });

  it(verifies("functions-host.headers", "shows the app the client's headers"), async () => {
    const { body } = await get(`${api}/describe`, {
      rawHeaders: ["HOST", "api.contoso.example:8443", "Authorization", "Bearer one"].concat([
        "authorization",
        "Bearer two",
        "X-Name",
        "1",
        "x-name",
        "2",
      ]),
    });
    const seen = JSON.parse(body);
    expect(seen.url).toBe("http://api.contoso.example:8443/api/describe");
    expect(seen.headers).toMatchObject({
      host: "api.contoso.example:8443",
      authorization: "Bearer one,Bearer two",
      "x-name": "1,2",
    });
  });

  it(verifies("functions-host.forged-headers", "cannot change the URL by headers"), async () => {
    const forwarded = ["x-forwarded-host", "evil.example", "x-forwarded-proto", "https"];
    const answer = await get(`${api}/describe`, { rawHeaders: forwarded });
    const { url, invocationId, headers } = JSON.parse(answer.body);
    expect(invocationId).toMatch(/^[0-9a-f-]{36}$/);
    expect(url).toBe(`${api}/describe`);
    expect(headers["x-forwarded-host"]).toBe("evil.example");
    expect(answer.headers).not.toHaveProperty("x-ms-invocation-id");
  });

  it.each([
    ["an invocation's id", ["x-ms-invocation-id", "forged"]],
    ["a value that is not ASCII", ["X-Name", "gr\u00fcn"]],
    ["headers of more than Node's 16 KiB", ["X-Large", "x".repeat(17 * 1024)]],
  ])(verifies("functions-host.hang", "hangs with %s, as in Azure"), async (_what, rawHeaders) => {
    const ask = () => get(`${api}/describe`);
    expect(await hangs(`${api}/describe`, { rawHeaders }, ask)).toBe(true);
    expect((await ask()).status).toBe(200);
  });

  it.each([
    ["a member of the query", "describe?headers=x", ""],
    ["a member of a JSON body", "describe", '{"hEaders":{"authorization":"Bearer evil"}}'],
  ])(verifies("functions-host.binding-data", "loses its headers to %s"), async (_, path, body) => {
    const rawHeaders = ["Content-Length", String(body.length), "X-Name", "1"];
    const answer = await get(`${api}/${path}`, { method: "POST", rawHeaders, body });
    expect(JSON.parse(answer.body).headers).toEqual({});
  });

  it.each([
    ["150 headers", 431, Array.from({ length: 300 }, (_, index) => `x-${index}`)],
    ["a body of over 100 MB", 500, ["Content-Length", "104857601"]],
    ["headers of over 32 KiB", 431, ["X-Large", "x".repeat(62 * 1024)]],
  ])(verifies("functions-host.limits", "is refused: %s"), async (_what, status, rawHeaders) => {
    const answer = await get(`${api}/echo`, { method: "POST", rawHeaders });
    expect([answer.status, answer.body]).toEqual([status, ""]);
  });

  it(verifies("functions-host.homepage", "at the root gets the platform's page"), async () => {
    const { status, headers } = await get(`${host.url}/`);
    expect([status, headers["content-type"]]).toEqual([200, "text/html"]);
  });

  it.each([
    ["Host: evil.example/api/files/x", 400],
    ["Host: user@evil.example", 400],
    ["Host: one.example\r\nHost: two.example", 400],
    ["Host: ", 500],
    ["Host: a b", 400],
  ])(verifies("functions-host.forged-headers", "%j gets %i"), async (hostLine, status) => {
    const socket = connect(host.port, "127.0.0.1");
    socket.write(`GET /api/describe HTTP/1.1\r\n${hostLine}\r\nConnection: close\r\n\r\n`);
    expect(await text(socket)).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
  });

  it.each([
    ["GET http://localhost/api/describe/books HTTP/1.1", 200],
    ["GET http://elsewhere.example/api/describe/books HTTP/1.1", 400],
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

  it.each([["give-up"], ["give-up?cancel"]])(
    verifies("functions-host.reuse", "half read hang the next request, as in Azure: %s"),
    async (path) => {
      const body = "x".repeat(200_000);
      const rawHeaders = ["Content-Length", String(body.length)];
      const given = await get(`${api}/${path}`, { method: "POST", rawHeaders, body });
      expect(given.status).toBe(413);
      expect(await hangs(`${api}/describe`, {}, () => get(`${host.url}/`))).toBe(true);
    },
  );

  it(verifies("functions-host.stall", "that stop get 500, read before or during"), async () => {
    const ways = [
      ["Content-Length", "1000"],
      ["Transfer-Encoding", "chunked"],
    ];
    const statuses = ways.map(async (rawHeaders) => {
      const request = openRequest(`${api}/upload`, { method: "POST", rawHeaders });
      request.write("half of it");
      const { statusCode } = await responseTo(request);
      request.destroy();
      return statusCode;
    });
    expect(await Promise.all(statuses)).toEqual([500, 500]);
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
      rawHeaders: ["Transfer-Encoding", "chunked"],
    });
    request.on("error", () => {});
    request.write("half of it");
    await log.find(/^upload: started$/, start);
    request.destroy();
    await log.find(/^upload: cut$/, start);
    await log.find(/^error: The client disconnected/, start);
  });
});

describe("the app's own", () => {
  it(verifies("functions-host.logs", "log lines are printed as they are"), async () => {
    const start = log.all.length;
    await get(`${api}/logs`);
    const structured = await log.find(/logs\.structured/, start);
    expect(JSON.parse(structured)).toEqual({ event: "logs.structured", separator: "\u2028" });
    expect(await log.find(/careful/, start)).toBe("logs: careful");
    expect(log.all.slice(start)).not.toContain("logs: for debugging");
  });

  it(verifies("functions-host.timers", "runs a function by its schedule"), async () => {
    await log.find(/^every-second: ran/);
    await log.find(/^every-second: ran/, log.all.length);
  });

  const json = { method: "POST", rawHeaders: ["Content-Type", "application/json"], body: "{}" };

  it(verifies("functions-host.admin", "runs a timer by hand"), async () => {
    const start = log.all.length;
    expect(await get(`${host.url}/admin/functions/nightly`, json)).toMatchObject({ status: 202 });
    const line = await log.find(/^nightly: /, start);
    const { isPastDue, scheduleStatus } = JSON.parse(line.slice("nightly: ".length));
    expect(isPastDue).toBe(false);
    expect(scheduleStatus.next).toMatch(/T03:00:00\.000Z$/);
  });

  it(verifies("functions-host.timers", "goes on where a timer fails, and says so"), async () => {
    const start = log.all.length;
    expect(await get(`${host.url}/admin/functions/failing`, json)).toMatchObject({ status: 202 });
    await log.find(/^error: The function "failing" failed/, start);
    await log.find(/^every-second: ran/, log.all.length);
  });

  it.each([
    ["no timer", "/admin/functions/echo", json, 404],
    ["another method", "/admin/functions/nightly", {}, 404],
    ["another path", "/admin/host/status", {}, 404],
    ["no JSON", "/admin/functions/nightly", { method: "POST", body: "{}" }, 415],
    [
      "another site's name",
      "/admin/functions/nightly",
      { ...json, rawHeaders: [...json.rawHeaders, "Host", "evil.example"] },
      403,
    ],
  ])(verifies("functions-host.admin", "refuses %s"), async (_case, path, request, status) => {
    const start = log.all.length;
    expect(await get(host.url + path, request)).toMatchObject({ status });
    expect(log.all.slice(start).filter((line) => line.startsWith("nightly"))).toEqual([]);
  });

  it(verifies("functions-host.skipped", "functions for other triggers are named"), async () => {
    await log.find(/^warning: The function "queued" is skipped: .*queueTrigger/);
  });
});
