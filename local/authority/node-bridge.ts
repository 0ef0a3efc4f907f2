import type { IncomingMessage, ServerResponse } from "node:http";
import { isAskedAsLoopback } from "../loopback.ts";
import { readBody } from "../request-body.ts";

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
