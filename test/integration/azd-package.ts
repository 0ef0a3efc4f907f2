import { lstat, readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { projectFolder } from "../../local/paths.ts";

const projectSchema = z.object({
  services: z.object({
    mcp: z.object({
      project: z.string(),
      host: z.literal("function"),
      language: z.enum(["js", "ts"]),
      dist: z.string(),
      remoteBuild: z.literal(false),
    }),
  }),
});

/** The folder that azd packages, by `azure.yaml`: what `npm run build` has made in it. */
export async function packagedFolder(): Promise<string> {
  const text = await readFile(join(projectFolder, "azure.yaml"), "utf8");
  const { mcp } = projectSchema.parse(parse(text)).services;
  return join(projectFolder, mcp.project, mcp.dist);
}

/**
 * The paths, below a folder, of the files that azd puts into the archive it deploys to a function
 * app in JavaScript with `remoteBuild: false`: all of them, links followed, but for folders named
 * `.azure` and files named `.funcignore` or `local.settings.json`.
 *
 * @see https://github.com/Azure/azure-dev/blob/main/cli/azd/pkg/project/project_utils.go createDeployableZip
 * @see https://github.com/Azure/azure-dev/blob/main/cli/azd/pkg/rzip/rzip.go CreateFromDirectory
 * @throws {Error} when the folder has a `.funcignore`, whose patterns azd would apply, and this not
 */
export async function filesOfPackage(folder: string): Promise<string[]> {
  const names = await readdir(folder);
  if (names.includes(".funcignore")) throw new Error(`${folder} has a .funcignore.`);
  return (await Promise.all(names.map((name) => filesAt(folder, name)))).flat().sort();
}

async function filesAt(root: string, path: string): Promise<string[]> {
  const name = path.split("/").at(-1) ?? "";
  const full = join(root, path);
  const isDirectory = (
    (await lstat(full)).isSymbolicLink() ? await stat(full) : await lstat(full)
  ).isDirectory();
  if (!isDirectory) return name === ".funcignore" || name === "local.settings.json" ? [] : [path];
  if (name === ".azure") return [];
  const below = await readdir(full);
  return (await Promise.all(below.map((child) => filesAt(root, `${path}/${child}`)))).flat();
}
