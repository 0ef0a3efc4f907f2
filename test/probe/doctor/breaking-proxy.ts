import {
  createServer,
  request as httpRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
} from "node:http";
import { listen } from "../../support/listen.ts";

/** A request as a fault sees it. */
export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
}

export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** An object is sent as JSON. */
  readonly body?: unknown;
}

/** One thing that stands between the clients and a server in good health. */
export interface Fault {
  /** What is answered in the server's place: `never` leaves the client waiting. */
  readonly answer?: (asked: Asked) => Reply | "never" | undefined;
  /** What becomes of the server's own answer. */
  readonly alter?: (reply: Reply, asked: Asked) => Reply;
}

export type BreakingProxy = Awaited<ReturnType<typeof startBreakingProxy>>;

/** What the clients reach, in place of the server. */
export async function startBreakingProxy() {
  let upstream = "";
  let fault: Fault = {};
  const server = createServer((request, response) => {
    void serve(request, response, upstream, fault);
  });
  const { port, close } = await listen(server, "localhost");
  return {
    /** Without a slash at the end. */
    origin: `http://localhost:${port}`,
    /** Where requests go from now on, without a slash at the end. */
    forwardTo(url: string) {
      upstream = url;
    },
    /** Breaks one thing, or nothing any more. */
    breakBy(next: Fault) {
      fault = next;
    },
    close,
  };
}

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  upstream: string,
  { answer, alter }: Fault,
): Promise<void> {
  const { method = "", url: path = "", headers } = request;
  const asked = { method, path, headers };
  const instead = answer?.(asked);
  if (instead === "never") return;
  const reply = instead ?? (await forward(request, upstream));
  const { status, headers: shown, body } = instead || !alter ? reply : alter(reply, asked);
  const isObject = typeof body === "object";
  response.writeHead(status, { ...(isObject ? jsonType : {}), ...shown });
  response.end(isObject ? JSON.stringify(body) : body);
}

const jsonType = { "content-type": "application/json" };

/** Passes the request on under the name that the client used. */
async function forward(request: IncomingMessage, upstream: string): Promise<Reply> {
  const outgoing = httpRequest(new URL(request.url ?? "", upstream), {
    method: request.method,
    headers: request.headers,
  });
  request.pipe(outgoing);
  const [incoming]: [IncomingMessage] = await new Promise((resolve, reject) => {
    outgoing.once("response", (answer: IncomingMessage) => resolve([answer]));
    outgoing.once("error", reject);
  });
  let body = "";
  for await (const chunk of incoming.setEncoding("utf8")) body += chunk;
  const { "transfer-encoding": _chunked, "content-length": _length, ...kept } = incoming.headers;
  const headers = Object.entries(kept).map(([name, value]) => [name, String(value)]);
  return { status: incoming.statusCode ?? 0, headers: Object.fromEntries(headers), body };
}
