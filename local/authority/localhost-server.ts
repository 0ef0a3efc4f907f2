import {
  createServer as createHttpServer,
  type IncomingMessage,
  type ServerResponse,
} from "node:http";
import { createServer as createHttpsServer } from "node:https";
import type { Pair } from "../certificate.ts";
import { isAskedAsLoopback, listenOnLoopback } from "../loopback.ts";
import { readBody } from "../request-body.ts";

export interface LocalhostServer {
  /** `http://localhost:PORT` */
  readonly origin: string;
  /** May be called more than once. */
  close(): Promise<void>;
}

export interface LocalhostServerOptions {
  /** What the server is, as messages name it. */
  readonly part: string;
  /** 0 for any free one. */
  readonly port: number;
  /** With a certificate it speaks https. */
  readonly certificate?: Pair;
  /** May still be on its way: requests wait for it. */
  readonly handler: Promise<Handler>;
}

/**
 * Listens on loopback alone, under both of its addresses, so that `http://localhost:PORT` works
 * whichever the client tries.
 *
 * @throws {Error} naming the part and the port, when the port cannot be had
 */
export async function startLocalhostServer(
  options: LocalhostServerOptions,
): Promise<LocalhostServer> {
  const { part, port, certificate, handler } = options;
  const scheme = certificate ? "https" : "http";
  const server = certificate ? createHttpsServer({ ...certificate }) : createHttpServer();
  server.on("request", (request, response) => {
    const origin = `${scheme}://localhost:${request.socket.localPort}`;
    void answerNodeRequest(origin, handler, request, response);
  });
  const listening = await listenOnLoopback(server, { part, port });
  return { origin: `${scheme}://localhost:${listening.port}`, close: listening.close };
}

/** A server as the web platform sees it. */
export type Handler = (request: Request) => Promise<Response>;

/**
 * Answers a request of `node:http` through a web-standard handler.
 *
 * @param origin of every URL the handler sees, whatever the request's headers claim
 */
export async function answerNodeRequest(
  origin: string,
  handler: Promise<Handler>,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  try {
    const response = await respond(origin, await handler, incoming);
    outgoing.writeHead(response.status, Object.fromEntries(response.headers));
    outgoing.end(Buffer.from(await response.arrayBuffer()));
  } catch (cause) {
    // A client that left midway needs no answer; everything else is a defect, and shows as one.
    if (outgoing.destroyed) return;
    process.emitWarning(cause instanceof Error ? cause : String(cause));
    if (!outgoing.headersSent) outgoing.writeHead(500);
    outgoing.end();
  }
}

async function respond(
  origin: string,
  handler: Handler,
  incoming: IncomingMessage,
): Promise<Response> {
  if (!isAskedAsLoopback(incoming)) {
    return new Response("This is answered as localhost alone.\n", { status: 421 });
  }
  const url = URL.parse(incoming.url ?? "", origin);
  if (!url || url.origin !== origin) return new Response(null, { status: 400 });
  const body = await readBody(incoming);
  if (body === undefined) {
    return new Response(null, { status: 413, headers: { Connection: "close" } });
  }
  const method = incoming.method ?? "GET";
  return handler(
    new Request(url, {
      method,
      headers: readHeaders(incoming),
      ...(method === "GET" || method === "HEAD" ? {} : { body }),
    }),
  );
}

function readHeaders(incoming: IncomingMessage): Headers {
  const headers = new Headers();
  for (const [name, values] of Object.entries(incoming.headersDistinct)) {
    for (const value of values ?? []) headers.append(name, value);
  }
  return headers;
}
