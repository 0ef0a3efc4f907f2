import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { readdir, readFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it, onTestFinished } from "vitest";
import { acquireLock } from "../../../bridge/cache/lock.ts";
import { verifies } from "../../requirements.ts";
import { temporaryFolder } from "../../support/stack.ts";

const script = fileURLToPath(new URL("lock-holder.ts", import.meta.url));

/** A lock of the test's own. */
async function testLock() {
  const folder = await temporaryFolder();
  onTestFinished(() => folder[Symbol.asyncDispose]());
  const name = randomUUID();
  return {
    ...{ name, folder: folder.path },
    acquire: (signal = AbortSignal.timeout(60_000)) => acquireLock(name, folder.path, signal),
    /** Another process that wants the lock. */
    start(): ChildProcessWithoutNullStreams {
      const child = spawn(process.execPath, [script, name, folder.path]);
      onTestFinished(() => void child.kill("SIGKILL"));
      return child;
    },
  };
}

const held = (child: ChildProcessWithoutNullStreams) => once(child.stdout, "data");

it(verifies("bridge.lock", "one process after the other holds it"), async () => {
  const { folder, start } = await testLock();
  const children = [1, 2, 3, 4].map(start);
  await Promise.all(
    children.map(async (child) => {
      await held(child);
      child.stdin.end();
      await once(child, "exit");
    }),
  );
  expect(await readFile(join(folder, "holders"), "utf8")).toBe("in out ".repeat(4));
});

it(verifies("bridge.lock", "a process that is killed does not hold it"), async () => {
  const { start, acquire } = await testLock();
  const holder = start();
  await held(holder);
  const waiting = [acquire(), acquire()];
  holder.kill("SIGKILL");
  const first = await Promise.race(waiting);
  await first.release();
  const locks = await Promise.all(waiting);
  await Promise.all(locks.map((lock) => lock.release()));
});

it(verifies("bridge.lock", "many wait for one that is killed, and each has it alone"), async () => {
  const { folder, start } = await testLock();
  const holder = start();
  await held(holder);
  const children = [1, 2, 3, 4].map(start);
  holder.kill("SIGKILL");
  await Promise.all(
    children.map(async (child) => {
      await held(child);
      child.stdin.end();
      await once(child, "exit");
    }),
  );
  expect(await readFile(join(folder, "holders"), "utf8")).toBe(`in ${"in out ".repeat(4)}`);
});

it.skipIf(process.platform !== "linux")(
  verifies("bridge.lock", "nobody takes it or sees it outside of its folder"),
  async () => {
    const { folder, acquire, name } = await testLock();
    // What another user of the machine could listen on, once the name was seen in /proc/net/unix.
    const squatter = createServer().listen(`\0entra-mcp-bridge-${name}`);
    onTestFinished(() => void squatter.close());
    await once(squatter, "listening");
    const lock = await acquire(AbortSignal.timeout(5_000));
    expect(await readdir(folder)).toEqual([`${name}.lock`]);
    await lock.release();
    expect(await readdir(folder)).toEqual([]);
  },
);

it(verifies("bridge.lock", "a wait can be ended"), async () => {
  const { acquire } = await testLock();
  const held = await acquire();
  onTestFinished(() => held.release());
  const stop = new AbortController();
  const waiting = acquire(stop.signal);
  stop.abort(new Error("enough"));
  await expect(waiting).rejects.toThrow("enough");
  await expect(acquire(stop.signal)).rejects.toThrow("enough");
});
