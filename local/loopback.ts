import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import type { Server, Socket } from "node:net";
import { codeOf } from "./files.ts";

/** The address that the parts of the laptop stack listen on: no other machine can reach it. */
export const loopbackAddress = "127.0.0.1";

/** The hosts of URLs that lead to this machine. */
export const loopbackHosts: ReadonlySet<string> = new Set(["localhost", "127.0.0.1", "[::1]"]);

/**
 * Whether a request was made to this machine by one of its own names. A web page whose host name has
 * been pointed at this machine would otherwise reach a server here as its own origin.
 */
export function isAskedAsLoopback({ headers }: IncomingMessage): boolean {
  const host = URL.parse(`http://${headers.host ?? ""}`)?.hostname;
  return host !== undefined && loopbackHosts.has(host);
}

/** A server that listens, and how to end it. */
export interface LoopbackServer {
  /** The port it got: the one asked for, or a free one where that was 0. */
  readonly port: number;
  /** Ends the server and every open connection. May be called more than once. */
  close(): Promise<void>;
}

/**
 * Makes `server` listen on the loopback address.
 *
 * @param part what the server is, as messages name it: `Cosmos DB emulator`
 * @param port 0 for any free one
 * @param address the other one of the two that loopback has, where that is wanted
 * @throws {Error} naming the part and the port, when the port cannot be had; its cause has the
 * operating system's code
 */
export async function listenOnLoopback(
  server: Server,
  { part, port, address = loopbackAddress }: { part: string; port: number; address?: string },
): Promise<LoopbackServer> {
  // An idle keep-alive connection, or one that never began its TLS handshake, would hold `close` up.
  const connections = new Set<Socket>();
  server.on("connection", (socket) => {
    connections.add(socket);
    socket.once("close", () => connections.delete(socket));
  });

  try {
    server.listen(port, address);
    await once(server, "listening");
  } catch (cause) {
    throw portError({ part, port, code: codeOf(cause) }, cause);
  }

  let closed: Promise<void> | undefined;
  return {
    port: portOf(server),
    close() {
      closed ??= new Promise((resolve) => {
        server.close(() => resolve());
        for (const connection of connections) connection.destroy();
      });
      return closed;
    },
  };
}

/** The one message for a port that cannot be had; `code` is the operating system's. */
export function portError(
  { part, port, code }: { part: string; port: number; code: string },
  cause?: unknown,
): Error {
  const problem =
    code === "EADDRINUSE"
      ? `port ${port} is in use. Stop the program that uses it, or choose another port.`
      : `cannot listen on port ${port} (${code}). Choose another port.`;
  return new Error(`${part}: ${problem}`, { cause });
}

/** The port that a server listens on. */
export function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === "string") {
    throw new Error("The server listens on no port");
  }
  return address.port;
}
