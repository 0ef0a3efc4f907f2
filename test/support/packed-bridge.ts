import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { projectFolder } from "../../local/paths.ts";
import { runProgram } from "./run-program.ts";

const npm = process.platform === "win32" ? "npm.cmd" : "npm";

/** Without what npm gave to the run of the tests, which would be told to this npm too. */
const environment = Object.fromEntries(
  Object.keys(process.env)
    .filter((name) => /^npm_|^INIT_CWD$/i.test(name))
    .map((name) => [name, undefined]),
);

/** The bridge's package.json. */
export const bridgeManifest = JSON.parse(
  readFileSync(join(projectFolder, "bridge", "package.json"), "utf8"),
);

async function runNpm(args: readonly string[], cwd?: string) {
  const options = { env: environment, ...(cwd === undefined ? {} : { cwd }) };
  return runProgram(npm, args, options);
}

/** Packs the bridge as people do. Returns the package's file. */
export async function packBridge(folder: string): Promise<string> {
  const bridge = join(projectFolder, "bridge");
  const { code, stderr } = await runNpm(["pack", bridge, "--pack-destination", folder]);
  if (code !== 0) throw new Error(stderr);
  return join(folder, `${bridgeManifest.name}-${bridgeManifest.version}.tgz`);
}

/**
 * Installs a package in an empty folder.
 *
 * @returns the folder's program; nothing where npm's registry cannot be reached
 */
export async function installBridge(
  packed: string,
  emptyFolder: string,
): Promise<string | undefined> {
  await writeFile(join(emptyFolder, "package.json"), "{}");
  const install = ["install", packed, "--no-audit", "--no-fund", "--prefer-offline"];
  const { code, stderr } = await runNpm(install, emptyFolder);
  if (code === 0) return join(emptyFolder, "node_modules", ".bin", bridgeManifest.name);
  if (/ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ENETUNREACH|ENOTCACHED/.test(stderr)) {
    return undefined;
  }
  throw new Error(stderr);
}
