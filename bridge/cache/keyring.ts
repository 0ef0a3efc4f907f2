import { spawn } from "node:child_process";
import { extname } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { failure, type Result, success } from "../../src/core/result.ts";

/** Where the key of the bridge's files is kept. */
export interface Keyring {
  /** The key: nothing where none has been made. Fails in words. */
  read(): Promise<Result<Uint8Array | undefined, string>>;
  /** Makes a key in place of any there is. Fails in words. */
  make(): Promise<Result<Uint8Array, string>>;
}

export interface KeyringOptions {
  /** Milliseconds. The system may have to ask the person for the keyring's password. */
  readonly timeout?: number;
  readonly service?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Linux's folder for the person's session. */
  readonly runtimeFolder?: string;
}

const keyLength = 32;
const account = "key of the bridge's files";

/**
 * The system's keyring: Windows Credential Manager, the macOS keychain, or what answers as the
 * freedesktop.org Secret Service (GNOME Keyring, KWallet, KeePassXC).
 */
export function systemKeyring({
  timeout = 30_000,
  service = "entra-mcp-bridge",
  env = process.env,
  runtimeFolder = `/run/user/${process.getuid?.()}`,
}: KeyringOptions = {}): Keyring {
  const ask = (task: "read" | "make") =>
    run([service, account, task], { timeout, env: inSession(env, runtimeFolder) });
  return {
    read: () => ask("read"),
    async make() {
      const made = await ask("make");
      if (!made.ok) return made;
      return made.value ? success(made.value) : failure("it did not keep the key");
    },
  };
}

/**
 * MCP clients start programs with a handful of variables, without those by which libdbus finds the
 * session: then where systemd and its like have the session's bus.
 */
function inSession(env: NodeJS.ProcessEnv, runtimeFolder: string): NodeJS.ProcessEnv {
  const isNamed = env.DBUS_SESSION_BUS_ADDRESS !== undefined || env.XDG_RUNTIME_DIR !== undefined;
  return process.platform !== "linux" || isNamed ? env : { ...env, XDG_RUNTIME_DIR: runtimeFolder };
}

async function run(
  args: readonly string[],
  { timeout, env }: { timeout: number; env: NodeJS.ProcessEnv },
): Promise<Result<Uint8Array | undefined, string>> {
  // A build puts the other program beside this one.
  const program = new URL(`keyring-process${extname(import.meta.url)}`, import.meta.url);
  const child = spawn(process.execPath, [fileURLToPath(program), ...args], {
    env,
    stdio: ["ignore", "pipe", "pipe"],
    timeout,
    killSignal: "SIGKILL",
    windowsHide: true,
  });
  const closed = new Promise<number | null>((resolve) => child.once("close", resolve));
  const problem = new Promise<string | undefined>((resolve) => {
    child.once("error", ({ message }) => resolve(message));
    child.once("spawn", () => resolve(undefined));
  });
  const [output, errors, code] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    (await problem) === undefined ? closed : 1,
  ]);
  if (child.signalCode !== null) return failure(`it did not answer within ${timeout / 1000} s`);
  if (code !== 0) return failure((await problem) ?? lastLine(errors));
  const key = Buffer.from(output, "base64");
  if (key.length === 0) return success(undefined);
  return key.length === keyLength
    ? success(key)
    : failure("what it keeps for the bridge is no key");
}

function lastLine(output: string): string {
  return output.trim().split("\n").at(-1)?.slice(0, 300) || "it cannot be used";
}
