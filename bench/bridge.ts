import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { enterDeviceCode } from "../local/browser-sign-in.ts";
import { bridgeClientId } from "../local/directory.ts";
import { buildBridge } from "../scripts/build-bridge.ts";
import type { Answer } from "./mcp.ts";
import type { Stack } from "./stack.ts";

/** The packed bridge, which keeps what it stores in a folder of its own. */
export interface BuiltBridge {
  /** Signs a local account in beforehand, by device code: that takes no browser. */
  signIn(account: string): Promise<void>;
  /** Starts it for one client, as an MCP client does. */
  start(): RunningBridge;
  close(): Promise<void>;
}

export interface RunningBridge {
  /** Sends a message, and resolves with the next line. The status is that of an HTTP answer with it. */
  ask(message: string): Promise<Answer>;
  close(): Promise<void>;
}

/** @param mcp the server's URL */
export async function buildBridgeFor(mcp: string, { entra }: Stack): Promise<BuiltBridge> {
  const folder = await mkdtemp(join(tmpdir(), "bench-bridge-"));
  const program = join(folder, "program");
  await buildBridge(program);
  const run = (...further: string[]) =>
    spawn(
      process.execPath,
      [
        ...[join(program, "main.mjs"), "--url", mcp, "--client-id", bridgeClientId],
        ...["--tenant", entra.authority, "--insecure-token-file", ...further],
      ],
      {
        env: {
          ...process.env,
          NODE_EXTRA_CA_CERTS: entra.certificateAuthorities,
          NO_PROXY: "localhost,127.0.0.1",
          HOME: folder,
          XDG_STATE_HOME: folder,
          LOCALAPPDATA: folder,
        },
      },
    );
  return {
    async signIn(account) {
      const child = run("--login", "--device-code");
      const exited = once(child, "exit");
      let said = "";
      for await (const line of createInterface(child.stderr)) {
        said += `${line}\n`;
        const [, page, code] = /open (\S+) in a browser .+ enter the code (\S+)\./.exec(line) ?? [];
        if (page && code) await enterDeviceCode(page, code, { account });
      }
      const [exitCode] = await exited;
      if (exitCode !== 0) throw new Error(`Nobody could sign in to the bridge:\n${said}`);
    },
    start: () => running(run()),
    close: () => rm(folder, { recursive: true, force: true }),
  };
}

function running(child: ChildProcessWithoutNullStreams): RunningBridge {
  const exited = once(child, "exit");
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  return {
    async ask(message) {
      child.stdin.write(`${message}\n`);
      const { value, done } = await lines.next();
      if (done) throw new Error(`The bridge has ended:\n${said}`);
      return { status: 200, body: value };
    },
    async close() {
      child.stdin.end();
      await exited;
    },
  };
}
