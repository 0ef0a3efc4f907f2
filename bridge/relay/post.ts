import {
  type ClientRequest,
  Agent as HttpAgent,
  request as httpRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
} from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import type { Socket } from "node:net";
import { codeOf } from "../../src/core/error-code.ts";
import { failure, type Result, success } from "../../src/core/result.ts";

export interface PostRequest {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly signal: AbortSignal;
  /** Is called once there is a connection. */
  readonly onSent?: () => void;
}

/** The beginning of an answer. Its body has to be read to the end or destroyed. */
export interface Posted {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: IncomingMessage;
}

/** Why there is no answer. */
export type PostFailure =
  /** `signal` aborted. */
  | { readonly kind: "cancelled" }
  | {
      readonly kind: "no-answer";
      /** Node's or OpenSSL's: `ECONNREFUSED`, `CERT_HAS_EXPIRED`. */
      readonly code: string;
      /** There was a connection, so that the server may have read the request and acted on it. */
      readonly mayHaveArrived: boolean;
    };

/** Posts to the server. Redirects are not followed: they are answers like any other. */
export type Post = (request: PostRequest) => Promise<Result<Posted, PostFailure>>;

const connectMilliseconds = 15_000;
/** Without a byte. */
const silenceMilliseconds = 5 * 60_000;
/** A machine that has slept so long has connections whose other end is gone without a word. */
const idleMilliseconds = 30_000;

/** How often a look at the clock shows whether the machine has slept. */
const lookMilliseconds = 5_000;
/** After a sleep an answer that is on its way comes soon, or its connection is gone without a word. */
const afterSleepMilliseconds = 10_000;

/**
 * @param now milliseconds since the epoch: a clock that goes on while the machine sleeps
 * @param times in milliseconds
 */
export function createPost(
  url: URL,
  now: () => number = Date.now,
  times = { look: lookMilliseconds, afterSleep: afterSleepMilliseconds },
): Post {
  const isEncrypted = url.protocol === "https:";
  const send = isEncrypted ? httpsRequest : httpRequest;
  const createAgent = () => {
    // As HTTPS_PROXY and NO_PROXY say; Node knows the option from 24.5 on. Without encryption a proxy
    // would read the token.
    return isEncrypted
      ? new HttpsAgent({ keepAlive: true, proxyEnv: process.env })
      : new HttpAgent({ keepAlive: true });
  };
  let agent = createAgent();
  let usedAt = now();

  const underWay = new Set<ClientRequest>();
  let looking: NodeJS.Timeout | undefined;
  let lookedAt = 0;
  const look = () => {
    const time = now();
    const hasSlept = Math.abs(time - lookedAt) > idleMilliseconds;
    lookedAt = time;
    if (!hasSlept) return;
    for (const outgoing of underWay) outgoing.setTimeout(times.afterSleep);
  };
  const begin = (outgoing: ClientRequest) => {
    underWay.add(outgoing);
    if (looking) return;
    lookedAt = now();
    looking = setInterval(look, times.look);
  };
  const end = (outgoing: ClientRequest) => {
    underWay.delete(outgoing);
    if (underWay.size > 0) return;
    clearInterval(looking);
    looking = undefined;
  };

  /** Never reuses a connection that may have died unseen. */
  const freshAgent = () => {
    const time = now();
    if (Math.abs(time - usedAt) > idleMilliseconds) {
      for (const sockets of Object.values(agent.freeSockets)) {
        for (const socket of sockets ?? []) socket.destroy();
      }
      agent = createAgent();
    }
    usedAt = time;
    return agent;
  };

  return ({ headers, body, signal, onSent }) =>
    new Promise((resolve) => {
      if (signal.aborted) return resolve(failure({ kind: "cancelled" }));
      let mayHaveArrived = false;
      const outgoing = send(url, {
        method: "POST",
        agent: freshAgent(),
        headers: { ...headers, "content-length": Buffer.byteLength(body) },
      });
      // By hand: the listener of the option `signal` has been seen to throw after the answer (Node 24.21).
      const leave = () => outgoing.destroy();
      begin(outgoing);
      signal.addEventListener("abort", leave, { once: true });
      const failed = (code: string) => {
        clearTimeout(timer);
        resolve(
          failure(
            signal.aborted ? { kind: "cancelled" } : { kind: "no-answer", code, mayHaveArrived },
          ),
        );
      };
      const timer = setTimeout(() => {
        if (!mayHaveArrived) outgoing.destroy(Object.assign(new Error(), { code: "ETIMEDOUT" }));
      }, connectMilliseconds);
      const connected = () => {
        mayHaveArrived = true;
        clearTimeout(timer);
        onSent?.();
      };
      outgoing.once("socket", (socket: Socket) => {
        if (!socket.connecting) connected();
        else socket.once(isEncrypted ? "secureConnect" : "connect", connected);
      });
      outgoing.setTimeout(silenceMilliseconds, () => {
        outgoing.destroy(Object.assign(new Error(), { code: "ETIMEDOUT" }));
      });
      outgoing.once("response", (incoming) => {
        usedAt = now();
        // Whoever reads the body learns of it; it may break when nobody reads any more.
        incoming.on("error", () => {});
        const { statusCode: status = 0, headers } = incoming;
        resolve(success({ status, headers, body: incoming }));
      });
      outgoing.on("error", (error) => failed(codeOf(error, "ECONNRESET")));
      outgoing.once("close", () => {
        end(outgoing);
        signal.removeEventListener("abort", leave);
        failed("ECONNRESET");
      });
      outgoing.end(body);
    });
}
