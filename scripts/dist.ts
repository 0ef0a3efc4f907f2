import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import type { OutputFile } from "esbuild";
import { bundleServer, bundling, serverBundle } from "./bundle.ts";

const root = bundling.absWorkingDir;
const dist = join(root, serverBundle().outdir);

/** What to build, and where; what is deployed, unless given. */
export interface BuildTarget {
  /** The folder that the Functions host runs. */
  readonly folder?: string;
  /** The domain to serve in place of the one that `src/domain.ts` names. */
  readonly domainFolder?: string | undefined;
}

/**
 * Bundles the server and writes the folder that the Functions host runs: the bundle, the host's
 * settings and a package.json that names the bundle and no dependencies.
 *
 * @throws {Error} naming what is wrong with the source; the folder is as before then
 */
export async function build({ folder, domainFolder }: BuildTarget = {}): Promise<void> {
  const { outputFiles } = await bundleServer(domainFolder);
  await writeDist(outputFiles, folder);
}

/** Writes a bundle, and what belongs to it, into a folder. */
export async function writeDist(
  bundle: readonly OutputFile[],
  folder: string = dist,
): Promise<void> {
  const { version } = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
  const manifest = { name: "entra-mcp-server", version, type: "module", main: "main.mjs" };
  const files = new Map<string, string | Uint8Array>([
    ...bundle.map(({ path, contents }) => [relative(dist, path), contents] as const),
    ["host.json", await readFile(join(root, "host.json"))],
    ["package.json", `${JSON.stringify(manifest, null, 2)}\n`],
  ]);
  // The entry comes last: it names the parts.
  const entry = ([name]: readonly [string, unknown]) => Number(name === manifest.main);
  for (const [name, contents] of [...files].sort((one, other) => entry(one) - entry(other))) {
    await put(join(folder, name), contents);
  }
  // What an earlier build has left would be deployed too. Files with a dot are another build's, under way.
  for (const left of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(left.parentPath, left.name);
    const isOurs = files.has(relative(folder, path)) || left.name.startsWith(".");
    if (left.isFile() && !isOurs) await rm(path, { force: true });
  }
}

/** Replaces a file in one step: a server that starts meanwhile loads the old one or the new one. */
async function put(path: string, contents: string | Uint8Array): Promise<void> {
  const temporary = join(dirname(path), `.${process.pid}.${path.split(/[\\/]/).at(-1)}`);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(temporary, contents);
  await rename(temporary, path);
}
