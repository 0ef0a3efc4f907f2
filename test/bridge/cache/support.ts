import { onTestFinished } from "vitest";
import type { Machine } from "../../../bridge/cache/folder.ts";
import type { Keyring } from "../../../bridge/cache/keyring.ts";
import { openStore, type Store } from "../../../bridge/cache/store.ts";
import { failure, success } from "../../../src/core/result.ts";
import { temporaryFolder } from "../../support/stack.ts";

/** A keyring for a machine that has none. */
export function fakeKeyring(key?: Uint8Array): Keyring & { readonly made: number } {
  let kept = key;
  let made = 0;
  return {
    get made() {
      return made;
    },
    read: async () => success(kept),
    async make() {
      made += 1;
      kept = new Uint8Array(32).fill(made);
      return success(kept);
    },
  };
}

export const noKeyring: Keyring = {
  read: async () => failure("nothing answers"),
  make: async () => failure("nothing answers"),
};

/** What the bridge has said to the person. */
export function listeningLog() {
  const said: string[] = [];
  return { said, log: { say: (words: string) => void said.push(words), detail: () => undefined } };
}

/** A home folder of the test's own. */
export async function testMachine(): Promise<Machine> {
  const folder = await temporaryFolder();
  onTestFinished(() => folder[Symbol.asyncDispose]());
  return { platform: "linux", env: {}, home: folder.path };
}

export interface TestStore extends Store {
  readonly said: string[];
  readonly machine: Machine;
}

export async function testStore(
  options: { machine?: Machine; keyring?: Keyring; plainFile?: boolean } = {},
): Promise<TestStore> {
  const { said, log } = listeningLog();
  const {
    machine = await testMachine(),
    keyring = fakeKeyring(new Uint8Array(32)),
    plainFile = false,
  } = options;
  return { ...(await openStore({ machine, keyring, plainFile, log })), said, machine };
}
