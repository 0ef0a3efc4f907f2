import { createServer as createHttpServer, type Server } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import type { Socket } from "node:net";
import { codeOf, loopbackAddress, portError } from "../loopback.ts";
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

/** What `localhost` may stand for; which is tried first differs from system to system. */
const addresses = [loopbackAddress, "::1"];

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
  const connections = new Set<Socket>();
  const createServer = (): Server => {
    const server = certificate ? createHttpsServer({ ...certificate }) : createHttpServer();
    server.on("connection", (socket) => {
      connections.add(socket);
      socket.once("close", () => connections.delete(socket));
    });
    server.on("request", (request, response) => {
      const origin = `${scheme}://localhost:${request.socket.localPort}`;
      void answerNodeRequest(origin, handler, request, response);
    });
    return server;
  };

  for (let attempt = 1; ; attempt++) {
    const servers: Server[] = [];
    let bound = port;
    try {
      for (const address of addresses) {
        const server = createServer();
        const taken = await listen(server, bound, address);
        if (taken === undefined) continue;
        bound = taken;
        servers.push(server);
      }
    } catch (cause) {
      await close(servers, connections);
      const code = codeOf(cause);
      if (port === 0 && code === "EADDRINUSE" && attempt < attempts) continue;
      throw portError({ part, port: bound, code }, cause);
    }

    let closed: Promise<void> | undefined;
    return {
      origin: `${scheme}://localhost:${bound}`,
      close() {
        closed ??= close(servers, connections);
        return closed;
      },
    };
  }
}

/** The port it got; nothing where the machine has no such address. */
function listen(server: Server, port: number, address: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    server.once("error", (cause) => {
      if (address !== loopbackAddress && absentAddress.has(codeOf(cause))) resolve(undefined);
      else reject(cause);
    });
    server.listen({ port, host: address }, () => {
      const listening = server.address();
      if (typeof listening === "object" && listening) resolve(listening.port);
      else reject(new Error("The server listens on no port"));
    });
  });
}

/** Ends idle connections too, and those that never began their TLS handshake. */
async function close(servers: readonly Server[], connections: Iterable<Socket>): Promise<void> {
  const closing = servers.map(
    (server) => new Promise<void>((resolve) => server.close(() => resolve())),
  );
  for (const connection of connections) connection.destroy();
  await Promise.all(closing);
}
