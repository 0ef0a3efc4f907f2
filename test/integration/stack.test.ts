import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { sampleValues } from "../../local/emulator-settings.ts";
import { projectFolder } from "../../local/paths.ts";
import { domainToServe } from "../../local/served-domain.ts";
import { verifies } from "../requirements.ts";
import { connectClient, textOf } from "../support/clients.ts";
import { sample } from "../support/domains.ts";
import { accessTokenOf } from "../support/shared-stack.ts";
import { type RunningStack, runCommand, startStack, temporaryFolder } from "../support/stack.ts";

const { store, list, nothing, administrative, badSetting } = sample;

/** An access token by the command that people use. */
async function tokenOf(account: string, folder: string, stack: RunningStack): Promise<string> {
  const { code, stdout, stderr } = await runCommand("local/token.ts", [
    account,
    "--stack",
    stack.port,
    "--data",
    folder,
  ]);
  expect([code, stderr]).toEqual([0, ""]);
  expect(stdout).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n$/);
  return stdout.trim();
}

async function clientOf(account: string, stack: RunningStack) {
  return connectClient("modern", new URL(stack.mcp), {
    accessToken: await accessTokenOf(stack, account),
  });
}

async function isRefused(url: string): Promise<boolean> {
  return fetch(url).then(
    () => false,
    () => true,
  );
}

// A stack is several processes, which are slow to start where others keep the machine busy.
describe("npm start", () => {
  it(
    verifies(
      [
        "start.ready",
        "start.restart",
        "start.stop",
        "start.token",
        "start.fresh",
        "authority.start-page",
      ],
      "serves three accounts, keeps their data over a restart and leaves nothing running",
    ),
    async () => {
      await using folder = await temporaryFolder();
      const first = await startStack(folder.path);
      for (const opened of [new URL("/", first.mcp), first.authority]) {
        expect(await (await fetch(opened)).text()).toContain(`--server-url ${first.mcp}`);
      }
      expect(first.accounts.map(({ username, admin }) => [username, admin])).toEqual([
        ["admin@contoso.example", true],
        ["user1@contoso.example", false],
        ["user2@contoso.example", false],
      ]);
      const user1 = await clientOf("user1@contoso.example", first);
      expect(await user1.callTool(store("Lunch"))).not.toHaveProperty("isError", true);
      expect(textOf(await user1.callTool(list))).toContain("Lunch");
      const signedIn = await tokenOf("user1@contoso.example", folder.path, first);

      expect(await first.stop("SIGINT")).toBe(0);
      for (const url of [first.mcp, first.authority, first.graph, first.cosmos, first.storage]) {
        expect([url, await isRefused(url)]).toEqual([url, true]);
      }

      const second = await startStack(folder.path, { port: first.port });
      // Clients remember the authority, and a sign-in outlives a restart.
      expect(second.authority).toBe(first.authority);
      const again = await connectClient("legacy", new URL(second.mcp), { accessToken: signedIn });
      expect(textOf(await again.callTool(list))).toContain("Lunch");
      const user2 = await clientOf("user2@contoso.example", second);
      expect(textOf(await user2.callTool(list))).toContain(nothing);
      const admin = await clientOf("admin@contoso.example", second);
      const { structuredContent } = await admin.callTool(administrative);
      expect(structuredContent).toEqual(administrative.ofOne);
      expect(await second.stop("SIGTERM")).toBe(0);

      const fresh = await startStack(folder.path, { port: first.port, options: ["--fresh"] });
      const emptied = await clientOf("user1@contoso.example", fresh);
      expect(textOf(await emptied.callTool(list))).toContain(nothing);
      expect(await fresh.stop()).toBe(0);
    },
  );

  it(
    verifies("start.side-by-side", "runs beside another stack, each with its own data"),
    async () => {
      await using folder = await temporaryFolder();
      const stacks = await Promise.all([startStack(folder.path), startStack(folder.path)]);
      const [one, other] = stacks;
      const client = await clientOf("user1@contoso.example", one);
      await client.callTool(store("Lunch"));
      const elsewhere = await clientOf("user1@contoso.example", other);
      expect(textOf(await elsewhere.callTool(list))).toContain(nothing);
      // A token of one authority is nothing to the other.
      const foreign = await accessTokenOf(one, "user1@contoso.example");
      const response = await fetch(other.mcp, {
        method: "POST",
        headers: { authorization: `Bearer ${foreign}` },
      });
      expect(response.status).toBe(401);
      expect(await Promise.all(stacks.map((stack) => stack.stop()))).toEqual([0, 0]);
    },
  );

  it(
    verifies(
      ["proxy.loopback", "start.log", "start.environment"],
      "goes past a proxy, takes the environment's settings, and logs a line per call",
    ),
    async () => {
      await using folder = await temporaryFolder();
      const nowhere = "http://127.0.0.1:9";
      const env = {
        ...process.env,
        NODE_USE_ENV_PROXY: "1",
        ...{ HTTP_PROXY: nowhere, http_proxy: nowhere, HTTPS_PROXY: nowhere, https_proxy: nowhere },
        no_proxy: "contoso.example",
        RATE_LIMIT_PER_CALLER: "1",
        MCP_PUBLIC_URL: "https://mcp.contoso.example/mcp",
      };
      const stack = await startStack(folder.path, { env, options: ["--log", "text"] });
      expect(stack.logs()).toContain("since the stack sets them: MCP_PUBLIC_URL\n");
      const { stdout } = await runCommand(
        "local/token.ts",
        ["user1", "--stack", stack.port, "--data", folder.path],
        env,
      );
      const call = () =>
        fetch(stack.mcp, {
          method: "POST",
          headers: {
            authorization: `Bearer ${stdout.trim()}`,
            accept: "application/json, text/event-stream",
            "content-type": "application/json",
          },
          body: JSON.stringify({
            jsonrpc: "2.0",
            id: 1,
            method: "tools/call",
            params: { name: "get_user_details", arguments: {} },
          }),
        });
      expect(await (await call()).text()).toContain("Uma First");
      await stack.logged(" ms\n");
      const line = /^[\d:]{8} {2}get_user_details +user1@contoso\.example +success \d+ ms$/m;
      expect(stack.logs()).toMatch(line);
      const statuses = [await call(), await call()].map(({ status }) => status);
      expect(statuses).toContain(429);
      expect(stack.logs()).not.toContain('{"event"');
      expect(await stack.stop()).toBe(0);
    },
  );

  it(
    verifies("start.problems", "names the port that is in use, and leaves nothing running"),
    async () => {
      await using folder = await temporaryFolder();
      const occupant = createServer().listen(0, "127.0.0.1");
      await once(occupant, "listening");
      const { port } = occupant.address() as { port: number };
      const result = await runCommand("local/start.ts", [
        "--port",
        String(port),
        "--data",
        folder.path,
      ]);
      occupant.close();
      expect(result.code).toBe(1);
      expect(result.stderr.trim().split("\n")).toEqual([
        `MCP server: port ${port} is in use. Stop the program that uses it, or choose another port.`,
      ]);
    },
  );

  it(
    verifies(
      ["start.progress", "start.twice", "start.part-dies"],
      "tells each step, a second start before it builds that it runs, and which part has died",
    ),
    async () => {
      await using folder = await temporaryFolder();
      const stack = await startStack(folder.path);
      expect(stack.logs().match(/^Starting .*…$/gm)).toEqual([
        "Starting sign-in and managed identity…",
        "Starting Graph…",
        "Starting Cosmos DB…",
        "Starting storage…",
        "Starting the MCP server…",
      ]);
      const again = await runCommand("local/start.ts", [
        ...["--build", "--port", stack.port, "--data", folder.path],
      ]);
      expect(again).toMatchObject({ code: 1, stdout: "" });
      expect(again.stderr).toBe(
        `This stack already runs at ${stack.mcp} (process ${stack.process.pid}). Stop it with Ctrl-C where it was started, or choose another port with --port.\n`,
      );
      const exited = once(stack.process, "exit");
      process.kill(await stack.serverProcessId(), "SIGKILL");
      expect((await exited)[0]).toBe(1);
      expect(stack.logs()).toContain(
        "MCP server ended unexpectedly; everything else is stopped too.",
      );
      for (const url of [stack.mcp, stack.authority, stack.graph, stack.cosmos, stack.storage]) {
        expect([url, await isRefused(url)]).toEqual([url, true]);
      }
    },
  );

  it(
    verifies("start.problems", "names a setting that is malformed, and leaves nothing running"),
    async () => {
      await using folder = await temporaryFolder();
      const result = await runCommand("local/start.ts", ["--port", "0", "--data", folder.path], {
        ...process.env,
        [badSetting.name]: badSetting.value,
      });
      expect(result.code).toBe(1);
      expect(result.stderr).toContain(badSetting.problem);
      expect(result.stderr).not.toContain("    at ");
    },
  );

  it.each([
    ["--port=seven", "--port takes a port from 0 to 65535"],
    ["--log=yaml", "--log takes text or json, not yaml"],
    ["--domain=docs", "docs has no domain.ts that exports a domain."],
  ])(
    verifies("start.problems", "says what is wrong with the argument %s"),
    async (argument, words) => {
      const result = await runCommand("local/start.ts", [argument]);
      expect(result).toMatchObject({ code: 1, stdout: "" });
      expect(result.stderr).toContain(words);
    },
  );

  it.each([
    ["export const domain = {", /^\S+domain\.ts cannot be loaded: /],
    ['export { domain } from "./nowhere.ts";', /^\S+domain\.ts cannot be loaded: .*nowhere/],
    [
      'export const domain = { name: "notes" };',
      /^\S+ has no domain\.ts that exports a domain\.$/m,
    ],
  ])(
    verifies("start.problems", "names the file of a domain that is only this: %s"),
    async (source, words) => {
      await using folder = await temporaryFolder();
      await writeFile(join(folder.path, "domain.ts"), source);
      await expect(domainToServe(folder.path)).rejects.toThrow(words);
    },
  );
});

describe("npm run token", () => {
  it(
    verifies("start.token", "says which accounts there are, and how to start a stack"),
    async () => {
      await using folder = await temporaryFolder();
      const none = await runCommand("local/token.ts", ["--data", folder.path]);
      expect(none).toMatchObject({ code: 1, stdout: "" });
      expect(none.stderr).toContain(
        "admin@contoso.example, user1@contoso.example, user2@contoso.example",
      );
      const stopped = await runCommand("local/token.ts", [
        "user1@contoso.example",
        "--data",
        folder.path,
      ]);
      expect(stopped).toMatchObject({ code: 1, stdout: "" });
      expect(stopped.stderr).toContain("npm start");
    },
  );
});

it(
  verifies(
    "settings.sample",
    "local.settings.sample.json names exactly the ports of npm run emulators",
  ),
  async () => {
    const sample = JSON.parse(
      await readFile(join(projectFolder, "local.settings.sample.json"), "utf8"),
    );
    expect(sample).toEqual({ IsEncrypted: false, Values: sampleValues() });
  },
);
