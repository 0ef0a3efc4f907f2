import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { connect, createServer, type Server, type Socket } from "node:net";
import { pipeline } from "node:stream";
import { codeOf } from "../src/core/error-code.ts";

/** The address by which the parts of the laptop stack know each other: no other machine can reach it. */
export const loopbackAddress = "127.0.0.1";

/** `localhost` may stand for this one too; which is tried first differs from system to system. */
const otherAddress = "::1";

/** A machine that has not the other address has everything it needs in the first. */
const absentAddress = new Set(["EADDRNOTAVAIL", "EAFNOSUPPORT"]);

/** How many free ports are tried until one is free under both addresses. */
const attempts = 20;

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
 * Makes `server` listen on loopback alone, under both of its addresses, so that a client reaches it
 * by `localhost` whichever address it tries.
 *
 * @param part what the server is, as messages name it: `Cosmos DB emulator`
 * @param port 0 for any free one
 * @throws {Error} naming the part and the port, when the port cannot be had; its cause has the
 * operating system's code
 */
export async function listenOnLoopback(
  server: Server,
  { part, port }: { part: string; port: number },
): Promise<LoopbackServer> {
  // An idle keep-alive connection, or one that never began its TLS handshake, would hold `close` up.
  const connections = new Set<Socket>();
  server.on("connection", (socket) => {
    connections.add(socket);
    socket.once("close", () => connections.delete(socket));
  });
  // What comes by the other address is served by the same server.
  const other = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    server.emit("connection", socket);
  });

  for (let attempt = 1; ; attempt += 1) {
    try {
      await listen(server, port, loopbackAddress);
      await listen(other, portOf(server), otherAddress);
    } catch (cause) {
      const code = codeOf(cause);
      if (!server.listening) throw portError({ part, port, code }, cause);
      if (!absentAddress.has(code)) {
        const isTaken = portError({ part, port: portOf(server), code }, cause);
        server.close();
        await once(server, "close");
        if (port === 0 && code === "EADDRINUSE" && attempt < attempts) continue;
        throw isTaken;
      }
    }
    break;
  }

  let closed: Promise<void> | undefined;
  return {
    port: portOf(server),
    close() {
      closed ??= Promise.all([closing(other), closing(server)]).then(() => undefined);
      for (const connection of connections) connection.destroy();
      return closed;
    },
  };
}

/**
 * Lets a program that listens on the first address alone be reached by the other one too.
 *
 * @returns what ends that; it may be called more than once
 */
export async function relayFromOtherAddress(place: {
  part: string;
  port: number;
}): Promise<() => void> {
  const connections = new Set<Socket>();
  const relay = createServer({ allowHalfOpen: true }, (socket) => {
    const inner = connect({ host: loopbackAddress, port: place.port, allowHalfOpen: true });
    connections.add(socket);
    socket.once("close", () => connections.delete(socket));
    pipeline(socket, inner, socket, () => socket.destroy());
  });
  try {
    await listen(relay, place.port, otherAddress);
  } catch (cause) {
    const code = codeOf(cause);
    if (!absentAddress.has(code)) throw portError({ ...place, code }, cause);
  }
  return () => {
    relay.close();
    for (const connection of connections) connection.destroy();
  };
}

async function listen(server: Server, port: number, host: string): Promise<void> {
  server.listen(port, host);
  await once(server, "listening");
}

function closing(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
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
