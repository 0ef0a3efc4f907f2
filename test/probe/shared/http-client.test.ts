import { createServer, type RequestListener } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { generate } from "selfsigned";
import { afterEach, describe, expect, it } from "vitest";
import { describe as describeExchange } from "../../../probe/shared/exchange.ts";
import {
  type Client,
  type ClientOptions,
  createClient,
  type OutgoingRequest,
} from "../../../probe/shared/http-client.ts";
import { verifies } from "../../requirements.ts";
import { listen } from "../../support/listen.ts";

const closing: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function serve(listener: RequestListener): Promise<URL> {
  const { port, close } = await listen(createServer(listener));
  closing.push(close);
  return new URL(`http://127.0.0.1:${port}/mcp`);
}

function clientWith(options: Partial<Omit<ClientOptions, "userAgent">> = {}): Client {
  const client = createClient({
    userAgent: "client-test",
    timeout: 10_000,
    concurrency: 4,
    delay: async () => {},
    ...options,
  });
  closing.push(() => client.close());
  return client;
}

const get = (url: URL): OutgoingRequest => ({ sent: "GET", method: "GET", url });

describe("the client", () => {
  it(
    verifies("doctor.hostile", "goes on where a server switches to another protocol"),
    async () => {
      const url = await serve((_request, { socket }) => {
        socket?.write("HTTP/1.1 101 Go on\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n");
      });
      const { answer, problem } = await clientWith().send(get(url));
      expect([answer, problem?.kind]).toEqual([undefined, "closed"]);
    },
  );

  it("sends headers as they stand, repeated ones and a foreign Host included", async () => {
    const url = await serve(({ rawHeaders }, response) => {
      response.end(JSON.stringify(rawHeaders));
    });
    const exchange = await clientWith().send({
      ...get(url),
      headers: [
        ["Host", "attacker.example"],
        ["Authorization", "Bearer one"],
        ["Authorization", "Bearer two"],
      ],
    });
    const headers: string[] = JSON.parse(exchange.answer?.body ?? "[]");
    expect(headers.slice(0, 6)).toEqual([
      "Host",
      "attacker.example",
      "Authorization",
      "Bearer one",
      "Authorization",
      "Bearer two",
    ]);
    expect(headers.filter((name) => name === "Host")).toHaveLength(1);
  });

  it(
    verifies("authsuite.cannot-run", "says what to do about a certificate that it does not trust"),
    async () => {
      const { private: key, cert } = await generate([{ name: "commonName", value: "localhost" }]);
      const server = createHttpsServer({ key, cert }, (_request, response) => response.end());
      const { port, close } = await listen(server);
      closing.push(close);
      const exchange = await clientWith().send(get(new URL(`https://localhost:${port}/mcp`)));
      expect(describeExchange(exchange)).toMatch(
        /^no answer \(DEPTH_ZERO_SELF_SIGNED_CERT\)\. .* NODE_EXTRA_CA_CERTS$/,
      );
    },
  );

  it("says what became of a request that gets no answer", async () => {
    const silent = await serve(() => {});
    const rude = await serve((_request, response) => response.destroy());
    const endless = await serve((_request, response) => response.write("a"));
    const client = clientWith({ timeout: 300 });
    expect(await client.send(get(silent))).toMatchObject({
      answer: undefined,
      problem: { kind: "timeout" },
    });
    expect(await client.send(get(rude))).toMatchObject({
      answer: undefined,
      problem: { kind: "closed" },
    });
    expect(await client.send(get(endless))).toMatchObject({
      answer: { status: 200, complete: false },
      problem: { kind: "timeout" },
    });
    expect(await client.send(get(new URL("http://127.0.0.1:1/")))).toMatchObject({
      answer: undefined,
      problem: { kind: "unreachable" },
    });
  });

  it("reads an event stream to the response in it, even if it stays open", async () => {
    const url = await serve((_request, response) => {
      response.setHeader("content-type", "text/event-stream");
      response.write('event: message\ndata: {"jsonrpc":"2.0","id":1,"result":{}}\n\n');
    });
    const exchange = await clientWith().send(get(url));
    expect(exchange.answer).toMatchObject({ status: 200, complete: true });
  });

  it("hears an answer that comes before it has sent all of a large body", async () => {
    const url = await serve((_request, response) => {
      response.writeHead(413).end();
    });
    const body = "x".repeat(8 * 1024 * 1024);
    for (const chunked of [false, true]) {
      const exchange = await clientWith().send({ ...get(url), method: "POST", body, chunked });
      expect(exchange.answer?.status).toBe(413);
    }
  });

  it(verifies("authsuite.polite", "has no more requests under way than it may"), async () => {
    let underWay = 0;
    let most = 0;
    const url = await serve((_request, response) => {
      underWay += 1;
      most = Math.max(most, underWay);
      setImmediate(() => {
        underWay -= 1;
        response.end();
      });
    });
    const client = clientWith({ concurrency: 2 });
    await Promise.all(Array.from({ length: 20 }, () => client.send(get(url))));
    expect(most).toBeLessThanOrEqual(2);
    expect(client.transcript).toHaveLength(20);
  });

  it(
    verifies("authsuite.polite", "waits as long as a 429 asks, and sends nothing twice"),
    async () => {
      const answers = [429, 200, 200];
      const url = await serve((_request, response) => {
        response.writeHead(answers.shift() ?? 500, { "retry-after": "7" }).end();
      });
      const clock = { milliseconds: 0 };
      const waits: number[] = [];
      const client = clientWith({
        now: () => clock.milliseconds,
        async delay(milliseconds) {
          waits.push(milliseconds);
          clock.milliseconds += milliseconds;
        },
      });
      expect((await client.send(get(url))).answer?.status).toBe(429);
      expect((await client.send(get(url))).answer?.status).toBe(200);
      expect(waits).toEqual([7_000]);
      expect(answers).toEqual([200]);
    },
  );

  it("leaves the pause that it is told between requests", async () => {
    const url = await serve((_request, response) => response.end());
    const clock = { milliseconds: 0 };
    const client = clientWith({
      pause: 250,
      now: () => clock.milliseconds,
      async delay(milliseconds) {
        clock.milliseconds += milliseconds;
      },
    });
    for (let index = 0; index < 4; index += 1) await client.send(get(url));
    expect(clock.milliseconds).toBe(750);
  });

  it(
    verifies("authsuite.no-secrets", "describes an answer without the token that it repeats"),
    async () => {
      const token = "a-token-that-really-works";
      const url = await serve((request, response) => {
        response.writeHead(401).end(`no: ${request.headers.authorization}`);
      });
      const exchange = await clientWith().send({
        ...get(url),
        headers: [["Authorization", `Bearer ${token}`]],
      });
      expect(describeExchange(exchange)).toBe("401, no: Bearer <token>");
    },
  );
});
