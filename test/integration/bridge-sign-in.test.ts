import { mkdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { projectFolder } from "../../local/paths.ts";
import { clients } from "../../scripts/connect/clients.ts";
import { verifies } from "../requirements.ts";
import { createStdioClient } from "../support/bridged-client.ts";
import { textOf } from "../support/clients.ts";
import { type PersonsMachine, personsMachine } from "../support/machine.ts";
import { runNode } from "../support/run-program.ts";
import { control, sharedStack } from "../support/shared-stack.ts";

const user = "user1@contoso.example";
const admin = "admin@contoso.example";
const { running, folder } = sharedStack();
const program = join(projectFolder, "local", "bridge.ts");
const connectProgram = join(projectFolder, "scripts", "connect", "main.ts");

/** What is kept there lasts between the bridge's starts. */
let machine: PersonsMachine;

beforeEach(async () => {
  machine = await personsMachine(user);
});

const opened = () => machine.opened();
const environment = () => machine.environment;
/** The laptop's only argument is the URL; the rest is for a machine without a keyring, and tests. */
const argumentsOf = (...further: string[]) => [
  ...["--url", running().mcp, "--data", folder(), "--insecure-token-file"],
  ...further,
];
const run = (...further: string[]) =>
  runNode(program, argumentsOf(...further), { env: environment() });

/** A client over stdio, which starts the bridge as `npm run bridge` does. */
async function connect(...further: string[]) {
  const client = createStdioClient("legacy");
  const args = [program, ...argumentsOf(...further)];
  const transport = new StdioClientTransport({
    ...{ command: process.execPath, args, env: environment(), stderr: "pipe" },
  });
  let logged = "";
  transport.stderr?.on("data", (chunk: Buffer) => {
    logged += chunk.toString();
  });
  await client.connect(transport);
  onTestFinished(() => client.close());
  return {
    logged: () => logged,
    whoami: async () => textOf(await client.callTool({ name: "get_user_details" })),
    close: () => client.close(),
  };
}

it(verifies("connect.bridge", "starts from the file of Claude Desktop, anywhere"), async () => {
  const { home } = machine;
  const env = { ...environment(), USERPROFILE: home, APPDATA: "", XDG_CONFIG_HOME: "" };
  const { file } = clients["claude-desktop"] ?? {};
  const path = file?.path({ platform: process.platform, home, env }) ?? "";
  await mkdir(dirname(path), { recursive: true });
  const args = ["claude-desktop", "--url", running().mcp, "--data", folder(), "--write"];
  expect(await runNode(connectProgram, args, { env })).toMatchObject({ code: 0 });
  const [entry] = Object.values(JSON.parse(await readFile(path, "utf8")).mcpServers);
  // As a program that is started from the desktop: another folder, and hardly a PATH.
  const transport = new StdioClientTransport({
    ...(entry as { command: string; args: string[] }),
    ...{ cwd: home, env: { ...env, PATH: "" }, stderr: "ignore" },
  });
  const client = createStdioClient("legacy");
  await client.connect(transport);
  onTestFinished(() => client.close());
  const answer = await client.callTool({ name: "get_user_details" });
  expect(textOf(answer)).toContain("Uma First");
});

describe("npm run bridge with the laptop's URL", () => {
  it(verifies("bridge.sign-in.laptop", "signs the person in, once for all starts"), async () => {
    const first = await connect();
    expect(await first.whoami()).toContain("Uma First");
    expect(await opened()).toEqual([expect.stringContaining(encodeURIComponent(running().mcp))]);
    await first.close();
    const second = await connect();
    expect(await second.whoami()).toContain("Uma First");
    expect(await opened()).toHaveLength(1);
    expect(first.logged() + second.logged()).not.toMatch(/eyJ[\w-]+\.eyJ/);
  });

  it(verifies("bridge.sign-in.laptop", "fulfils claims that the server demands"), async () => {
    await run("--login");
    await control(running().authority, "/_local/demands", { username: user });
    const client = await connect();
    expect(await client.whoami()).toContain("Uma First");
    await fetch(new URL("/_local/demands", running().authority), { method: "DELETE" });
    const [, again] = await opened();
    expect(new URL(again ?? "").searchParams.get("login_hint")).toBe(user);
  });

  it(
    verifies("bridge.sign-in.laptop", "serves two accounts side by side, and signs out"),
    async () => {
      expect(await run("--login")).toMatchObject({ code: 0, stdout: "" });
      await machine.signInAs(admin);
      expect((await run("--login", "--account", admin)).stderr).toContain(`Signed in: ${admin}`);
      const [one, two] = await Promise.all([
        connect("--account", user),
        connect("--account", admin),
      ]);
      expect(await one.whoami()).toContain("Uma First");
      expect(await two.whoami()).toContain("Ada Admin");
      expect(await opened()).toHaveLength(2);

      expect((await run("--logout", "--account", admin)).stderr).toContain("signed out");
      expect(await one.whoami()).toContain("Uma First");
      expect(await two.whoami()).toContain("Ada Admin");
      expect(await opened()).toHaveLength(3);
    },
  );
});
