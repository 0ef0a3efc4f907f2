import { once } from "node:events";
import { createServer, type IncomingMessage, type RequestListener } from "node:http";
import { createInterface } from "node:readline";
import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { onTestFinished } from "vitest";
import { createLog } from "../../bridge/log.ts";
import { serve } from "../../bridge/relay/serve.ts";
import { readServerUrl } from "../../bridge/server-url.ts";
import type { TokenOptions, TokenSource } from "../../bridge/tokens.ts";
import { success } from "../../src/core/result.ts";
import { listen } from "../support/listen.ts";

/** Looks like one: three parts of base64url. */
export const accessToken = `${"h".repeat(20)}.${"p".repeat(20)}.${"s".repeat(20)}`;

export interface Answer {
  readonly id?: unknown;
  readonly method?: string;
  readonly result?: Readonly<Record<string, unknown>>;
  readonly error?: { readonly code: number; readonly message: string };
}

/** A server that does what it likes. */
export async function hostileServer(listener: RequestListener): Promise<string> {
  const { port, close } = await listen(createServer(listener));
  onTestFinished(close);
  return `http://127.0.0.1:${port}/mcp`;
}

/** The id of what was asked. */
export async function idOf(request: IncomingMessage): Promise<unknown> {
  return JSON.parse(await text(request)).id;
}

/** The bridge in front of a server, with a client that sends what it is told and reads everything. */
export function startBridge(url: string) {
  const server = readServerUrl(url);
  if (!server.ok) throw new Error(server.reason);
  const askedTokens: TokenOptions[] = [];
  const tokens: TokenSource = {
    accessToken: async (options = {}) => {
      askedTokens.push(options);
      return success(accessToken);
    },
  };
  const [input, output] = [new PassThrough(), new PassThrough()];
  const lines: string[] = [];
  const told: string[] = [];
  const arrived = createInterface(output).on("line", (line) => lines.push(line));
  const stopping = new AbortController();
  const done = serve({
    server: server.value,
    tokens,
    memory: { recall: async () => undefined, remember: async () => {} },
    log: createLog((line) => told.push(line), { verbose: true }),
    input,
    output,
    signal: stopping.signal,
  });
  onTestFinished(async () => {
    stopping.abort();
    await done;
  });
  let lastId = 0;

  const send = (message: object) =>
    input.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);

  /** A call of a tool in the 2026-07-28 revision. */
  function call(): number {
    lastId += 1;
    const _meta = {
      "io.modelcontextprotocol/protocolVersion": "2026-07-28",
      "io.modelcontextprotocol/clientInfo": { name: "test", version: "1" },
      "io.modelcontextprotocol/clientCapabilities": {},
    };
    send({ id: lastId, method: "tools/call", params: { name: "tool", arguments: {}, _meta } });
    return lastId;
  }

  /** @returns the one answer that has the id */
  async function answerTo(id: number): Promise<Answer> {
    for (;;) {
      const answer = lines.map((line): Answer => JSON.parse(line)).find((each) => each.id === id);
      if (answer) return answer;
      await once(arrived, "line");
    }
  }

  return {
    send,
    call,
    answerTo,
    ask: () => answerTo(call()),
    /** Every line on standard output. */
    lines,
    /** Every line on standard error. */
    told,
    /** Every time that somebody asked for an access token. */
    askedTokens,
  };
}
