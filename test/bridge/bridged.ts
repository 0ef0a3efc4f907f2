import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { createLog } from "../../bridge/log.ts";
import type { Memory } from "../../bridge/relay/opening.ts";
import { serve } from "../../bridge/relay/serve.ts";
import type { Remembered } from "../../bridge/relay/told.ts";
import type { SignInFailure, TokenOptions, TokenSource } from "../../bridge/tokens.ts";
import { parseJson } from "../../src/core/encoding.ts";
import { failure, success } from "../../src/core/result.ts";
import { listen } from "../support/listen.ts";

/** A message that the server of a test was posted. */
export interface Received {
  readonly body: string;
  // biome-ignore lint/suspicious/noExplicitAny: what a test sends has the shape that the test gives it
  readonly json: any;
  readonly headers: IncomingMessage["headers"];
  /** Aborts when the bridge has gone before the answer was complete. */
  readonly left: AbortSignal;
}

export type Handler = (received: Received, response: ServerResponse) => unknown;

/** A token source that a test holds in its hands. */
export class Tokens implements TokenSource {
  readonly asked: TokenOptions[] = [];
  /** What the next ones who ask are given. */
  answer: (options: TokenOptions) => Promise<string | SignInFailure> | string | SignInFailure =
    () => "token-1";

  async accessToken(options: TokenOptions = {}) {
    this.asked.push(options);
    const answer = await this.answer(options);
    return typeof answer === "string" ? success(answer) : failure(answer);
  }
}

export const personNeeded: SignInFailure = {
  kind: "person-needed",
  words: "A person has to sign in.",
};

/** Memory without a file. */
export function memoryOf(kept: { legacy?: Remembered; modern?: Remembered } = {}): Memory {
  const remembered = { ...kept };
  return {
    recall: async (era) => remembered[era],
    remember: async (era, result) => {
      remembered[era] = { result, at: Date.now() };
    },
  };
}

export interface BridgedOptions {
  readonly patience?: number;
  readonly memory?: Memory;
  readonly now?: () => number;
  /** In place of the server of the test. */
  readonly url?: string;
}

/** A bridge between a test that plays the client and a test that plays the server. */
export async function bridged(handler: Handler, options: BridgedOptions = {}) {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const leaving = new AbortController();
      response.once("close", () => {
        if (!response.writableFinished) leaving.abort();
      });
      const message = {
        body,
        json: parseJson(body),
        headers: request.headers,
        left: leaving.signal,
      };
      received.push(message);
      handler(message, response);
    });
  });
  const { port, close } = await listen(server);
  const given = options.url ?? `http://127.0.0.1:${port}/mcp`;
  const input = new PassThrough();
  const output = new PassThrough();
  const stopping = new AbortController();
  const tokens = new Tokens();
  const logged: string[] = [];
  const { memory = memoryOf(), patience = 60_000 } = options;
  const served = serve({
    server: { given, url: new URL(given) },
    tokens,
    memory,
    patience,
    log: createLog((line) => logged.push(line), { verbose: true }),
    input,
    output,
    signal: stopping.signal,
    ...(options.now && { now: options.now }),
  });
  const lines: string[] = [];
  let rest = "";
  output.setEncoding("utf8").on("data", (chunk: string) => {
    rest += chunk;
    const whole = rest.split("\n");
    rest = whole.pop() ?? "";
    lines.push(...whole);
    output.emit("lines");
  });
  let read = 0;
  return {
    given,
    server,
    tokens,
    received,
    logged,
    input,
    output,
    stopping,
    served,
    /** Every line of standard output. */
    lines,
    /** What the client has not read yet. */
    unread: () => lines.slice(read),
    send(...messages: unknown[]) {
      for (const message of messages) {
        input.write(`${typeof message === "string" ? message : JSON.stringify(message)}\n`);
      }
    },
    /** The next line of standard output. */
    async line(): Promise<string> {
      while (lines.length <= read) await once(output, "lines");
      read += 1;
      return lines[read - 1] ?? "";
    },
    // biome-ignore lint/suspicious/noExplicitAny: what a test reads has the shape that the test expects
    async next(): Promise<any> {
      return JSON.parse(await this.line());
    },
    /** Resolves once the server has so many messages. */
    async hasReceived(count: number): Promise<void> {
      while (received.length < count) await new Promise((resolve) => setImmediate(resolve));
    },
    async [Symbol.asyncDispose]() {
      stopping.abort();
      await served;
      await close();
    },
  };
}

/** Answers with JSON. */
export function answerJson(response: ServerResponse, body: unknown, status = 200, headers = {}) {
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(typeof body === "string" ? body : JSON.stringify(body));
}

/** Begins a stream of events. */
export function beginEvents(response: ServerResponse) {
  response.writeHead(200, { "content-type": "text/event-stream" });
  response.flushHeaders();
  return (message: unknown) => {
    const data = typeof message === "string" ? message : JSON.stringify(message);
    response.write(`event: message\n${data.replace(/^/gm, "data: ")}\n\n`);
  };
}

export const result = (id: unknown, content: unknown = {}) => ({
  jsonrpc: "2.0",
  id,
  result: content,
});

export const modernMeta = {
  "io.modelcontextprotocol/protocolVersion": "2026-07-28",
  "io.modelcontextprotocol/clientInfo": { name: "test", version: "1" },
  "io.modelcontextprotocol/clientCapabilities": {},
};

export const modern = (id: string | number, method: string, params: object = {}) => ({
  jsonrpc: "2.0",
  id,
  method,
  params: { ...params, _meta: modernMeta },
});

export const legacy = (id: string | number, method: string, params: object = {}) => ({
  jsonrpc: "2.0",
  id,
  method,
  params,
});

export const initialize = legacy("init", "initialize", {
  protocolVersion: "2025-06-18",
  capabilities: {},
  clientInfo: { name: "test", version: "1" },
});

export const serverResult = {
  protocolVersion: "2025-06-18",
  capabilities: { tools: { listChanged: false } },
  serverInfo: { name: "Expenses", version: "1.0.0" },
  instructions: "Today is 2026-11-30 (UTC).",
};

/** A server of the legacy revisions, but for what `rest` serves. */
export function legacyServer(rest: Handler): Handler {
  return (received, response) => {
    const { method, id } = received.json;
    if (method === "initialize") {
      return answerJson(response, { jsonrpc: "2.0", id, result: serverResult });
    }
    if (id === undefined) return response.writeHead(202).end();
    return rest(received, response);
  };
}
