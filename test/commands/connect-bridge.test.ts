import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { projectFolder } from "../../local/paths.ts";
import { bridgeEntry, bridgeHere } from "../../scripts/connect/bridge-entry.ts";
import { withoutEntry } from "../../scripts/connect/client-file.ts";
import { clients } from "../../scripts/connect/clients.ts";
import { domain } from "../../src/domain.ts";
import { verifies } from "../requirements.ts";
import { clientId, connect, url } from "../support/connect.ts";
import { temporaryFolder } from "../support/stack.ts";

const program = join(projectFolder, "local", "bridge.ts");
const local = "http://localhost:7199/mcp";

it(verifies("connect.bridge", "is in Claude Desktop's file until --undo"), async () => {
  await using home = await temporaryFolder();
  const { file } = clients["claude-desktop"] ?? {};
  const machine = { platform: process.platform, home: home.path, env: {} };
  const path = file?.path(machine) ?? "";
  await mkdir(join(path, ".."), { recursive: true });
  const own = '{\n  "mcpServers": {\n    "files": { "command": "npx" }\n  }\n}\n';
  await writeFile(path, own);
  const args = ["claude-desktop", "--url", url, "--client-id", clientId];
  const first = await connect(home.path, ...args, "--write");
  expect(first.stdout).toContain(`Wrote ${domain.name} into ${path}`);
  expect(JSON.parse(await readFile(path, "utf8")).mcpServers).toEqual({
    files: { command: "npx" },
    [domain.name]: {
      command: process.execPath,
      args: [program, "--url", url, "--client-id", clientId],
    },
  });
  expect((await connect(home.path, ...args, "--write")).stdout).toContain("already");
  const [, undo = ""] = /npm run connect -- (.*)/.exec(first.stdout) ?? [];
  expect((await connect(home.path, ...undo.split(" "))).stdout).toContain("Took");
  expect(await readFile(path, "utf8")).toBe(own);
});

it(verifies("connect.bridge", "finds the stack of another folder, or says how"), async () => {
  await using home = await temporaryFolder();
  const without = await connect(home.path, "claude-desktop", "--url", local);
  expect(without.stdout).toContain("No laptop stack runs at port 7199 now");
  expect(without.stdout).toContain("started with --data FOLDER, give the same here");
  const { stdout } = await connect(home.path, "cursor", "--bridge", "--url", local, "--data", "x");
  expect(entryIn(stdout)).toEqual({
    command: process.execPath,
    args: [program, "--url", local, "--data", join(process.cwd(), "x")],
  });
});

it(verifies("connect.bridge", "needs the client id of the bridge's registration"), async () => {
  const printed = await connect("/none", "claude-desktop", "--url", url);
  expect(printed.stdout).toContain('"CLIENT_ID"');
  expect(printed.stdout).toContain("npm run register-client -- bridge");
  expect(printed.stdout).toContain(`"command": "entra-mcp-bridge", "args": ["--url","${url}"`);
  for (const args of [["claude-desktop"], ["cursor", "--bridge"]]) {
    const refused = await connect("/none", ...args, "--url", url, "--write");
    expect(refused).toMatchObject({ code: 1, stdout: "" });
    expect(refused.stderr).toContain("npm run register-client -- bridge");
  }
  const cloud = await connect("/none", "chatgpt", "--bridge", "--url", url);
  expect(cloud).toMatchObject({ code: 1, stderr: expect.stringContaining("starts no bridge") });
});

it.each([
  { command: "node", args: ["/a/other.ts", "--url", url] },
  { command: "entra-mcp-bridge", args: ["--url", url, "--verbose"] },
  { command: "entra-mcp-bridge", args: ["--client-id", clientId, "--url", url] },
  { command: "entra-mcp-bridge", args: ["--url", url], env: {} },
  { command: "entra-mcp-bridge", args: ["--client-id", clientId] },
])(verifies("connect.bridge", "leaves what it does not write: %j"), (entry) => {
  const { file } = clients.cursor ?? {};
  if (!file) throw new Error("Cursor has a file.");
  const place = { ...file, path: "mcp.json", name: "new" };
  const withOne = (one: object) => JSON.stringify({ mcpServers: { new: one } });
  expect(() => withoutEntry(withOne(entry), place)).toThrow("Take it out by hand");
  const own = bridgeEntry({ url, clientId }, { ...bridgeHere, dataFolder: "/data" });
  expect(JSON.parse(withoutEntry(withOne(own), place))).toEqual({ mcpServers: {} });
});

/** The one server of a configuration that the command has printed. */
function entryIn(stdout: string): unknown {
  const [json = ""] = /^\{\n.*?^\}/ms.exec(stdout) ?? [];
  return Object.values(JSON.parse(json).mcpServers)[0];
}
