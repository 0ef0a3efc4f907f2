import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { Agent, type ClientRequest, type IncomingMessage, request as openRequest } from "node:http";
import { Server, type Socket } from "node:net";
import { loopbackAddress } from "../loopback.ts";
import type { ProgrammingModel } from "./core-types.ts";
import { headerPairs } from "./headers.ts";
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

/** The host's connections to the app. */
export interface StreamProxy {
  /**
   * Opens the request that carries `request` to the app; the caller sends the body.
   *
   * @param target path and query
   */
  open(request: IncomingMessage, target: string, invocationId: string): ClientRequest;
  close(): void;
}

/**
 * As the real host does, it uses a connection again once request and response are through, and passes
 * the client's headers on: an `x-ms-invocation-id` among them takes the place of the host's own, and
 * what the app's server does not take of them leaves the invocation without its request.
 */
export function createStreamProxy(port: number): StreamProxy {
  const agent = new Agent({ keepAlive: true });
  return {
    open: (request, path, invocationId) =>
      openRequest({
        host: loopbackAddress,
        port,
        method: request.method,
        path,
        agent,
        headers: forwardedHeaders(request, invocationId),
      }),
    close: () => agent.destroy(),
  };
}

/** .NET's client sends no header that is not ASCII, so that such a request never reaches the app. */
export function canBeForwarded(headers: ReadonlyMap<string, string>): boolean {
  return [...headers.values()].every((value) => /^[\t\x20-\x7e]*$/.test(value));
}

const notForwarded =
  /^(?:host|connection|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade|expect|x-forwarded-host|x-forwarded-proto)$/i;

function forwardedHeaders(request: IncomingMessage, invocationId: string): string[] {
  const { host = "", "transfer-encoding": coding } = request.headers;
  const pairs = [...headerPairs(request.rawHeaders)].filter(([name]) => !notForwarded.test(name));
  const hasId = pairs.some(([name]) => name.toLowerCase() === "x-ms-invocation-id");
  return [
    ...pairs,
    ...(hasId ? [] : [["x-ms-invocation-id", invocationId]]),
    ["host", `${loopbackAddress}`],
    ["x-forwarded-host", host],
    ["x-forwarded-proto", "http"],
    ...(coding === undefined ? [] : [["transfer-encoding", "chunked"]]),
  ].flat();
}
