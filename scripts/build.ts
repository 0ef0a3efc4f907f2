/**
 * `npm run build`: makes `dist/`, which is what is deployed and what `func start` runs. It holds
 * everything the server needs: one bundle, the host's settings and a package.json that names the
 * bundle and no dependencies.
 */
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { bundleServer } from "./bundle.ts";

const root = join(import.meta.dirname, "..");
const dist = join(root, "dist");

const { version } = JSON.parse(await readFile(join(root, "package.json"), "utf8"));

const bundle = await bundleServer();
const manifest = { name: "entra-mcp-server", version, type: "module", main: "main.mjs" };

const built = new Set<string>();
await mkdir(dist, { recursive: true });
for (const file of bundle.outputFiles) await put(basename(file.path), file.contents);
await put("host.json", await readFile(join(root, "host.json")));
await put("package.json", `${JSON.stringify(manifest, null, 2)}\n`);
// What an earlier build has left would be deployed too. Files with a dot are another build's, under way.
for (const name of await readdir(dist)) {
  if (!built.has(name) && !name.startsWith(".")) await rm(join(dist, name), { recursive: true });
}

/** Replaces a file in one step: a server that starts meanwhile loads the old one or the new one. */
async function put(name: string, contents: string | Uint8Array): Promise<void> {
  const temporary = join(dist, `.${name}.${process.pid}`);
  await writeFile(temporary, contents);
  await rename(temporary, join(dist, name));
  built.add(name);
}
