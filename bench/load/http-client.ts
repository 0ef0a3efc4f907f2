import { Agent, type IncomingHttpHeaders, request } from "node:http";
import { text } from "node:stream/consumers";

export interface HttpExchange {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface HttpAnswer {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A client that keeps its connections open, as MCP clients do. */
export interface HttpClient extends Disposable {
  /** Rejects where the connection fails. */
  send(exchange: HttpExchange): Promise<HttpAnswer>;
}

/**
 * @param origin of a server on plain http
 * @param connections at most so many at once
 */
export function createHttpClient(origin: string, connections: number): HttpClient {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const { hostname, port } = new URL(origin);
  return {
    send({ method, path, headers, body }) {
      return new Promise((resolve, reject) => {
        const length = body === undefined ? {} : { "content-length": Buffer.byteLength(body) };
        request(
          { agent, hostname, port, method, path, headers: { ...headers, ...length } },
          (response) => {
            const { statusCode: status, headers: received } = response;
            text(response).then(
              (read) => resolve({ status, headers: received, body: read }),
              reject,
            );
          },
        )
          .once("error", reject)
          .end(body);
      });
    },
    [Symbol.dispose]: () => agent.destroy(),
  };
}
