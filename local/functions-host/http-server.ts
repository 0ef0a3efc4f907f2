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
import { startPage } from "../authority/pages/start-page.ts";
import { adminStatus } from "./admin.ts";
import { bindingData } from "./binding-data.ts";
import { headerPairs, isForConnection, joinHeaders } from "./headers.ts";
import { startInvocation } from "./invocation.ts";
import type { LoadedApp } from "./load-app.ts";
import { writeLog } from "./logging.ts";
import { isReadFirst, readWhole, watchForStall } from "./request-intake.ts";
import { refusedStatus, requestTarget } from "./request-line.ts";
import { findRoute, type HttpRoute } from "./routes.ts";
import { canBeForwarded, createStreamProxy, type StreamProxy } from "./stream-proxy.ts";
import type { Timers } from "./timers.ts";

export interface HttpServerOptions extends Omit<LoadedApp, "terminate" | "timers"> {
  readonly timers: Timers;
  /** Told when an invocation has taken longer than the app's `functionTimeout`. */
  readonly onTimeout: () => void;
  /** How long a body may send nothing. */
  readonly stallMilliseconds?: number | undefined;
}

export interface HttpServer {
  readonly server: Server;
  /** Stops accepting and resolves when all that runs has ended, or after `milliseconds`. */
  stop(milliseconds: number): Promise<void>;
}

/** As much as the real host's server takes before it answers 431, in bytes. */
const maxHeaderSize = 32 * 1024;

/** Kestrel's five seconds of grace, and the second until it looks again. */
const defaultStallMilliseconds = 6_000;

/**
 * The server that clients talk to, which answers as the Functions host does, with what is unpleasant
 * about it: connections to the app are used again, and a request that the app's worker cannot take
 * waits until the client leaves or `functionTimeout` strikes.
 *
 * Where it differs: a function that fails, or returns nothing, is answered 500 with an empty body,
 * where the real host with HTTP streams leaves the client without an answer; a body that fails
 * midway ends the connection, where the real host leaves it open; `/` has the laptop stack's own page;
 * `authLevel` is not enforced, as with Core Tools; while the worker restarts nothing listens, where the
 * real host answers 500.
 */
export function createHttpServer(options: HttpServerOptions): HttpServer {
  const running = new Set<Promise<void>>();
  const proxy = createStreamProxy(options.streamProxyPort);
  let isStopping = false;

  const server = createServer({ maxHeaderSize }, (request, response) => {
    if (isStopping) response.setHeader("connection", "close");
    const target = requestTarget(request);
    const refused = refusedStatus(request);
    if (!target || refused) return refuse(response, refused ?? 400);
    const asked = adminStatus(request, target.pathname, options.timers);
    if (asked) return refuse(response, asked);
    const route = findRoute(options.routes, request.method ?? "", target.pathname);
    if (!route) {
      if (target.pathname === "/" && request.method === "GET") return void homepage(response);
      return answerEmpty(response, 404);
    }

    const exchange = runExchange({ ...options, proxy, request, response, target, route })
      // What fails before the function runs: a client that left during its upload.
      .catch(() => void response.destroy())
      .finally(() => running.delete(exchange));
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
    proxy.close();
  }

  return { server, stop };
}

interface ExchangeOptions extends HttpServerOptions {
  readonly proxy: StreamProxy;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly target: URL;
  readonly route: HttpRoute;
}

/** Carries one request to its function and the response back. */
async function runExchange(options: ExchangeOptions): Promise<void> {
  const { model, proxy, request, response, route, target } = options;
  const stallMilliseconds = options.stallMilliseconds ?? defaultStallMilliseconds;
  const body = isReadFirst(request) ? await readWhole(request, stallMilliseconds) : undefined;
  if (body === "stalled") return refuse(response, 500);

  const headers = joinHeaders(request.rawHeaders);
  const invocationId = randomUUID();
  const invocation = startInvocation(model, route.function, {
    invocationId,
    inputData: [{ name: route.triggerName, data: { http: {} } }],
    triggerMetadata: bindingData({ headers, query: target.searchParams, body }),
  });
  const timer = setTimeout(options.onTimeout, options.functionTimeoutMilliseconds);
  const completed = invocation.completed.finally(() => clearTimeout(timer));
  completed.catch(() => undefined);

  if (!canBeForwarded(headers)) {
    request.resume();
    return waitFor(response);
  }
  const proxied = proxy.open(request, target.pathname + target.search, invocationId);
  const answered = relayResponse(proxied, response);
  const letGo = () => {
    request.unpipe(proxied);
    request.resume();
    proxied.destroy();
  };
  response.once("close", async () => {
    // All is sent, and the connection to the app is free once the request's body is there too.
    if (response.writableFinished) return;
    writeLog("error", "system", "The client disconnected before its answer had ended.");
    // The app is not told of that: its body is pulled to the end. A connection cut before the library
    // has the request would leave the invocation waiting for it until the timeout.
    await Promise.race([invocation.received, passed(1_000)]);
    letGo();
  });
  // The library has to see the request even where its body never begins: the invocation waits for it.
  proxied.flushHeaders();
  if (body) proxied.end(body);
  else {
    request.pipe(proxied);
    watchForStall(request, proxied, stallMilliseconds, () => {
      letGo();
      if (response.headersSent) response.destroy();
      else refuse(response, 500);
    });
  }

  try {
    await Promise.all([completed, answered]);
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

async function passed(milliseconds: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, milliseconds).unref());
}

/** Resolves when nothing more can be sent to the client. */
function waitFor(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => response.once("close", resolve));
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
  proxied.on("error", (error) => {
    // Behind the whole answer an error is but the end of a body that nobody wants.
    if (!response.writableEnded) reject(error);
  });
  proxied.once("response", (answer) => {
    // Not from the function but from Node's server, for a request that it cannot read. The real host
    // waits for the function nevertheless, which never sees the request.
    if (answer.headers["x-ms-invocation-id"] === undefined) return answer.resume();
    if (response.destroyed) {
      answer.destroy();
      return resolve();
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

/** Without reading the request's body, after which the connection is of no use. */
function refuse(response: ServerResponse, status: number): void {
  response.setHeader("connection", "close");
  answerEmpty(response, status);
}

/**
 * What the platform shows where no function is at the root, unless that is turned off; with the laptop
 * stack, a page that says what to do next.
 */
async function homepage(response: ServerResponse): Promise<void> {
  const {
    AzureWebJobsDisableHomepage,
    MCP_PUBLIC_URL: serverUrl,
    ENTRA_ISSUER: issuer,
  } = process.env;
  if (/^true$/i.test(AzureWebJobsDisableHomepage ?? "")) {
    response.writeHead(204).end();
  } else if (serverUrl && issuer) {
    const page = startPage({ serverName: "MCP server", serverUrl, issuer });
    response.writeHead(page.status, Object.fromEntries(page.headers)).end(await page.text());
  } else {
    response
      .writeHead(200, { "content-type": "text/html" })
      .end("<!DOCTYPE html><title>Functions</title><p>This Functions app is up and running.</p>\n");
  }
}

function answerEmpty(response: ServerResponse, status: number): void {
  response.writeHead(status, { "content-length": "0" }).end();
}
