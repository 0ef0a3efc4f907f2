import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { type ClientRequest, type IncomingMessage, request as openRequest } from "node:http";
import { Server, type Socket } from "node:net";
import { loopbackAddress } from "../loopback.ts";
import type { ProgrammingModel } from "./core-types.ts";
import { StartFailure } from "./messages.ts";

/** Node publishes here what is about to listen (https://nodejs.org/api/diagnostics_channel.html). */
const listenChannel = "tracing:net.server.listen:asyncStart";

/**
 * Ends the app's setup and starts the library's stream proxy, the server through which HTTP bodies
 * reach the app and come back.
 *
 * The library lets it listen on all interfaces and has no option for that, so it is put on the
 * loopback interface from outside. What else it does cannot be changed without patching it:
 *
 * - It files every request under the invocation id that the request names, and hands it to the app
 *   only when an invocation with that id asks for it. The ids are random and travel in this process
 *   alone, so nobody else who talks to the proxy reaches the app. Such a request gets no answer, and
 *   one with an id stays in memory: a nuisance that only processes of this machine can cause.
 * - It never forgets the response object of a function that threw.
 *
 * @returns the proxy's port
 * @throws {StartFailure} when the app has HTTP streams off
 */
export async function startStreamProxy(model: ProgrammingModel): Promise<number> {
  subscribe(listenChannel, keepOnLoopback);
  try {
    const capabilities = await model.getCapabilities?.({});
    const url = URL.parse(capabilities?.HttpUri ?? "");
    if (url) return Number(url.port);
  } finally {
    unsubscribe(listenChannel, keepOnLoopback);
  }
  throw new StartFailure(
    "The app has HTTP streams off, and this host serves nothing else. Call app.setup({ enableHttpStream: true }) in the entry file.",
  );
}

/**
 * Binding the server to the loopback interface also keeps firewalls from asking about it. Node
 * promises to tell which server listens, but not to honour the changed option: hence the second
 * measure.
 */
function keepOnLoopback(message: unknown): void {
  if (typeof message !== "object" || message === null) return;
  const { server, options } = message as { server?: unknown; options?: { host?: string } };
  if (options) options.host = loopbackAddress;
  if (server instanceof Server) server.on("connection", refuseStranger);
}

function refuseStranger(socket: Socket): void {
  const isLoopback = /^(?:::ffff:)?127\.|^::1$/.test(socket.remoteAddress ?? "");
  if (!isLoopback) socket.destroy();
}

/**
 * Opens the request that carries `request` to the app through the stream proxy; the caller pipes
 * the body. Of the client's headers only those that frame the body go along: the app's come with
 * the invocation, and so nothing a client sends can pass for the three that tie both together.
 *
 * @param target path and query
 */
export function openProxyRequest(
  port: number,
  request: IncomingMessage,
  target: string,
  invocationId: string,
): ClientRequest {
  const { "content-length": length, "transfer-encoding": coding, host } = request.headers;
  return openRequest({
    host: loopbackAddress,
    port,
    method: request.method,
    path: target,
    // A connection is never used twice, since an app may leave part of a body unread. It is still
    // announced as one to keep: otherwise the proxy closes it with the response, and a response
    // that comes before the body's end is lost with what is left of the body.
    agent: false,
    headers: {
      connection: "keep-alive",
      "x-ms-invocation-id": invocationId,
      "x-forwarded-host": host,
      "x-forwarded-proto": "http",
      ...(length !== undefined && { "content-length": length }),
      ...(coding !== undefined && { "transfer-encoding": "chunked" }),
    },
  });
}
