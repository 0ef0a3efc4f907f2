import { chmod, lstat, mkdir, readdir, realpath, stat } from "node:fs/promises";
import { dirname, isAbsolute, join } from "node:path";
import { codeOf } from "../../src/core/error-code.ts";
import { failure, type Result, success } from "../../src/core/result.ts";

/** What decides where programs keep their own files. */
export interface Machine {
  readonly platform: NodeJS.Platform;
  readonly env: NodeJS.ProcessEnv;
  /** The person's home folder. */
  readonly home: string;
}

const name = "entra-mcp-bridge";

/**
 * The folder of the bridge's own: `%LOCALAPPDATA%`, `~/Library/Application Support`, or below
 * `XDG_STATE_HOME`, of which a relative one does not count.
 *
 * Source: https://specifications.freedesktop.org/basedir-spec/latest/
 */
export function folderPath({ platform, env, home }: Machine): string {
  if (platform === "darwin") return join(home, "Library", "Application Support", name);
  const [given, usual] =
    platform === "win32"
      ? [env.LOCALAPPDATA, join(home, "AppData", "Local")]
      : [env.XDG_STATE_HOME, join(home, ".local", "state")];
  return join(given !== undefined && isAbsolute(given) ? given : usual, name);
}

/**
 * Makes the folder, for this person alone.
 *
 * @returns in words, why nothing can be kept there
 */
export async function makePrivateFolder(path: string): Promise<Result<string, string>> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
    const found = await lstat(path);
    if (!found.isDirectory()) return failure(`${path} is not a folder but a link or a file.`);
    if (process.getuid === undefined) return success(path);
    if (found.uid !== process.getuid()) return failure(`${path} belongs to another person.`);
    const open = await openToEverybody(dirname(path));
    if (open !== undefined) {
      return failure(`Everybody may rename what is in ${open}, so ${path} could be replaced.`);
    }
    if ((found.mode & 0o077) !== 0) await chmod(path, 0o700);
    return success(path);
  } catch (error) {
    return failure(`${path} cannot be used (${codeOf(error, String(error))}).`);
  }
}

/** Whether there are tokens of anybody's, for any server; a look at the names of the files alone. */
export async function hasTokens(folder: string): Promise<boolean> {
  const names = await readdir(folder).catch(() => []);
  return names.some((name) => name.endsWith(".tokens"));
}

/** The nearest folder, from `start` up, in which everybody may rename what belongs to others. */
async function openToEverybody(start: string): Promise<string | undefined> {
  for (let folder = await realpath(start); ; folder = dirname(folder)) {
    const { mode } = await stat(folder);
    const sticky = (mode & 0o1000) !== 0;
    if ((mode & 0o002) !== 0 && !sticky) return folder;
    if (folder === dirname(folder)) return undefined;
  }
}
