import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readRecord, type StackRecord } from "../../local/stack-record.ts";
import { verifies } from "../requirements.ts";
import { connectClient, textOf } from "../support/clients.ts";
import { sample, type ToolCall } from "../support/domains.ts";
import { accessTokenOf } from "../support/shared-stack.ts";
import { copyProject, type StackSummary, temporaryFolder } from "../support/stack.ts";

const patience = 120_000;

describe("npm run watch", { timeout: patience }, () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let stack: ChildProcessByStdio<null, Readable, Readable>;
  let exited: Promise<number | null>;
  let summary: StackSummary;
  /** What it has printed on standard error, where its logs go with `--json`. */
  let logs = "";

  beforeAll(async () => {
    folder = await temporaryFolder();
    await copyProject(join(folder.path, "copy"));
    // In a process group of its own, as a terminal has it: Ctrl-C reaches every process of it.
    stack = spawn(process.execPath, ["local/start.ts", "--watch", "--json", "--port", "0"], {
      cwd: join(folder.path, "copy"),
      stdio: ["ignore", "pipe", "pipe"],
      detached: process.platform !== "win32",
    });
    exited = once(stack, "exit").then(([code]) => code);
    stack.stderr.setEncoding("utf8").on("data", (text: string) => {
      logs += text;
    });
    let printed = "";
    stack.stdout.setEncoding("utf8").on("data", (text: string) => {
      printed += text;
    });
    await logged("when its source changes");
    summary = JSON.parse(printed);
  }, patience);

  afterAll(async () => {
    if (stack.exitCode === null) stack.kill("SIGTERM");
    await exited;
    await folder?.[Symbol.asyncDispose]();
  });

  /** Resolves when the logs have `text` as often as said, and rejects where the stack ends before. */
  async function logged(text: string, times = 1): Promise<void> {
    while (logs.split(text).length <= times) {
      const isOver = await Promise.race([
        once(stack.stderr, "data").then(() => false),
        exited.then(() => true),
      ]);
      if (isOver) throw new Error(`The stack ended:\n${logs}`);
    }
  }

  const restarts = () => logs.split("Restarting the MCP server").length - 1;
  const pathOf = (file: string) => join(folder.path, "copy", file);
  const change = (file: string, statement: string) => appendFileSync(pathOf(file), statement);

  async function record(): Promise<StackRecord> {
    const { port } = new URL(summary.mcp);
    const found = await readRecord(join(folder.path, "copy", ".local", "stacks", port));
    if (!found) throw new Error("The stack has left no record.");
    return found;
  }

  async function statusWithoutToken(): Promise<number> {
    return (await fetch(summary.mcp, { method: "POST" })).status;
  }

  it(verifies("start.progress", "tells that it builds before it starts anything"), () => {
    expect(logs).toMatch(/^Building…\nStarting sign-in/);
  });

  it(verifies("watch.restarts", "restarts the server alone on a change"), async () => {
    const accessToken = await accessTokenOf(summary, "user1@contoso.example");
    const call = async (toolCall: ToolCall) => {
      const client = await connectClient("modern", new URL(summary.mcp), { accessToken });
      return textOf(await client.callTool(toolCall));
    };
    await call(sample.store("Lunch"));
    const before = await record();

    change("functions/main.ts", 'console.log("change 1");\n');
    await logged("The MCP server runs again");

    expect(logs).toContain("change 1");
    const { serverProcessId, ...after } = await record();
    expect(serverProcessId).not.toBe(before.serverProcessId);
    expect({ ...after, serverProcessId: before.serverProcessId }).toEqual(before);
    // The token, the sign-in behind it and what was stored are as before.
    expect(await call(sample.list)).toContain("Lunch");
    expect(await accessTokenOf(summary, "user1@contoso.example")).toBeTruthy();
  });

  it(
    verifies("watch.restarts", "restarts the server when a page that it hands out changes"),
    async () => {
      const before = restarts();
      change("src/expenses/view/style.css", "#app { outline: 0 }\n");
      await logged("The MCP server runs again", before + 1);
      expect(restarts()).toBe(before + 1);
    },
  );

  it(verifies("watch.coalesces", "restarts once for several quick changes"), async () => {
    const before = restarts();
    change("functions/main.ts", 'console.log("change 2");\n');
    change("functions/health.ts", 'console.log("change 3");\n');
    change("src/app.ts", 'console.log("change 4");\n');
    await logged("The MCP server runs again", before + 1);
    for (const number of [2, 3, 4]) expect(logs).toContain(`change ${number}\n`);

    // Were a second one on its way for them, it would have come by the end of the next.
    change("functions/main.ts", 'console.log("change 5");\n');
    await logged("The MCP server runs again", before + 2);
    expect(logs).toContain("change 5\n");
    expect(restarts()).toBe(before + 2);
  });

  it(verifies("watch.broken", "tells a build error, and serves on"), async () => {
    const before = restarts();
    const { serverProcessId } = await record();
    const good = readFileSync(pathOf("functions/main.ts"), "utf8");

    change("functions/main.ts", 'import "./nowhere.ts";\n');
    await logged("The build failed. The server goes on as it was.");
    await logged('Could not resolve "./nowhere.ts"');
    expect(await statusWithoutToken()).toBe(401);
    expect(await record()).toMatchObject({ serverProcessId });

    writeFileSync(pathOf("functions/main.ts"), good);
    await logged("The build works again, and is as it was.");
    expect(restarts()).toBe(before);
  });

  it(verifies("watch.broken", "tries again where the server does not start"), async () => {
    const before = restarts();
    const good = readFileSync(pathOf("functions/main.ts"), "utf8");
    change("functions/main.ts", "process.exit(3);\n");
    await logged("The MCP server did not start. It tries again with the next change.");
    expect(logs).toContain("exit code 3");

    writeFileSync(pathOf("functions/main.ts"), good);
    await logged("Restarting the MCP server", before + 2);
    await logged("The MCP server runs again", before + 1);
    expect(await statusWithoutToken()).toBe(401);
  });

  it(verifies("watch.stop", "leaves nothing running after Ctrl-C"), async () => {
    const { mcp, authority, graph, cosmos, storage } = summary;
    if (process.platform === "win32" || stack.pid === undefined) stack.kill();
    else process.kill(-stack.pid, "SIGINT");
    expect(await exited).toBe(process.platform === "win32" ? null : 0);
    for (const url of [mcp, authority, graph, cosmos, storage]) {
      await expect(fetch(url)).rejects.toThrow();
    }
    expect(logs).not.toContain("ended by itself");
  });
});
