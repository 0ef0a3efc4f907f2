import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { bundleServer, serverBundling } from "./bundle.ts";

const root = join(import.meta.dirname, "..");
const dist = join(root, serverBundling.outdir);

/**
 * Makes the folder that the Functions host runs. It holds everything the server needs: the bundle, the
 * host's settings and a package.json that names the bundle and no dependencies.
 *
 * @param folder `dist` unless given
 * @param domainFolder the domain to serve in place of the one that `src/domain.ts` names
 */
export async function buildApp(folder: string = dist, domainFolder?: string): Promise<void> {
  const { version } = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
  const bundle = await bundleServer(domainFolder);
  const manifest = { name: "entra-mcp-server", version, type: "module", main: "main.mjs" };

  const built = new Set<string>();
  const put = async (name: string, contents: string | Uint8Array) => {
    built.add(name);
    await replace(join(folder, name), contents);
  };
  // The entry comes last: it names the parts.
  const outputs = bundle.outputFiles.map(({ path, contents }) => ({
    name: relative(dist, path),
    contents,
  }));
  outputs.sort((one, other) => Number(one.name === "main.mjs") - Number(other.name === "main.mjs"));
  for (const { name, contents } of outputs) await put(name, contents);
  await put("host.json", await readFile(join(root, "host.json")));
  await put("package.json", `${JSON.stringify(manifest, null, 2)}\n`);

  // What an earlier build has left would be deployed too. Files with a dot are another build's, under way.
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const name = relative(folder, join(entry.parentPath, entry.name));
    if (entry.isFile() && !entry.name.startsWith(".") && !built.has(name)) {
      await rm(join(folder, name), { force: true });
    }
  }
}

/** Replaces a file in one step: a server that starts meanwhile loads the old one or the new one. */
async function replace(path: string, contents: string | Uint8Array): Promise<void> {
  const temporary = join(dirname(path), `.${process.pid}.${path.split(/[\\/]/).at(-1)}`);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(temporary, contents);
  await rename(temporary, path);
}
