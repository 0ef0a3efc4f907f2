import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { connect, createServer, type Server, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { codeOf } from "../../src/core/error-code.ts";

export interface Lock {
  release(): Promise<void>;
}

/**
 * Waits until no other process holds the lock, then holds it until it is released. The operating
 * system holds it for the process and lets go of it with the process, whichever way that ends.
 *
 * @param name letters, digits and dashes, the same in all processes and hard to guess for other people
 * @param folder where a system that locks files has the lock's
 * @param signal ends the wait
 * @throws the signal's reason; the operating system's error where it gives no lock
 */
export async function acquireLock(
  name: string,
  folder: string,
  signal: AbortSignal,
): Promise<Lock> {
  const address = addressOf(name);
  for (;;) {
    signal.throwIfAborted();
    const held =
      address === undefined ? await lockFile(`${folder}/${name}.lock`) : await listen(address);
    if (held) return held;
    if (address === undefined) await delay(pollInterval, undefined, { signal });
    else await endOf(address, signal);
  }
}

/** A local socket of which there can be one at a time, and that is no file which would remain. */
function addressOf(name: string): string | undefined {
  if (process.platform === "win32") return `\\\\.\\pipe\\entra-mcp-bridge-${name}`;
  // unix(7), abstract sockets
  if (process.platform === "linux") return `\0entra-mcp-bridge-${name}`;
  return undefined;
}

/** Nothing where another process listens. Those that wait are connected, and see the end. */
async function listen(address: string): Promise<Lock | undefined> {
  const waiting = new Set<Socket>();
  const server = createServer((socket) => {
    waiting.add(socket);
    socket.on("error", () => socket.destroy());
    socket.once("close", () => waiting.delete(socket));
  });
  if (!(await listens(server, address))) return undefined;
  return {
    async release() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of waiting) socket.destroy();
      await closed;
    },
  };
}

function listens(server: Server, address: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    server.once("error", (error) => {
      if (codeOf(error) === "EADDRINUSE") resolve(false);
      else reject(error);
    });
    server.listen(address, () => resolve(true));
  });
}

/** Milliseconds between two tries, where nothing tells of the end of a wait. */
const pollInterval = 50;

/** Waits until what listens there ends. */
function endOf(address: string, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ path: address, signal });
    socket.resume();
    // An error says that it has ended, or that more wait than the system takes at once.
    socket.on("error", () => undefined);
    socket.once("close", (hadError) => {
      if (signal.aborted) reject(signal.reason);
      else resolve(hadError ? delay(pollInterval) : undefined);
    });
  });
}

/** open(2) of macOS and the BSDs, whose numbers Node does not name. */
const O_EXLOCK = 0x20;

/** Nothing where another process has locked the file. It remains, empty. */
async function lockFile(path: string): Promise<Lock | undefined> {
  const { O_RDWR, O_CREAT, O_NONBLOCK } = constants;
  try {
    const file = await open(path, O_RDWR | O_CREAT | O_NONBLOCK | O_EXLOCK, 0o600);
    return { release: () => file.close() };
  } catch (error) {
    const code = codeOf(error);
    if (code === "EAGAIN" || code === "EWOULDBLOCK") return undefined;
    throw error;
  }
}
