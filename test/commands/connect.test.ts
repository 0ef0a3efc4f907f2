import { chmod, mkdir, readFile, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import jsonc from "jsonc-parser";
import { describe, expect, it } from "vitest";
import { writeRecord } from "../../local/stack-record.ts";
import { welcome } from "../../local/welcome.ts";
import { withEntry, withoutEntry } from "../../scripts/connect/client-file.ts";
import { clients, readUrl } from "../../scripts/connect/clients.ts";
import { domain } from "../../src/domain.ts";
import { verifies } from "../requirements.ts";
import { clientId, connect, connectTo, url } from "../support/connect.ts";
import { temporaryFolder } from "../support/stack.ts";

const cursorIn = (home: string) => join(home, ".cursor", "mcp.json");

it(verifies("connect.files", "finds each client's file on every system"), () => {
  const pathsOn = (platform: NodeJS.Platform, home: string, env = {}) =>
    Object.values(clients).flatMap(({ file }) => file?.path({ platform, home, env }) ?? []);
  expect(pathsOn("win32", "C:\\Users\\uma")).toEqual([
    "C:\\Users\\uma\\AppData\\Roaming\\Code\\User\\mcp.json",
    "C:\\Users\\uma\\.cursor\\mcp.json",
    "C:\\Users\\uma\\.claude.json",
    "C:\\Users\\uma\\AppData\\Roaming\\Claude\\claude_desktop_config.json",
    "C:\\Users\\uma\\.mcp-inspector\\mcp.json",
  ]);
  expect(pathsOn("darwin", "/Users/uma")[0]).toBe(
    "/Users/uma/Library/Application Support/Code/User/mcp.json",
  );
  expect(pathsOn("linux", "/home/uma")[0]).toBe("/home/uma/.config/Code/User/mcp.json");
  const moved = { XDG_CONFIG_HOME: "/c", CLAUDE_CONFIG_DIR: "/d", MCP_CATALOG_PATH: "/e.json" };
  expect(pathsOn("linux", "/home/uma", moved)).toEqual([
    "/c/Code/User/mcp.json",
    "/home/uma/.cursor/mcp.json",
    "/d/.claude.json",
    "/c/Claude/claude_desktop_config.json",
    "/e.json",
  ]);
  expect(pathsOn("win32", "C:\\u", { APPDATA: "D:\\a" })[0]).toBe("D:\\a\\Code\\User\\mcp.json");
});

describe("npm run connect", () => {
  it(verifies("connect.prints", "asks for the stack started last, or else for a URL"), async () => {
    await using home = await temporaryFolder();
    const none = await connect(home.path, "inspector", "--data", home.path);
    expect(none).toMatchObject({
      code: 1,
      stdout: "",
      stderr: expect.stringContaining("--url URL"),
    });
    for (const [port, startedAt] of [7071, 7188, 7072].entries()) {
      await writeRecord(join(home.path, "stacks", String(port)), {
        ...{ processId: process.pid, issuer: "http://localhost:1", startedAt, port: startedAt },
        ports: {
          authority: 1,
          authorityHttps: 1,
          managedIdentity: 1,
          graph: 1,
          cosmos: 1,
          storage: 1,
        },
      });
    }
    const { stdout } = await connect(home.path, "inspector", "--data", home.path);
    expect(stdout).toContain(
      "npx @modelcontextprotocol/inspector --server-url http://localhost:7188/mcp --protocol-era auto",
    );
    expect(stdout).toContain(`"${domain.name}-local": {`);
  });

  it(verifies("connect.prints", "prints the steps where a client takes no file"), async () => {
    const { code, stdout } = await connect("/none", "claude", "--url", url);
    expect(code).toBe(0);
    for (const words of ["Add custom connector", url, "registration of its own"]) {
      expect(stdout).toContain(words);
    }
  });

  it(verifies(["connect.writes", "connect.undo"], "writes once and undoes it"), async () => {
    await using home = await temporaryFolder();
    const own = '{\n\t// mine\n\t"mcpServers": {\n\t\t"a": { "command": "x" },\n\t},\n}\n';
    // Links to files need a right on Windows.
    const isWindows = process.platform === "win32";
    const real = isWindows ? cursorIn(home.path) : join(home.path, "dotfiles.json");
    await mkdir(join(home.path, ".cursor"));
    await writeFile(real, own);
    await chmod(real, 0o640);
    if (!isWindows) await symlink(real, cursorIn(home.path));
    const args = ["cursor", "--url", url, "--client-id", clientId];
    const scope = "api://tenant/expenses/user_impersonation";
    const server = { resource: url, scopes_supported: [scope] };
    const first = await connectTo(server, home.path, ...args, "--write");
    expect(first.stdout).toContain(`Wrote ${domain.name} into ${cursorIn(home.path)}`);
    const written = await readFile(real, "utf8");
    const entry = { url, auth: { CLIENT_ID: clientId, scopes: [scope, "offline_access"] } };
    expect(written).toContain(
      '{\n\t// mine\n\t"mcpServers": {\n\t\t"a": { "command": "x" },\n\t\t"',
    );
    expect(jsonc.parse(written).mcpServers[domain.name]).toEqual(entry);
    if (!isWindows) expect((await stat(real)).mode & 0o777).toBe(0o640);
    const second = await connectTo(server, home.path, ...args, "--write");
    expect(second.stdout).toContain(`has ${domain.name} already`);
    const [, undo = ""] = /npm run connect -- (.*)/.exec(first.stdout) ?? [];
    expect((await connect(home.path, ...undo.split(" "))).stdout).toContain("Took");
    expect(await readFile(real, "utf8")).toBe(own);
    expect((await connect(home.path, ...undo.split(" "))).stdout).toContain("nothing to undo");
  });

  it(verifies("connect.keeps", "writes where a client looks, and nowhere else"), async () => {
    await using home = await temporaryFolder();
    const absent = await connect(home.path, "vscode", "--url", url, "--write");
    expect(absent).toMatchObject({ code: 1, stdout: "" });
    expect(absent.stderr).toMatch(/There is no folder .*Without --write/s);
    expect((await connect(home.path, "inspector", "--url", url, "--write")).code).toBe(0);
    const file = join(home.path, ".mcp-inspector", "mcp.json");
    expect(JSON.parse(await readFile(file, "utf8")).mcpServers[domain.name].url).toBe(url);
  });

  it.each([
    [[], "Name a client"],
    [["emacs"], "emacs is no client known here"],
    [["toString"], "toString is no client known here"],
    [["vscode", "--url", url, "--write", "--undo"], "one of --write and --undo"],
    [["claude", "--url", url, "--write"], "takes no remote server from a file"],
    [["claude", "--url", "http://localhost:7071/mcp"], "through the bridge"],
    [["vscode", "--url", url, "--name", "a;b"], "--name takes"],
    [["vscode", "--url", url, "--client-id", "$(id)"], "--client-id takes"],
    [["vscode", "--url", "https://u:p@h.example/mcp"], "--url takes the MCP URL"],
  ])(verifies("connect.refuses", "refuses %j in words"), async (args, words) => {
    const result = await connect("/none", ...args);
    expect(result).toMatchObject({ code: 1, stdout: "", stderr: expect.stringContaining(words) });
    expect(result.stderr).not.toMatch(/u:p@|\n {4}at /);
  });
});

it.each([
  ...["mcp.contoso.com/mcp", "http://mcp.contoso.com/mcp", "file:///mcp", "https://h.example"],
  ...["https://h.example/mcp/", "https://h.example/mcp?a=1", "https://h.example/mcp#a"],
  ...["https://h.example/$(id)", "https://h.example/mcp;id", "https://h.example/`id`/mcp"],
])(verifies("connect.refuses", "refuses the URL %s"), (text) => {
  expect(() => readUrl(text)).toThrow("--url takes the MCP URL");
});

describe("a client's file", () => {
  const place = { path: "mcp.json", name: "new", member: "servers", entry: () => ({}) } as const;
  const vscode = { ...place, entry: clients.vscode?.file?.entry ?? place.entry };
  const entry = vscode.entry({ name: "new", url });

  it.each([
    ["", '{\n  "servers": {\n    "new": {\n'],
    [
      '{\r\n  "inputs": [] // none\r\n}',
      '{\r\n  "inputs": [],\r\n  "servers": {\r\n    "new": {\r\n',
    ],
  ])(verifies("connect.writes", "gets the entry in its own layout: %j"), (text, beginning) => {
    const written = withEntry(text, vscode, entry);
    expect(written.startsWith(beginning)).toBe(true);
    expect(written.endsWith("\n")).toBe(text === "");
    expect(written.includes("// none")).toBe(text.includes("// none"));
    expect(written.replaceAll("\r\n", "").includes("\n")).toBe(!text.includes("\r"));
  });

  it.each([
    "[]",
    "{",
    '{"servers":[]}',
    '{"servers":null}',
    '{"servers":{"a":1},"servers":{}}',
    "\uFEFF{}",
  ])(verifies("connect.keeps", "stays as it is where it is %j"), (text) =>
    expect(() => withEntry(text, vscode, entry)).toThrow("nothing is changed"),
  );

  it(verifies(["connect.keeps", "connect.undo"], "keeps another's entry of that name"), () => {
    const text = JSON.stringify({ servers: { new: { ...entry, headers: {} } } });
    expect(() => withEntry(text, vscode, entry)).toThrow("another entry named new");
    expect(() => withoutEntry(text, vscode)).toThrow("Take it out by hand");
    const ours = withEntry("", vscode, entry);
    expect(() => withoutEntry(ours, vscode, "https://other.example/mcp")).toThrow("by hand");
  });

  it.each(["cursor", "claude-code"])(
    verifies("connect.undo", "of %s loses the entry with scopes"),
    (name) => {
      const { file } = clients[name] ?? {};
      const server = { name: "new", url, clientId, scope: "api://a/user_impersonation" };
      const its = { ...place, ...file, path: "mcp.json" };
      const written = withEntry("", its, its.entry(server));
      expect(written).toContain("offline_access");
      expect(JSON.parse(withoutEntry(written, its))).toEqual({ mcpServers: {} });
    },
  );

  it(verifies(["connect.writes", "connect.undo"], "keeps whatever else it holds"), () => {
    const servers = fc.dictionary(fc.string(), fc.jsonValue(), { noNullPrototype: true });
    const files = fc.tuple(servers, servers, fc.constantFrom(undefined, 2, "\t"));
    fc.assert(
      fc.property(files, ([others, rest, indent]) => {
        fc.pre(!Object.hasOwn(others, "new"));
        const before = JSON.stringify({ ...rest, servers: others }, null, indent);
        const written = withEntry(before, vscode, entry);
        expect(JSON.parse(written).servers.new).toEqual(entry);
        const undone = withoutEntry(written, vscode);
        expect(JSON.parse(undone)).toEqual(JSON.parse(before));
        if (Object.keys(others).length > 0) expect(undone).toBe(before);
      }),
      { examples: [[[{ ["__proto__"]: [] }, { ["__proto__"]: {} }, undefined]]] },
    );
  });
});

it(verifies("clients.page", "shows for each client what the command prints"), async () => {
  const page = await readFile(join(import.meta.dirname, "../../docs/clients.md"), "utf8");
  const blocks = [...page.matchAll(/^```json\n(.*?)^```/gms)].map(([, json = ""]) =>
    JSON.parse(json),
  );
  for (const { title, file } of Object.values(clients)) {
    expect(page).toContain(file ? `\n## ${title}\n` : title);
    if (!file) continue;
    const registered = { clientId: "CLIENT_ID", scope: "api://TENANT/NAME/user_impersonation" };
    const entries = [{}, registered].map((more) => file.entry({ name: "expenses", url, ...more }));
    const shown = blocks.flatMap((block) => block[file.member]?.expenses ?? []);
    const isShown = entries.some((entry) => shown.some((one) => isDeepStrictEqual(one, entry)));
    expect(isShown, title).toBe(true);
  }
});

it(verifies("start.connect", "npm start names the command for its stack"), () => {
  const part = "https://localhost:1";
  const summary = { authority: part, graph: part, cosmos: part, storage: part, accounts: [] };
  const told = (port: number, dataFolder?: string) =>
    welcome(
      { ...summary, mcp: `http://localhost:${port}/mcp` },
      { port, stackFolder: "/s", ...(dataFolder !== undefined && { dataFolder }) },
    );
  expect(told(7071)).toContain("npm run connect -- CLIENT\n");
  expect(told(7071, "/data")).toContain("CLIENT --url http://localhost:7071/mcp --data /data\n");
  expect(told(7188)).toContain("npm run connect -- CLIENT --url http://localhost:7188/mcp\n");
});
