import { once } from "node:events";
import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { type Exchange, exchangeOf } from "../../functions/exchange.ts";
import { type FunctionsHost, startFunctionsHost } from "../../local/functions-host/start.ts";
import { portOf } from "../../local/loopback.ts";
import { get, openRequest, responseTo } from "../local/functions-host/client.ts";
import { verifies } from "../requirements.ts";

const megabyte = Buffer.alloc(1024 * 1024, " ");

describe("on the platform", () => {
  let host: FunctionsHost;

  beforeAll(async () => {
    const appDirectory = join(import.meta.dirname, "fixtures/app");
    host = await startFunctionsHost({ appDirectory, port: 0, env: process.env, onLog: () => {} });
  });

  afterAll(() => host.close());

  const post = (path: string, rawHeaders: readonly string[] = []) =>
    get(`${host.url}/api/${path}`, { method: "POST", rawHeaders });

  async function upload(megabytes: number): Promise<number | undefined> {
    const rawHeaders = ["Transfer-Encoding", "chunked"];
    const upload = openRequest(`${host.url}/api/sized`, { method: "POST", rawHeaders });
    const response = responseTo(upload);
    for (let count = 0; count < megabytes; count += 1) upload.write(megabyte);
    upload.end();
    return (await response).statusCode;
  }

  it.each([
    ["over the limit", 5],
    ["so large that it is not read to its end", 65],
  ])(
    verifies("http.body-read", "a body %s hangs nobody's next request"),
    async (_what, megabytes) => {
      const given = Promise.all([1, 2, 3].map(() => upload(megabytes)));
      if (megabytes < 64) expect(await given).toEqual([413, 413, 413]);
      // The client of such a one may find its connection closed before it has the answer.
      else await given.catch(() => undefined);
      const next = await Promise.all(Array.from({ length: 9 }, () => post("sized")));
      expect(next.map(({ status }) => status)).toEqual(Array(9).fill(200));
    },
  );

  it(
    verifies("http.header-size", "is told of too large headers where Node would hang"),
    async () => {
      const { status, body } = await post("sized", ["X-Large", "x".repeat(30 * 1024)]);
      expect([status, JSON.parse(body).error]).toEqual([431, "headers_too_large"]);
    },
  );

  it.each([
    {},
    { authorization: "Bearer another", "content-type": "application/json" },
    { origin: "https://good.example", "content-type": "application/json" },
  ])(
    verifies("http.headers-overridden", "no gate judges headers %j that a body brings"),
    async (Headers) => {
      const rawHeaders = ["Content-Type", "application/json", "Origin", "https://evil.example"];
      const send = (content: object) =>
        get(`${host.url}/api/owned`, {
          method: "POST",
          rawHeaders: [...rawHeaders, "Content-Length", String(JSON.stringify(content).length)],
          body: JSON.stringify(content),
        });
      expect((await send({ Headers })).status).toBe(400);
      expect((await send({ Headings: Headers })).status).toBe(200);
    },
  );

  it(verifies("http.unread", "an answer keeps its place until the client has it"), async () => {
    const unread = openRequest(`${host.url}/api/large`, { method: "POST" });
    unread.end();
    const response = await responseTo(unread);
    expect((await post("large")).status).toBe(429);
    expect((await text(response)).length).toBe(32 * megabyte.length);
    const { status } = await vi.waitUntil(
      async () => {
        const answer = await post("large");
        return answer.status === 429 ? undefined : answer;
      },
      { timeout: 10_000 },
    );
    expect(status).toBe(200);
  });

  it(verifies("http.unread", "no piece is made before the last one is taken"), async () => {
    const unread = openRequest(`${host.url}/api/pieces`, { method: "POST" });
    unread.end();
    const response = await responseTo(unread);
    let before = -1;
    const made = await vi.waitUntil(
      async () => {
        const { pieces } = JSON.parse((await post("made")).body);
        const isSettled = pieces > 0 && pieces === before;
        before = pieces;
        return isSettled && pieces;
      },
      { interval: 200, timeout: 10_000 },
    );
    expect(made).toBeLessThan(40);
    response.destroy();
  });
});

it(
  verifies("http.connections", "the platform's connections stay open for two minutes"),
  async () => {
    // The first server of the process is prepared: that may have been another test's.
    vi.resetModules();
    await import("../../functions/exchange.ts");
    const server = createServer((_request, response) => response.end());
    await once(server.listen(0, "127.0.0.1"), "listening");
    onTestFinished(() => void server.close());
    const { headers } = await get(`http://127.0.0.1:${portOf(server)}`, {
      rawHeaders: ["Connection", "keep-alive"],
    });
    expect(headers["keep-alive"]).toBe("timeout=120");
  },
);

describe("an answer that nobody reads", () => {
  /** Sends so many bytes to a client that reads nothing. */
  async function sendUnread(id: string, bytes: number) {
    let exchange: Exchange | undefined;
    const handled = Promise.withResolvers<ServerResponse>();
    const server = createServer((_request: IncomingMessage, response) => {
      exchange = exchangeOf(id);
      response.write(Buffer.alloc(bytes));
      handled.resolve(response);
    });
    await once(server.listen(0, "127.0.0.1"), "listening");
    const client = request({
      port: portOf(server),
      host: "127.0.0.1",
      headers: { "x-ms-invocation-id": id },
    });
    client.on("error", () => {});
    client.end();
    onTestFinished(() => {
      client.destroy();
      server.close();
    });
    const response = await handled.promise;
    const left = vi.fn();
    return { response, left, end: () => exchange?.end(left), ready: () => exchange?.ready() };
  }

  it(verifies("http.unread", "is cut off, and its place given up"), async () => {
    const { response, left, end, ready } = await sendUnread("one", 32 * megabyte.length);
    const waiting = ready();
    end();
    expect([response.socket?.timeout, left.mock.calls]).toEqual([30_000, []]);
    const closed = once(response, "close");
    // Node's word for a connection on which nothing moves any more.
    response.socket?.emit("timeout");
    await closed;
    await waiting;
    expect(left).toHaveBeenCalledOnce();
    expect(exchangeOf("one")).toBeUndefined();
  });

  it(verifies("http.unread", "makes room for others when all together are too much"), async () => {
    const answers = [];
    for (const megabytes of [20, 35, 30]) {
      answers.push(await sendUnread(String(megabytes), megabytes * megabyte.length));
    }
    for (const { end } of answers) end();
    expect(answers.map(({ response }) => response.destroyed)).toEqual([false, true, false]);
  });
});
