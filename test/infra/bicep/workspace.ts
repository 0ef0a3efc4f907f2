import { execFile } from "node:child_process";
import { cp, mkdtemp, readdir, readFile, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, posix, relative } from "node:path";
import { promisify } from "node:util";
import { Bicep, type Diagnostic, root } from "./compiler.ts";

export const mainTemplate = "infra/main.bicep";

/** The texts of what lies in `infra/`, hooks aside, by path from the repository's root. */
export async function readTemplateFiles(): Promise<Record<string, string>> {
  const names = await readdir(join(root, "infra"), { recursive: true });
  const files = names
    .map((name) => posix.join("infra", name.replaceAll("\\", "/")))
    .filter((file) => /\.(?:bicep|json|kql|xml)$/.test(file))
    .sort();
  const texts = files.map(
    async (file) => [file, await readFile(join(root, file), "utf8")] as const,
  );
  return Object.fromEntries(await Promise.all(texts));
}

/** A place in a template that is changed, to see what the compiler says then. */
export interface Edit {
  /** From the repository's root. */
  readonly file: string;
  /** Stands in the file exactly once. */
  readonly find: string;
  readonly replace: string;
}

/**
 * A copy of the templates in a temporary folder, with their Graph extension beside them, so that
 * they compile without its registry, and a compiler. Folders that templates load files from are
 * linked.
 */
export class Workspace {
  readonly folder: string;
  readonly bicep: Bicep;
  /** The packed type definitions of Microsoft Graph. */
  readonly extension: string;

  private constructor(folder: string, bicep: Bicep, extension: string) {
    this.folder = folder;
    this.bicep = bicep;
    this.extension = extension;
  }

  /** @param compiler the path of the executable */
  static async open(compiler: string): Promise<Workspace> {
    const folder = await makeFolder();
    const extension = join(folder, "graph-extension.tgz");
    const workspace = new Workspace(folder, new Bicep(compiler), extension);
    try {
      await copyTemplates(folder);
      await packExtension(compiler, extension);
      await useExtension(workspace);
      return workspace;
    } catch (error) {
      await workspace.close();
      throw error;
    }
  }

  /** Another copy for the same compiler, which reads a file that templates load once. */
  async another(): Promise<Workspace> {
    const workspace = new Workspace(await makeFolder(), this.bicep, this.extension);
    await copyTemplates(workspace.folder);
    await useExtension(workspace);
    return workspace;
  }

  pathOf(file: string): string {
    return join(this.folder, file);
  }

  /** A path in the copy, as it is in the repository. */
  nameOf(path: string): string {
    return relative(this.folder, path).replaceAll("\\", "/");
  }

  /** A diagnostic in one line. */
  describe({ file, line, level, code, message }: Diagnostic): string {
    return `${this.nameOf(file)}:${line} ${level} ${code}: ${message}`;
  }

  /** Does something with an edit in place, and takes it back. */
  async edited<T>({ file, find, replace }: Edit, use: () => Promise<T>): Promise<T> {
    const path = this.pathOf(file);
    const text = await readFile(path, "utf8");
    const parts = text.split(find);
    if (parts.length !== 2) throw new Error(`${file} has ${parts.length - 1} times: ${find}`);
    await writeFile(path, parts.join(replace));
    try {
      return await use();
    } finally {
      await writeFile(path, text);
    }
  }

  async close(): Promise<void> {
    this.bicep.close();
    await this.remove();
  }

  /** Removes the copy, and leaves the compiler running. */
  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}

async function makeFolder(): Promise<string> {
  return realpath(await mkdtemp(join(tmpdir(), "mcp-templates-")));
}

async function copyTemplates(folder: string): Promise<void> {
  await cp(join(root, "infra"), join(folder, "infra"), { recursive: true });
  for (const entry of await readdir(root, { withFileTypes: true })) {
    if (!entry.isDirectory() || /^(?:infra|node_modules|\..*)$/.test(entry.name)) continue;
    await symlink(join(root, entry.name), join(folder, entry.name), "junction");
  }
}

/**
 * Packs the type definitions of Microsoft Graph, which usually come from a registry. Where they are from
 * stands in docs/infrastructure-checks.md.
 */
async function packExtension(compiler: string, packed: string): Promise<void> {
  const definitions = join(import.meta.dirname, "graph-extension", "index.json");
  await promisify(execFile)(compiler, ["publish-extension", definitions, "--target", packed]);
}

/** Has the templates of a copy use the packed type definitions. */
async function useExtension(workspace: Workspace): Promise<void> {
  const path = workspace.pathOf("infra/bicepconfig.json");
  const { extensions, ...rest } = JSON.parse(await readFile(path, "utf8"));
  const packed = relative(workspace.pathOf("infra"), workspace.extension).replaceAll("\\", "/");
  const local = { ...extensions, microsoftGraphV1: packed };
  await writeFile(path, JSON.stringify({ ...rest, extensions: local }));
}
