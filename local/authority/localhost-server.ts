import { createServer as createHttpServer, type Server } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { codeOf } from "../files.ts";
import { type LoopbackServer, listenOnLoopback } from "../loopback.ts";
import { answerNodeRequest, type Handler } from "./node-bridge.ts";

/** In PEM, for `localhost` and both loopback addresses. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

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
  readonly certificate?: Certificate;
  /** May still be on its way: requests wait for it. */
  readonly handler: Promise<Handler>;
}

/** `localhost` may stand for this one too; which is tried first differs from system to system. */
const otherAddress = "::1";

/** A machine that has not the other address has everything it needs in the first. */
const absentAddress = new Set(["EADDRNOTAVAIL", "EAFNOSUPPORT"]);

/** How many free ports are tried until one is free under both addresses. */
const attempts = 20;

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
  const createServer = (): Server => {
    const server = certificate ? createHttpsServer({ ...certificate }) : createHttpServer();
    return server.on("request", (request, response) => {
      const origin = `${scheme}://localhost:${request.socket.localPort}`;
      void answerNodeRequest(origin, handler, request, response);
    });
  };

  for (let attempt = 1; ; attempt++) {
    const first = await listenOnLoopback(createServer(), { part, port });
    const servers: LoopbackServer[] = [first];
    try {
      const place = { part, port: first.port, address: otherAddress };
      servers.push(await listenOnLoopback(createServer(), place));
    } catch (error) {
      const code = codeOf(error instanceof Error ? error.cause : error);
      if (!absentAddress.has(code)) {
        await first.close();
        if (port === 0 && code === "EADDRINUSE" && attempt < attempts) continue;
        throw error;
      }
    }
    return {
      origin: `${scheme}://localhost:${first.port}`,
      async close() {
        await Promise.all(servers.map((server) => server.close()));
      },
    };
  }
}
