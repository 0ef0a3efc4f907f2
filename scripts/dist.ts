import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import type { OutputFile } from "esbuild";
import { bundleServer } from "./bundle.ts";

const root = join(import.meta.dirname, "..");
const dist = join(root, "dist");

/**
 * Bundles the server and writes `dist/`: one bundle, the host's settings and a package.json that names
 * the bundle and no dependencies.
 *
 * @throws {Error} naming what is wrong with the source; `dist/` is as before then
 */
export async function build(): Promise<void> {
  const { outputFiles } = await bundleServer();
  await writeDist(outputFiles);
}

/** Writes a bundle, and what belongs to it, into `dist/`. */
export async function writeDist(bundle: readonly OutputFile[]): Promise<void> {
  const { version } = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
  const manifest = { name: "entra-mcp-server", version, type: "module", main: "main.mjs" };
  const files = new Map<string, string | Uint8Array>([
    ...bundle.map(({ path, contents }) => [basename(path), contents] as const),
    ["host.json", await readFile(join(root, "host.json"))],
    ["package.json", `${JSON.stringify(manifest, null, 2)}\n`],
  ]);
  await mkdir(dist, { recursive: true });
  for (const [name, contents] of files) await put(name, contents);
  // What an earlier build has left would be deployed too. Files with a dot are another build's, under way.
  for (const name of await readdir(dist)) {
    if (!files.has(name) && !name.startsWith(".")) await rm(join(dist, name), { recursive: true });
  }
}

/** Replaces a file in one step: a server that starts meanwhile loads the old one or the new one. */
async function put(name: string, contents: string | Uint8Array): Promise<void> {
  const temporary = join(dist, `.${name}.${process.pid}`);
  await writeFile(temporary, contents);
  await rename(temporary, join(dist, name));
}
