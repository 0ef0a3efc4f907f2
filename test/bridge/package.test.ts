import { readFileSync } from "node:fs";
import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { verifies } from "../requirements.ts";
import { runProgram } from "../support/run-program.ts";
import { temporaryFolder } from "../support/stack.ts";

const root = join(import.meta.dirname, "..", "..");
const read = (name: string) => JSON.parse(readFileSync(join(root, name), "utf8"));
const manifest = read("bridge/package.json");
const project = read("package.json");

const npm = process.platform === "win32" ? "npm.cmd" : "npm";

/** Without what npm gave to the run of the tests, which would be told to this npm too. */
const environment = Object.fromEntries(
  Object.keys(process.env)
    .filter((name) => /^npm_|^INIT_CWD$/i.test(name))
    .map((name) => [name, undefined]),
);

let packed: string;

beforeAll(async () => {
  const folder = await temporaryFolder();
  const { code, stderr } = await runProgram(
    npm,
    ["pack", join(root, "bridge"), "--pack-destination", folder.path],
    { env: environment },
  );
  expect([code, code === 0 ? "" : stderr]).toEqual([0, ""]);
  packed = join(folder.path, `${manifest.name}-${manifest.version}.tgz`);
  return () => folder[Symbol.asyncDispose]();
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

describe("npm install of the package in an empty folder", () => {
  it(verifies("bridge.package.install", "gives a program that runs"), async ({ skip }) => {
    const folder = await temporaryFolder();
    onTestFinished(() => folder[Symbol.asyncDispose]());
    await writeFile(join(folder.path, "package.json"), "{}");
    const install = ["install", packed, "--no-audit", "--no-fund", "--prefer-offline"];
    const { code, stderr } = await runProgram(npm, install, { cwd: folder.path, env: environment });
    const isOffline = /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ENETUNREACH|ENOTCACHED/.test(
      stderr,
    );
    skip(
      code !== 0 && isOffline,
      "npm's registry, which has the keyring's library, cannot be reached",
    );
    expect([code, code === 0 ? "" : stderr]).toEqual([0, ""]);
    const program = join(folder.path, "node_modules", ".bin", manifest.name);
    const help = await runProgram(program, ["--help"], { cwd: folder.path });
    expect(help).toMatchObject({ code: 0, stderr: "" });
    expect(help.stdout).toMatch(/^Usage: entra-mcp-bridge --url URL/);
    expect(await readdir(join(folder.path, "node_modules", "@napi-rs"))).toContain("keyring");
  });
});
