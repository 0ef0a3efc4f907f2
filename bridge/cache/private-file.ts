import { randomUUID } from "node:crypto";
import { constants } from "node:fs";
import { type FileHandle, lstat, open, readdir, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { codeOf } from "../../src/core/error-code.ts";

/** Bytes: many times what the tokens of a person's accounts take. */
const longestContent = 1024 * 1024;

/** What stands at a path. */
export type Found =
  | { readonly kind: "nothing" }
  | { readonly kind: "content"; readonly content: Buffer; readonly exposed: boolean }
  /** Nothing that the bridge has written, or not readable: it stays as it is. */
  | { readonly kind: "foreign"; readonly words: string };

/** Reads a file of this person's, whatever somebody may have put in its place. */
export async function readPrivateFile(path: string): Promise<Found> {
  try {
    // Windows has no O_NOFOLLOW.
    if ((await lstat(path)).isSymbolicLink()) return foreign(path, "is a link");
    // A pipe without a writer would hold a plain open up.
    const { O_RDONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants;
    const file = await open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    try {
      return await readOpen(path, file);
    } finally {
      await file.close();
    }
  } catch (error) {
    const code = codeOf(error);
    return code === "ENOENT" ? { kind: "nothing" } : foreign(path, `cannot be read (${code})`);
  }
}

async function readOpen(path: string, file: FileHandle): Promise<Found> {
  const { mode, uid, size } = await file.stat();
  if ((mode & constants.S_IFMT) !== constants.S_IFREG) return foreign(path, "is not a file");
  const own = process.getuid?.();
  if (own !== undefined && uid !== own) return foreign(path, "belongs to another person");
  if (size > longestContent) return foreign(path, "is larger than what the bridge writes");
  const buffer = Buffer.alloc(longestContent + 1);
  const { bytesRead } = await file.read(buffer, 0, buffer.length, 0);
  if (bytesRead > longestContent) return foreign(path, "is larger than what the bridge writes");
  return {
    kind: "content",
    content: buffer.subarray(0, bytesRead),
    exposed: own !== undefined && (mode & 0o077) !== 0,
  };
}

function foreign(path: string, problem: string): Found {
  return { kind: "foreign", words: `${path} ${problem}.` };
}

const unfinished = ".tmp";

/** Removes what {@link writePrivateFile} leaves of a process that is killed meanwhile. */
export async function removeUnfinished(path: string): Promise<void> {
  const folder = dirname(path);
  for (const name of await readdir(folder).catch(() => [])) {
    const isOne = name.startsWith(`${basename(path)}.`) && name.endsWith(unfinished);
    if (isOne) await rm(join(folder, name), { force: true });
  }
}

/**
 * Writes a file for this person alone, in one step: whoever reads it finds all of the old content or
 * all of the new one.
 *
 * @throws the file system's error; the old content is then untouched
 */
export async function writePrivateFile(path: string, content: Uint8Array): Promise<void> {
  const temporary = `${path}.${randomUUID()}${unfinished}`;
  try {
    await writeFile(temporary, content, { mode: 0o600, flag: "wx", flush: true });
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
