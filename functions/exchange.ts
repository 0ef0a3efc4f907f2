import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { type IncomingMessage, Server, type ServerResponse } from "node:http";
import type { Delivery } from "../src/core/endpoint.ts";

/** How long the platform may take nothing of an answer before its connection is cut. */
const unreadMilliseconds = 30_000;
/** Of all answers of this process that wait to be read; beyond it, the largest are cut off. */
const maximumUnreadBytes = 64 * 1024 * 1024;

/** The exchanges under way with the platform, by the invocation that the platform names. */
const exchanges = new Map<string, Exchange>();
/** Answers that the platform has not taken yet. */
const unread = new Set<ServerResponse>();

// The library shows neither request nor response of its server, and ignores that the response is full.
// https://nodejs.org/api/diagnostics_channel.html#http
subscribe("http.server.request.start", (message) => {
  const { request, response } = message as { request: IncomingMessage; response: ServerResponse };
  const id = request.headers["x-ms-invocation-id"];
  if (typeof id !== "string") return;
  const exchange = new Exchange(request, response);
  exchanges.set(id, exchange);
  response.once("close", () => {
    if (exchanges.get(id) === exchange) exchanges.delete(id);
  });
});

/**
 * More than the platform's front end lets through, so that the gates judge the size: what Node's own
 * 16 KiB keep out of the library's server hangs on the platform.
 */
const maximumHeaderBytes = 64 * 1024;

/**
 * Longer than the platform keeps a connection that it does not use (a minute in .NET). Node's own 5 s
 * would close connections that the platform is about to use again, and lose the requests.
 */
const keepAliveMilliseconds = 120_000;

const listenChannel = "tracing:net.server.listen:asyncStart";

/** The first HTTP server of this process is the library's, which has no options for these. */
function prepareServer(message: unknown): void {
  const { server } = message as { server: unknown };
  if (!(server instanceof Server)) return;
  Object.assign(server, {
    maxHeaderSize: maximumHeaderBytes,
    keepAliveTimeout: keepAliveMilliseconds,
  });
  unsubscribe(listenChannel, prepareServer);
}

subscribe(listenChannel, prepareServer);

/** The exchange that carries an invocation; undefined outside of the platform's worker. */
export function exchangeOf(invocationId: string): Exchange | undefined {
  return exchanges.get(invocationId);
}

/** Headers that the platform passes on as it received them; its front end makes the last two up. */
const passedOn = [
  "authorization",
  "origin",
  "user-agent",
  "content-type",
  "x-arr-log-id",
  "x-azure-ref",
] as const;

/** A request of the platform to this process, and its answer's way back. */
export class Exchange implements Delivery {
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;

  constructor(request: IncomingMessage, response: ServerResponse) {
    this.#request = request;
    this.#response = response;
  }

  /** Whether the platform shows the headers that it received, not some that it found in the body. */
  hasReceived(shown: Headers): boolean {
    return passedOn.every((name) => (this.#request.headers[name] ?? null) === shown.get(name));
  }

  ready(): Promise<void> | undefined {
    if (!this.#response.writableNeedDrain) return undefined;
    return new Promise((resolve) => whenTaken(this.#response, "drain", resolve));
  }

  end(left: () => void): void {
    if (this.#response.closed) left();
    else whenTaken(this.#response, "close", left);
  }

  /**
   * Has the connection closed with the answer where a part of the request's body was read and a part
   * left. The platform would send the next request, anybody's, behind that part, where nothing reads it.
   */
  closeUnlessRead(): void {
    const { readableDidRead, complete } = this.#request;
    if (readableDidRead && !complete) this.#response.setHeader("connection", "close");
  }
}

/** Calls `done` at the event, or at the end of the connection, which is cut when nothing moves on it. */
function whenTaken(response: ServerResponse, event: "drain" | "close", done: () => void): void {
  const cut = () => response.destroy();
  const end = () => {
    // Behind its close the connection is Node's again.
    if (event === "drain") response.setTimeout(0);
    unread.delete(response);
    response.off("timeout", cut).off("drain", end).off("close", end);
    done();
  };
  response.setTimeout(unreadMilliseconds).once("timeout", cut).once("close", end);
  if (event === "drain") response.once("drain", end);
  unread.add(response);
  cutLargest();
}

function cutLargest(): void {
  let bytes = 0;
  for (const response of unread) bytes += response.writableLength;
  if (bytes <= maximumUnreadBytes) return;
  const bySize = [...unread].sort((one, other) => other.writableLength - one.writableLength);
  for (const response of bySize) {
    if (bytes <= maximumUnreadBytes) return;
    bytes -= response.writableLength;
    response.destroy();
  }
}
