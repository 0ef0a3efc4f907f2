import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { constants, linkSync, renameSync, rmSync, statSync } from "node:fs";
import { link, open, rm } from "node:fs/promises";
import { connect, createServer, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { codeOf } from "../../src/core/error-code.ts";

export interface Lock {
  release(): Promise<void>;
}

/**
 * Waits until no other process holds the lock, then holds it until it is released. The operating
 * system holds it for the process and lets go of it with the process, whichever way that ends.
 *
 * @param name letters, digits and dashes, the same in all processes
 * @param folder in which the lock is: who cannot write there can neither take it nor see who waits
 * @param signal ends the wait
 * @throws the signal's reason; the operating system's error where it gives no lock
 */
export async function acquireLock(
  name: string,
  folder: string,
  signal: AbortSignal,
): Promise<Lock> {
  const path = `${folder}/${name}.lock`;
  const isSocket = process.platform === "linux";
  for (;;) {
    signal.throwIfAborted();
    const held = isSocket ? await listen(path) : await lockFile(path);
    if (held) return held;
    if (isSocket) await endOf(path, signal);
    else await delay(pollInterval, undefined, { signal });
  }
}

/** unix(7): a longer one would be cut. */
const longestAddress = 107;

/**
 * Nothing where another process listens. Those that wait are connected, and see the end. The socket
 * listens before it gets its name: at that name, one that refuses is of a process that has ended.
 */
async function listen(path: string): Promise<Lock | undefined> {
  const own = `${path}.${randomUUID().slice(0, 8)}`;
  if (Buffer.byteLength(own) > longestAddress) throw new Error(`${path} is too long for a lock.`);
  const waiting = new Set<Socket>();
  const server = createServer((socket) => {
    waiting.add(socket);
    socket.on("error", () => socket.destroy());
    socket.once("close", () => waiting.delete(socket));
  });
  const close = async () => {
    const closed = new Promise((resolve) => server.close(resolve));
    for (const socket of waiting) socket.destroy();
    await closed;
  };
  server.listen(own);
  await once(server, "listening");
  try {
    const mine = identityOf(own);
    await link(own, path);
    return {
      async release() {
        if (identityOf(path) === mine) rmSync(path, { force: true });
        await close();
      },
    };
  } catch (error) {
    await close();
    if (codeOf(error) === "EEXIST") return undefined;
    throw error;
  } finally {
    await rm(own, { force: true });
  }
}

/** Milliseconds between two tries, where nothing tells of the end of a wait. */
const pollInterval = 50;

/** Waits until what listens there ends, and removes what a killed process has left. */
async function endOf(path: string, signal: AbortSignal): Promise<void> {
  const found = identityOf(path);
  const error = await new Promise<string | undefined>((resolve, reject) => {
    let code: string | undefined;
    const socket = connect({ path, signal });
    socket.resume();
    socket.on("error", (error) => {
      code = codeOf(error);
    });
    socket.once("close", () => (signal.aborted ? reject(signal.reason) : resolve(code)));
  });
  if (error === "ECONNREFUSED" && found !== undefined) removeDead(path, found);
  // More wait than the system takes at once, say.
  else if (error !== undefined && error !== "ENOENT") await delay(pollInterval);
}

/** Of the file at a path; others may have another one there a moment later. */
function identityOf(path: string): string | undefined {
  const found = statSync(path, { bigint: true, throwIfNoEntry: false });
  return found && `${found.ino} ${found.mtimeNs}`;
}

/**
 * Removes a socket on which nobody listens, unless another one has taken its place. All at once, so that
 * others hardly come between; where they do, theirs is put back.
 */
function removeDead(path: string, found: string): void {
  if (identityOf(path) !== found) return;
  const aside = `${path}.${randomUUID()}`;
  try {
    renameSync(path, aside);
    if (identityOf(aside) !== found) linkSync(aside, path);
  } catch (error) {
    // Another process was first.
    if (!["ENOENT", "EEXIST"].includes(codeOf(error) ?? "")) throw error;
  } finally {
    rmSync(aside, { force: true });
  }
}

/**
 * Opens a file for this process alone: open(2) of macOS and the BSDs, and libuv's flag for Windows,
 * where nothing is shared with it. Node names neither.
 */
const exclusively = process.platform === "win32" ? 0x1000_0000 : 0x20;

/** Nothing where another process has locked the file. It remains, empty. */
async function lockFile(path: string): Promise<Lock | undefined> {
  const { O_RDWR, O_CREAT, O_NONBLOCK = 0 } = constants;
  try {
    const file = await open(path, O_RDWR | O_CREAT | O_NONBLOCK | exclusively, 0o600);
    return { release: () => file.close() };
  } catch (error) {
    if (["EAGAIN", "EWOULDBLOCK", "EBUSY"].includes(codeOf(error) ?? "")) return undefined;
    throw error;
  }
}
