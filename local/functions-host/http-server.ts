import { randomUUID } from "node:crypto";
import {
  type ClientRequest,
  createServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import { pipeline } from "node:stream";
import { inspect } from "node:util";
import type { InvocationRequest } from "./core-types.ts";
import { headerPairs, isForConnection, joinHeaders, namesOneHost } from "./headers.ts";
import { startInvocation } from "./invocation.ts";
import type { LoadedApp } from "./load-app.ts";
import { writeLog } from "./logging.ts";
import { findRoute, type HttpRoute } from "./routes.ts";
import { openProxyRequest } from "./stream-proxy.ts";

type ServedApp = Omit<LoadedApp, "terminate">;

export interface HttpServer {
  readonly server: Server;
  /** Stops accepting and resolves when all that runs has ended, or after `milliseconds`. */
  stop(milliseconds: number): Promise<void>;
}

/** As much as the real host's server takes before it answers 431, in bytes. */
const maxHeaderSize = 32 * 1024;

/**
 * The server that clients talk to, which answers as the Functions host does.
 *
 * Where it differs: a function that fails, or returns nothing, is answered 500 with an empty body,
 * where the real host with HTTP streams leaves the client without an answer; a body that fails
 * midway ends the connection, where the real host leaves it open; there is no page at `/`;
 * `authLevel` is not enforced, as with Core Tools; the parameters of a request are those of the
 * route, while the real host adds those of the query.
 */
export function createHttpServer(options: ServedApp): HttpServer {
  const running = new Set<Promise<void>>();
  let isStopping = false;

  const server = createServer({ maxHeaderSize }, (request, response) => {
    if (isStopping) response.setHeader("connection", "close");
    const target = requestTarget(request.url ?? "");
    const headers = joinHeaders(request.rawHeaders);
    if (!target || !namesOneHost(headers.get("host"))) return answerEmpty(response, 400);
    const found = findRoute(options.routes, request.method ?? "", target.pathname);
    if (!found) return answerEmpty(response, 404);

    const { route, parameters } = found;
    const exchange = runExchange(options, request, response, route, target, {
      invocationId: randomUUID(),
      inputData: [{ name: route.triggerName, data: { http: {} } }],
      triggerMetadata: triggerMetadata(headers, parameters),
      traceContext: traceContext(headers),
    }).finally(() => running.delete(exchange));
    running.add(exchange);
  });

  async function stop(milliseconds: number): Promise<void> {
    isStopping = true;
    server.close();
    if (running.size > 0) {
      writeLog(
        "information",
        "system",
        `Stopping when the running requests (${running.size}) end.`,
      );
    }
    const deadline = Promise.withResolvers<"late">();
    const timer = setTimeout(deadline.resolve, milliseconds, "late");
    while (running.size > 0) {
      if ((await Promise.race([deadline.promise, Promise.allSettled(running)])) === "late") {
        writeLog("warning", "system", `Gave up waiting for running requests (${running.size}).`);
        break;
      }
    }
    clearTimeout(timer);
    server.closeAllConnections();
  }

  return { server, stop };
}

/** Carries one request to its function and the response back; whatever happens, it is answered. */
async function runExchange(
  { model, streamProxyPort }: ServedApp,
  request: IncomingMessage,
  response: ServerResponse,
  route: HttpRoute,
  target: URL,
  invocationRequest: InvocationRequest,
): Promise<void> {
  const { invocationId } = invocationRequest;
  const path = target.pathname + target.search;
  const proxied = openProxyRequest(streamProxyPort, request, path, invocationId);
  const answered = relayResponse(proxied, response);
  const invocation = startInvocation(model, route.function, invocationRequest);

  const letGo = () => {
    request.unpipe(proxied);
    request.resume();
    proxied.destroy();
  };
  response.once("close", async () => {
    // Either all is sent or the client is gone. The app is not told of that: its body is pulled to
    // the end. A connection cut before the library has the request would leave the invocation
    // waiting for it for ever.
    await invocation.received;
    letGo();
  });
  // The library has to see the request even where its body never begins: the invocation waits for it.
  proxied.flushHeaders();
  request.pipe(proxied);

  try {
    await Promise.all([invocation.completed, answered]);
  } catch (error) {
    const outcome = settleFailure(response);
    letGo();
    writeLog(
      "error",
      "system",
      `The function "${route.function.metadata.name}" failed, ${outcome}.\n${inspect(error)}`,
    );
  }
}

/** @returns what became of the response, for the developer */
function settleFailure(response: ServerResponse): string {
  if (response.closed) return "after the client had gone or had its answer";
  if (response.headersSent) {
    response.destroy();
    return "and its response was cut short; in Azure the client would wait for the rest of it";
  }
  answerEmpty(response, 500);
  return "and the client was answered 500; in Azure it would get no answer at all";
}

/** Resolves when nothing more can be sent to the client; rejects when the stream proxy is lost. */
function relayResponse(proxied: ClientRequest, response: ServerResponse): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  response.once("close", resolve);
  proxied.on("error", reject);
  proxied.once("response", (answer) => {
    if (response.destroyed) {
      answer.destroy();
      resolve();
      return;
    }
    response.statusCode = answer.statusCode ?? 500;
    for (const [name, value] of headerPairs(answer.rawHeaders)) {
      if (!isForConnection(name)) response.appendHeader(name, value);
    }
    response.flushHeaders();
    pipeline(answer, response, () => undefined);
  });
  return promise;
}

function answerEmpty(response: ServerResponse, status: number): void {
  response.writeHead(status, { "content-length": "0" }).end();
}

/** A target that names another authority, as a proxy is sent, counts by its path alone. */
function requestTarget(target: string): URL | undefined {
  const url = URL.parse(target.startsWith("/") ? `http://localhost${target}` : target);
  return url?.protocol === "http:" || url?.protocol === "https:" ? url : undefined;
}

function triggerMetadata(
  headers: ReadonlyMap<string, string>,
  parameters: Readonly<Record<string, string>>,
): InvocationRequest["triggerMetadata"] {
  const values = Object.entries(parameters).map(([name, value]) => [name, { string: value }]);
  return {
    ...Object.fromEntries(values),
    Headers: { json: JSON.stringify(Object.fromEntries(headers)) },
  };
}

/** https://www.w3.org/TR/trace-context/ */
function traceContext(headers: ReadonlyMap<string, string>): InvocationRequest["traceContext"] {
  const traceParent = headers.get("traceparent");
  return traceParent === undefined
    ? undefined
    : { traceParent, traceState: headers.get("tracestate") };
}
