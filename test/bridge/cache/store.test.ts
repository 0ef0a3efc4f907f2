import { chmod, link, mkdir, readdir, readFile, stat, symlink, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { folderPath } from "../../../bridge/cache/folder.ts";
import type { KeptFile } from "../../../bridge/cache/kept-file.ts";
import type { Keyring } from "../../../bridge/cache/keyring.ts";
import type { Store } from "../../../bridge/cache/store.ts";
import { success } from "../../../src/core/result.ts";
import { verifies } from "../../requirements.ts";
import { runProgram } from "../../support/run-program.ts";
import { fakeKeyring, noKeyring, testMachine, testStore } from "./support.ts";

const binding = ["https://mcp.contoso.com/mcp", "https://login.microsoftonline.com/t", "client"];

function fileOf(store: Store, changed = binding): KeptFile {
  const file = store.file("tokens", changed);
  if (!file) throw new Error("The store keeps no files.");
  return file;
}

const modeOf = async (path: string) => (await stat(path)).mode & 0o777;

/** A text that was kept, in a file that something has then been done to. */
async function keptThen(spoil: (path: string) => Promise<unknown>) {
  const machine = await testMachine();
  const first = await testStore({ machine });
  await fileOf(first).write("the secret");
  const { path } = fileOf(first);
  await spoil(path);
  const store = await testStore({ machine });
  return { store, path, file: fileOf(store) };
}

describe("what is kept", () => {
  it(verifies("bridge.cache.sealed", "is for the person alone, and shows nothing"), async () => {
    const machine = await testMachine();
    const { file: _, ...store } = await testStore({ machine });
    const kept = fileOf({ ...store, file: _ });
    await kept.write("the secret");
    expect(await fileOf(await testStore({ machine })).read()).toBe("the secret");
    expect(await modeOf(kept.path)).toBe(0o600);
    expect(await modeOf(dirname(kept.path))).toBe(0o700);
    const bytes = await readFile(kept.path, "latin1");
    expect(bytes).not.toContain("secret");
    expect(bytes).not.toContain("contoso");
    expect(await readdir(dirname(kept.path))).toEqual([basename(kept.path)]);
    expect(store.said).toEqual([]);
  });

  it(verifies("bridge.cache.sealed", "cannot be opened as another server's"), async () => {
    const { store, path } = await keptThen(async () => undefined);
    for (const changed of binding.keys()) {
      const other = binding.map((part, index) => (index === changed ? `${part}x` : part));
      const stranger = fileOf(store, other);
      expect(await stranger.read()).toBeUndefined();
      await link(path, stranger.path);
      expect(await stranger.read()).toBeUndefined();
    }
    expect(store.said).toHaveLength(binding.length);
  });

  it(verifies("bridge.cache.sealed", "is written each time with another vector"), async () => {
    const file = fileOf(await testStore());
    await file.write("the secret");
    const once = await readFile(file.path);
    await file.write("the secret");
    const twice = await readFile(file.path);
    expect(twice.length).toBe(once.length);
    expect(twice.equals(once)).toBe(false);
  });

  it(verifies("bridge.cache.sealed", "has its place on each system"), async () => {
    const home = "/home/me";
    const at = (platform: NodeJS.Platform, env: NodeJS.ProcessEnv = {}) =>
      folderPath({ platform, env, home });
    expect(at("linux")).toBe("/home/me/.local/state/entra-mcp-bridge");
    expect(at("linux", { XDG_STATE_HOME: "/data" })).toBe("/data/entra-mcp-bridge");
    expect(at("linux", { XDG_STATE_HOME: "data" })).toBe(at("linux"));
    expect(at("darwin")).toBe("/home/me/Library/Application Support/entra-mcp-bridge");
    expect(at("win32", { LOCALAPPDATA: "/local" })).toBe("/local/entra-mcp-bridge");
  });
});

/** What somebody, or a failing disk, can make of the file; whether a new sign-in may replace it. */
const spoiled: Record<string, (path: string) => Promise<unknown>> = {
  "is truncated": async (path) => writeFile(path, (await readFile(path)).subarray(0, -1)),
  "ends after its first line": async (path) =>
    writeFile(path, `${(await readFile(path, "latin1")).split("\n", 1)[0]}\n`),
  "has one bit changed": async (path) => {
    const bytes = await readFile(path);
    bytes.writeUInt8(bytes.readUInt8(bytes.length - 20) ^ 1, bytes.length - 20);
    await writeFile(path, bytes);
  },
  "is readable for others": (path) => chmod(path, 0o644),
  "says that it is plain": (path) => writeFile(path, "entra-mcp-bridge 1 plain\nmine"),
  "names another cipher": (path) => writeFile(path, "entra-mcp-bridge 1 aes-256-gcmx\nmine"),
};

describe("a file that is of no use any more", () => {
  it.each(Object.entries(spoiled))(
    verifies("bridge.cache.hostile", "%s: one sentence, and the next text takes its place"),
    async (_, spoil) => {
      const { store, file, path } = await keptThen(spoil);
      expect(await file.read()).toBeUndefined();
      expect(await file.read()).toBeUndefined();
      expect(store.said).toEqual([expect.stringMatching(/a new sign-in replaces it\.$/i)]);
      await file.write("new");
      expect(await file.read()).toBe("new");
      expect(await modeOf(path)).toBe(0o600);
    },
  );

  it(verifies("bridge.cache.hostile", "because the keyring has another key"), async () => {
    const machine = await testMachine();
    await fileOf(await testStore({ machine })).write("the secret");
    const other = fakeKeyring(new Uint8Array(32).fill(9));
    const store = await testStore({ machine, keyring: other });
    expect(await fileOf(store).read()).toBeUndefined();
    expect(store.said).toEqual([expect.stringContaining("another key")]);
  });
});

/** What is not the bridge's: it has to be there afterwards as it was. */
const foreign: Record<string, (path: string) => Promise<unknown>> = {
  "a link": async (path) => {
    await writeFile(`${path}.target`, "precious");
    await replace(path, () => symlink(`${path}.target`, path));
  },
  "a link to nowhere": (path) => replace(path, () => symlink("/nowhere/at/all", path)),
  "a link to a device": (path) => replace(path, () => symlink("/dev/zero", path)),
  "a folder": (path) => replace(path, () => mkdir(path)),
  "a pipe": (path) => replace(path, () => runProgram("mkfifo", [path])),
  "somebody's file": (path) => writeFile(path, "# Shopping list\n"),
  "an empty file": (path) => writeFile(path, ""),
  "a huge file": (path) => writeFile(path, Buffer.alloc(3 * 1024 * 1024, "entra-mcp-bridge 1 ")),
  "a file of a newer bridge": (path) => writeFile(path, "entra-mcp-bridge 2 xchacha20\n…"),
  "a file of a much newer bridge": (path) => writeFile(path, "entra-mcp-bridge 999999999 x\n"),
};

async function replace(path: string, make: () => Promise<unknown>): Promise<void> {
  await runProgram("rm", ["-f", path]);
  await make();
}

describe("what is not the bridge's", () => {
  it.each(Object.entries(foreign))(
    verifies("bridge.cache.foreign", "%s stays as it is"),
    async (_, put) => {
      const { store, file, path } = await keptThen(put);
      const { stdout: before } = await runProgram("ls", ["-lnR", dirname(path)]);
      expect(await file.read()).toBeUndefined();
      expect(file.keeps).toBe(false);
      await file.write("new");
      await file.remove();
      expect(store.said).toEqual([expect.stringContaining("It is left as it is")]);
      expect((await runProgram("ls", ["-lnR", dirname(path)])).stdout).toBe(before);
    },
  );
});

describe("the folder", () => {
  it(verifies("bridge.cache.folder", "is closed to others"), async () => {
    const machine = await testMachine();
    const path = folderPath(machine);
    await mkdir(path, { recursive: true });
    await chmod(path, 0o777);
    const store = await testStore({ machine });
    expect(store.place).toBe(path);
    expect(await modeOf(path)).toBe(0o700);
  });

  it(
    verifies("bridge.cache.folder", "is not used below one that everybody may change"),
    async () => {
      const machine = await testMachine();
      const open = join(machine.home, "open");
      await mkdir(open);
      await chmod(open, 0o777);
      const store = await testStore({ machine: { ...machine, env: { XDG_STATE_HOME: open } } });
      expect(store.place).toBeUndefined();
      expect(store.said).toEqual([
        expect.stringContaining("could be replaced. Tokens are kept in"),
      ]);
      // As /tmp is.
      await chmod(open, 0o1777);
      const sticky = await testStore({ machine: { ...machine, env: { XDG_STATE_HOME: open } } });
      expect(sticky.place).toBe(join(open, "entra-mcp-bridge"));
    },
  );

  it(verifies("bridge.cache.folder", "is not used where a link or a file stands"), async () => {
    const machine = await testMachine();
    const path = folderPath(machine);
    await mkdir(dirname(path), { recursive: true });
    await symlink(machine.home, path);
    const store = await testStore({ machine });
    expect(store.place).toBeUndefined();
    expect(store.said).toEqual([expect.stringContaining("a link or a file")]);
    const blocked = await testStore({ machine: { ...machine, home: "/dev/null" } });
    expect(blocked.said).toEqual([expect.stringContaining("cannot be used (ENOTDIR)")]);
  });
});

describe("without a keyring", () => {
  it(verifies("bridge.cache.no-keyring", "nothing is written, and that is said once"), async () => {
    const store = await testStore({ keyring: noKeyring });
    expect(store.file("tokens", binding)).toBeUndefined();
    expect(await store.locked(binding, AbortSignal.timeout(1000), async () => "done")).toBe("done");
    expect(store.place).toBeUndefined();
    expect(store.said).toEqual([expect.stringMatching(/nothing answers.+--insecure-token-file/)]);
    expect(await readdir(folderPath(store.machine))).toEqual([]);
  });

  it(verifies("bridge.cache.plain", "the person may choose a plain file"), async () => {
    const machine = await testMachine();
    const store = await testStore({ machine, keyring: noKeyring, plainFile: true });
    await fileOf(store).write("the secret");
    const { path } = fileOf(store);
    expect(await readFile(path, "utf8")).toContain("the secret");
    expect(await modeOf(path)).toBe(0o600);
    const again = await testStore({ machine, keyring: noKeyring, plainFile: true });
    expect(await fileOf(again).read()).toBe("the secret");

    const without = await testStore({ machine });
    expect(await fileOf(without).read()).toBeUndefined();
    expect(without.said).toEqual([expect.stringContaining("kept in another way")]);
  });

  it(verifies("bridge.cache.plain", "a plain file of another server is not read"), async () => {
    const machine = await testMachine();
    const store = await testStore({ machine, plainFile: true });
    await fileOf(store).write("the secret");
    const stranger = fileOf(store, [...binding, "x"]);
    await link(fileOf(store).path, stranger.path);
    expect(await stranger.read()).toBeUndefined();
    expect(store.said).toEqual([expect.stringContaining("for something else")]);
  });
});

it(
  verifies("bridge.cache.hostile", "a disk that is full costs the next start a sign-in"),
  async () => {
    const file = fileOf(await testStore());
    await file.write("old");
    // Another way to make it impossible, which root meets too.
    await runProgram("rm", ["-rf", dirname(file.path)]);
    await writeFile(dirname(file.path), "");
    await file.write("new");
    expect(file.keeps).toBe(false);
  },
);

it(verifies("bridge.lock", "a person who waits for another bridge is told so"), async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  onTestFinished(() => void vi.useRealTimers());
  const machine = await testMachine();
  const [one, two] = [await testStore({ machine }), await testStore({ machine })];
  const { signal } = new AbortController();
  const finished = Promise.withResolvers<void>();
  const entered = Promise.withResolvers<void>();
  const first = one.locked(binding, signal, async () => {
    entered.resolve();
    await finished.promise;
  });
  await entered.promise;
  const second = two.locked(binding, signal, async () => "done");
  vi.advanceTimersByTime(3_000);
  finished.resolve();
  expect([await first, await second]).toEqual([undefined, "done"]);
  expect([one.said, two.said]).toEqual([[], [expect.stringContaining("another bridge of yours")]]);
});

it(verifies("bridge.keyring", "a person who has to unlock it is told so"), async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  onTestFinished(() => void vi.useRealTimers());
  const unlocked = Promise.withResolvers<Awaited<ReturnType<Keyring["read"]>>>();
  const asked = Promise.withResolvers<void>();
  const keyring: Keyring = {
    ...noKeyring,
    read() {
      asked.resolve();
      return unlocked.promise;
    },
  };
  const opening = testStore({ keyring });
  await asked.promise;
  vi.advanceTimersByTime(3_000);
  unlocked.resolve(success(new Uint8Array(32)));
  expect((await opening).said).toEqual([expect.stringContaining("may be asking for its password")]);
});

it(verifies("bridge.keyring", "one key is made, however many start at once"), async () => {
  const machine = await testMachine();
  const keyring = fakeKeyring();
  const stores = await Promise.all([1, 2, 3, 4].map(() => testStore({ machine, keyring })));
  expect(keyring.made).toBe(1);
  const [first, second] = stores;
  if (!first || !second) throw new Error("There are four.");
  await fileOf(first).write("shared");
  expect(await fileOf(second).read()).toBe("shared");
});
