import type { HttpHandler, HttpMethod, HttpRequest } from "@azure/functions";
import type { Endpoint } from "../src/core/endpoint.ts";
import { consoleLog, jsonLog, type Log } from "../src/core/log.ts";
import { unfailing } from "../src/gates/way-out.ts";
import { exchangeOf } from "./exchange.ts";

/**
 * Every method that a request can have: the host answers one that no function registers with 404, where
 * clients expect 405. TRACE and CONNECT cannot be represented as a web request at all.
 */
export const everyMethod: HttpMethod[] = [
  "GET",
  "HEAD",
  "POST",
  "PUT",
  "PATCH",
  "DELETE",
  "OPTIONS",
];

/** Serves an endpoint as an HTTP trigger of the platform. */
export function httpHandler(endpoint: Endpoint): HttpHandler {
  return async (request, context) => {
    const { invocationId } = context;
    let write = jsonLog((level, line) => context[level](line), { invocationId });
    const log: Log = (...line) => write(...line);
    const exchange = exchangeOf(invocationId);
    const invocation = {
      id: invocationId,
      log,
      hasForeignHeaders: exchange?.hasReceived(request.headers) === false,
      delivery: exchange,
    };
    const response = await unfailing(async () => endpoint(webRequest(request), invocation), log);
    exchange?.closeUnlessRead();
    // The platform keeps no promise for what an invocation logs once its response is there. The body
    // may still be in the making then, by the further calls of a batch for example, and what they do
    // is to be on record.
    write = (level, event, fields) => consoleLog(level, event, { ...fields, invocationId });
    return response;
  };
}

/**
 * The web-standard request. The platform builds `request.url` from forwarded headers, which whoever
 * calls may write: only path and query are taken over, under an origin that cannot be mistaken for
 * a real one.
 */
function webRequest(request: HttpRequest): Request {
  const { pathname, search } = new URL(request.url);
  const { method, headers } = request;
  // The platform's types are those of Node's stream/web, the same objects by another declaration.
  const body = request.body as ReadableStream<Uint8Array> | null;
  // Set one by one: a path that begins with two slashes would be read as a host.
  const url = Object.assign(new URL("https://server.invalid"), { pathname, search });
  return new Request(url, {
    method,
    headers,
    ...(body === null ? {} : { body, duplex: "half" }),
  });
}
