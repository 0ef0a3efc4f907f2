import type { Readable, Writable } from "node:stream";
import type { BridgeLog } from "../log.ts";
import type { ServerUrl } from "../server-url.ts";
import type { TokenSource } from "../tokens.ts";
import { createAsk } from "./ask.ts";
import { createCarrier } from "./carrier.ts";
import { linesOf } from "./lines.ts";
import { type Memory, Opening } from "./opening.ts";
import { createOutput } from "./output.ts";
import { createPost } from "./post.ts";
import { Relay } from "./relay.ts";

export interface ServeOptions {
  readonly server: ServerUrl;
  readonly tokens: TokenSource;
  readonly memory: Memory;
  readonly log: BridgeLog;
  /** What the client sends. */
  readonly input: Readable;
  /** What the client reads. */
  readonly output: Writable;
  /** Aborts when the program is to end at once. */
  readonly signal: AbortSignal;
  /** How long a client waits for the server's own answer to `initialize`, in milliseconds. */
  readonly patience?: number;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
}

/** Less than the clients' own patience, and enough for a server that is awake. */
const usualPatience = 3_000;
/** A client that has closed standard input waits two seconds or more before it kills. */
const lastAnswersMilliseconds = 5_000;

/**
 * Serves one client until it closes standard input or output, or `signal` aborts. What is under way when
 * the input ends has a moment to be answered.
 */
export async function serve(options: ServeOptions): Promise<void> {
  const { server, tokens, memory, log, input, now = Date.now, patience = usualPatience } = options;
  const { url } = server;
  const leaving = new AbortController();
  const output = createOutput(options.output, AbortSignal.any([options.signal, leaving.signal]));
  const { ending } = output;
  const carry = createCarrier({ url, post: createPost(url, now), tokens, log, now });
  const ask = createAsk({ url, carry, log, now });
  const relay = new Relay({
    ask,
    carry,
    output,
    log,
    ending,
    createOpening: (connected) =>
      new Opening({ ...connected, host: url.host, ask, log, memory, ending, patience }),
  });

  const underWay = new Set<Promise<void>>();
  const end = () => input.destroy();
  ending.addEventListener("abort", end, { once: true });
  try {
    for await (const line of linesOf(input)) {
      if (ending.aborted) break;
      const done = relay.receive(line).finally(() => underWay.delete(done));
      underWay.add(done);
    }
  } catch (error) {
    // As after `end`, or where whoever held the other end has gone without closing it.
    log.detail(`Standard input ended: ${error instanceof Error ? error.name : "unknown"}`);
  }
  if (!ending.aborted) {
    const timer = setTimeout(() => leaving.abort(), lastAnswersMilliseconds);
    relay.endSubscriptions();
    await Promise.all(underWay);
    clearTimeout(timer);
  }
  leaving.abort();
  await Promise.all(underWay);
  await output.flush();
}
