import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:https";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { describe, expect, it, onTestFinished } from "vitest";
import { projectFolder } from "../../local/paths.ts";
import { verifies } from "../requirements.ts";
import { documentCertificate } from "../support/document-host.ts";
import { listen } from "../support/listen.ts";
import { runNode } from "../support/run-program.ts";
import { temporaryFolder } from "../support/stack.ts";
import { initialize, legacy } from "./bridged.ts";

const homeIn = (path: string) => ({ HOME: path, XDG_STATE_HOME: path, LOCALAPPDATA: path });

/** Starts the bridge itself, for a server that is not there, with nobody signed in. */
async function startProgram(...options: string[]) {
  const home = await temporaryFolder();
  const child = spawn(
    process.execPath,
    [
      ...[join(projectFolder, "bridge/main.ts"), "--url", "http://127.0.0.1:9/mcp"],
      ...["--client-id", "9d3a1c4e-0000-4000-8000-000000000001", ...options],
    ],
    {
      env: { ...process.env, ...homeIn(home.path) },
    },
  );
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const stderr = text(child.stderr).catch(() => "");
  const exited = once(child, "exit");
  return {
    child,
    stderr,
    exited,
    send: (message: unknown) => child.stdin.write(`${JSON.stringify(message)}\n`),
    next: async () => JSON.parse((await lines.next()).value ?? "null"),
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await exited;
      await home[Symbol.asyncDispose]();
    },
  };
}

describe("npm run bridge", () => {
  it.each([
    [["--data"], "--data takes the folder"],
    [["--data", "nowhere"], "No laptop stack that keeps its data in nowhere is running at port 9."],
  ])(verifies("bridge.command-line", "refuses %j"), async (options, words) => {
    const program = join(projectFolder, "local/bridge.ts");
    const refused = await runNode(program, ["--url", "http://localhost:9/mcp", ...options]);
    expect(refused).toMatchObject({ code: 2, stdout: "", stderr: expect.stringContaining(words) });
  });
});

describe("the program", () => {
  it(
    verifies("bridge.https", "asks nothing of a server whose certificate is not good"),
    async () => {
      let requests = 0;
      const server = createServer(await documentCertificate(), (_, response) => {
        requests += 1;
        response.end("{}");
      });
      const { port, close } = await listen(server);
      onTestFinished(close);
      await using folder = await temporaryFolder();
      const refused = await runNode(
        join(projectFolder, "bridge/main.ts"),
        [
          ...["--url", `https://localhost:${port}/mcp`, "--login", "--insecure-token-file"],
          ...["--client-id", "9d3a1c4e-0000-4000-8000-000000000001"],
        ],
        { env: { NODE_TLS_REJECT_UNAUTHORIZED: "0", ...homeIn(folder.path) } },
      );
      expect(refused).toMatchObject({ code: 2, stdout: "" });
      expect(refused.stderr).toContain("NODE_TLS_REJECT_UNAUTHORIZED=0 does not count");
      expect(refused.stderr).toContain("NODE_EXTRA_CA_CERTS");
      expect(requests).toBe(0);
    },
  );

  it(
    verifies(
      ["bridge.end", "bridge.starts"],
      "answers before it loads what signs in, and ends with its standard input",
    ),
    async () => {
      await using program = await startProgram();
      program.send(initialize);
      expect(await program.next()).toMatchObject({ id: "init", result: { capabilities: {} } });
      program.send(legacy(1, "ping"));
      expect(await program.next()).toEqual({ jsonrpc: "2.0", id: 1, result: {} });
      program.child.stdin.end();
      expect(await program.exited).toEqual([0, null]);
      // Nothing of the keyring, which would be asked first.
      expect(await program.stderr).toBe("");
    },
  );

  it(verifies("bridge.end", "goes on where nobody reads its log"), async () => {
    await using program = await startProgram("--verbose");
    program.child.stderr.destroy();
    program.send(initialize);
    await program.next();
    program.send(legacy(1, "tools/list"));
    expect(await program.next()).toMatchObject({ id: 1, error: { data: { reason: "sign-in" } } });
    program.send(legacy(2, "ping"));
    expect(await program.next()).toMatchObject({ id: 2 });
  });

  it.skipIf(process.platform === "win32").each(["SIGTERM", "SIGINT"] as const)(
    verifies("bridge.end", "ends by %s without a word"),
    async (signal) => {
      await using program = await startProgram();
      program.send(initialize);
      await program.next();
      program.child.kill(signal);
      expect(await program.exited).toEqual([0, null]);
      expect(await program.stderr).toBe("");
    },
  );
});
