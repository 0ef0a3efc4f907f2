import { createHash } from "node:crypto";
import { join } from "node:path";
import { failure, type Result, success } from "../../src/core/result.ts";
import type { BridgeLog } from "../log.ts";
import { folderPath, type Machine, makePrivateFolder } from "./folder.ts";
import { KeptFile } from "./kept-file.ts";
import type { Keyring } from "./keyring.ts";
import { acquireLock } from "./lock.ts";
import type { Protection } from "./sealed.ts";

/** What the bridge keeps between its starts, where it can. */
export interface Store {
  /** Where, in words for the person; nothing where all of it ends with the process. */
  readonly place: string | undefined;
  /** The file of this purpose and binding: with any other, nobody can open it. */
  file(purpose: string, binding: readonly string[]): KeptFile | undefined;
  /**
   * Does the work while no other process of this person does any under this binding. Where the system
   * gives no lock, or `signal` ends the wait for it, it is done all the same: twice is not wrong, only
   * once too often.
   */
  locked<Value>(
    binding: readonly string[],
    signal: AbortSignal,
    work: () => Promise<Value>,
  ): Promise<Value>;
}

export interface StoreOptions {
  readonly machine: Machine;
  readonly keyring: Keyring;
  /** The user's choice: files that are not encrypted, in place of a keyring. */
  readonly plainFile: boolean;
  readonly log: BridgeLog;
}

/** Milliseconds after which a person wonders what the bridge waits for. */
const patience = 3_000;

/** Opens what is kept. Says once where nothing can be, and why. */
export async function openStore(options: StoreOptions): Promise<Store> {
  const found = await findPlace(options);
  if (!found.ok) {
    const { words, remedy } = found.reason;
    const kept = "Tokens are kept in memory: every start asks for a sign-in.";
    options.log.say([words, kept, remedy].filter(Boolean).join(" "));
    return inMemory;
  }
  return inFolder(found.value, options.log);
}

/** Nothing outlives the process, so no other one can be waited for. */
const inMemory: Store = {
  place: undefined,
  file: () => undefined,
  locked: (_binding, _signal, work) => work(),
};

interface Place {
  readonly folder: string;
  readonly protection: Protection;
}

interface NoPlace {
  readonly words: string;
  readonly remedy?: string;
}

async function findPlace(options: StoreOptions): Promise<Result<Place, NoPlace>> {
  const folder = await makePrivateFolder(folderPath(options.machine));
  if (!folder.ok) return failure({ words: folder.reason });
  if (options.plainFile) return success({ folder: folder.value, protection: { kind: "plain" } });
  const waiting = setTimeout(
    () =>
      options.log.say("Waiting for the system's keyring, which may be asking for its password."),
    patience,
  );
  const key = await findKey(options.keyring, folder.value).finally(() => clearTimeout(waiting));
  if (key.ok) return success({ folder: folder.value, protection: { kind: "key", key: key.value } });
  return failure({
    words: `The system's keyring cannot be used (${key.reason}).`,
    remedy: "With --insecure-token-file they go into a file that is not encrypted.",
  });
}

/** Of two processes that both find no key, one makes it. */
async function findKey(keyring: Keyring, folder: string): Promise<Result<Uint8Array, string>> {
  const key = await keyring.read();
  if (!key.ok) return key;
  if (key.value) return success(key.value);
  const lock = { name: "key", folder, signal: AbortSignal.timeout(60_000) };
  return locked(lock, async () => {
    const made = await keyring.read();
    if (!made.ok) return made;
    return made.value ? success(made.value) : keyring.make();
  });
}

function inFolder({ folder, protection }: Place, log: BridgeLog): Store {
  const nameOf = (binding: readonly string[], length: number) =>
    createHash("sha256").update(JSON.stringify(binding)).digest("hex").slice(0, length);
  return {
    place: protection.kind === "key" ? folder : `${folder}, not encrypted`,
    file: (purpose, binding) =>
      new KeptFile({
        path: join(folder, `${nameOf(binding, 32)}.${purpose}`),
        binding: [purpose, ...binding],
        protection,
        log,
      }),
    // Short, for a socket's address is.
    locked: (binding, signal, work) =>
      locked({ name: nameOf(binding, 16), folder, signal, log }, work),
  };
}

async function locked<Value>(
  lock: { name: string; folder: string; signal: AbortSignal; log?: BridgeLog },
  work: () => Promise<Value>,
): Promise<Value> {
  const waiting = setTimeout(
    () => lock.log?.say("Waiting for another bridge of yours, in which somebody is signing in."),
    patience,
  );
  const held = await acquireLock(lock.name, lock.folder, lock.signal).catch((error: unknown) => {
    lock.log?.detail(`Goes on without a lock: ${error instanceof Error ? error.message : error}`);
    return undefined;
  });
  clearTimeout(waiting);
  try {
    return await work();
  } finally {
    await held?.release();
  }
}
