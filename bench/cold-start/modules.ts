import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";
import { bundling } from "../../scripts/bundle.ts";

/** What is imported alone, to see what it costs. */
export const importedModules = [
  "@azure/cosmos",
  "@azure/functions",
  "@azure/identity",
  "@azure/msal-node",
  "@azure/storage-blob",
  "@modelcontextprotocol/server",
  "jose",
  "rate-limiter-flexible",
  "zod",
] as const;

/** Bundles a package alone, whole, as the server is bundled. Returns the file. */
export async function bundleModule(name: string, folder: string): Promise<string> {
  const contents = `export * from ${JSON.stringify(name)};`;
  const { outputFiles } = await build({
    ...bundling,
    legalComments: "none",
    stdin: { contents, resolveDir: bundling.absWorkingDir },
  });
  const file = join(folder, `${name.replace("/", "-")}.mjs`);
  await writeFile(file, outputFiles[0]?.contents ?? "");
  return file;
}
