import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { beforeAll, describe, expect, it } from "vitest";
import { enterDeviceCode } from "../../local/browser-sign-in.ts";
import { bridgeClientId, tenantId } from "../../local/directory.ts";
import { projectFolder } from "../../local/paths.ts";
import { readRecord } from "../../local/stack-record.ts";
import { verifies } from "../requirements.ts";
import { createStdioClient } from "../support/bridged-client.ts";
import { textOf } from "../support/clients.ts";
import { installBridge, bridgeManifest as manifest, packBridge } from "../support/packed-bridge.ts";
import { runProgram } from "../support/run-program.ts";
import { sharedStack } from "../support/shared-stack.ts";
import { temporaryFolder } from "../support/stack.ts";

const { running, folder } = sharedStack();
const project = JSON.parse(readFileSync(join(projectFolder, "package.json"), "utf8"));
let packed: string;
/** Of a person who has nothing of this project but the package. */
let home: string;
let program: string | undefined;

beforeAll(async () => {
  const created = await temporaryFolder();
  home = created.path;
  packed = await packBridge(home);
  program = await installBridge(packed, home);
  return () => created[Symbol.asyncDispose]();
});

describe("the bridge's package", () => {
  it(verifies("bridge.package", "has the project's version, and its own of what it needs"), () => {
    expect(manifest.version).toBe(project.version);
    expect(manifest.engines).toEqual(project.engines);
    const keyring = "@napi-rs/keyring";
    expect(manifest.optionalDependencies).toEqual({ [keyring]: project.dependencies[keyring] });
  });

  it(
    verifies("bridge.package", "holds the program, and the licenses of what it bundles"),
    async () => {
      const { stdout } = await runProgram("tar", ["-tzf", packed]);
      const names = stdout
        .trim()
        .split("\n")
        .map((line) => line.trim());
      expect(names).toEqual(
        expect.arrayContaining(
          [
            "package.json",
            "README.md",
            "dist/main.mjs",
            "dist/keyring-process.mjs",
            "dist/LICENSE",
            "dist/THIRD-PARTY-NOTICES.txt",
          ].map((name) => `package/${name}`),
        ),
      );
      expect(names.filter((name) => /\.ts$|node_modules/.test(name))).toEqual([]);
      const { stdout: notices } = await runProgram("tar", [
        "-xzOf",
        packed,
        "package/dist/THIRD-PARTY-NOTICES.txt",
      ]);
      expect(notices).toMatch(/^@azure\/msal-node \S+ \(MIT\)\n\nMIT License\n/m);
      // What npm installs brings its own.
      expect(notices).not.toContain("keyring");
    },
  );
});

describe("the packed bridge, installed in an empty folder", () => {
  it(verifies("bridge.package.install", "runs, signs in and passes through"), async ({ skip }) => {
    skip(!program, "npm's registry, which has the keyring's library, cannot be reached");
    const command = program ?? "";
    const help = await runProgram(command, ["--help"], { cwd: home });
    expect(help).toMatchObject({ code: 0, stderr: "" });
    expect(help.stdout).toMatch(/^Usage: entra-mcp-bridge --url URL/);
    expect(await readdir(join(home, "node_modules", "@napi-rs"))).toContain("keyring");

    const record = await readRecord(join(folder(), "stacks", running().port));
    const tenant = `https://localhost:${record?.ports.authorityHttps}/${tenantId}`;
    const args = [
      ...["--url", running().mcp, "--tenant", tenant, "--client-id", bridgeClientId],
      "--insecure-token-file",
    ];
    const env = {
      ...(process.env as Record<string, string>),
      NODE_EXTRA_CA_CERTS: join(folder(), "ca.pem"),
      NO_PROXY: "localhost,127.0.0.1",
      HOME: home,
      XDG_STATE_HOME: home,
      LOCALAPPDATA: home,
    };
    const login = spawn(command, [...args, "--login", "--device-code"], { cwd: home, env });
    const exited = once(login, "exit");
    for await (const line of createInterface(login.stderr)) {
      const [, page, code] = /open (\S+) in a browser .+ enter the code (\S+)\./.exec(line) ?? [];
      if (page && code) await enterDeviceCode(page, code, { account: "user2@contoso.example" });
    }
    expect((await exited)[0]).toBe(0);

    const client = createStdioClient("modern");
    await client.connect(new StdioClientTransport({ command, args, env, cwd: home }));
    const details = await client.callTool({ name: "get_user_details" });
    await client.close();
    expect(textOf(details)).toContain("Ugo Second");
  });
});
