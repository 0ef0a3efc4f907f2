import { randomUUID } from "node:crypto";
import { rename, rm, writeFile } from "node:fs/promises";

/**
 * Writes a file in one step: whoever reads it finds the whole old content or the whole new one,
 * also after a crash or a power cut.
 *
 * @param mode permissions of the file; ignored on Windows
 * @throws the file system's error; the old content is then untouched
 */
export async function writeFileAtomically(
  path: string,
  content: string,
  { mode = 0o644 }: { mode?: number } = {},
): Promise<void> {
  const temporary = `${path}.${randomUUID()}.tmp`;
  try {
    await writeFile(temporary, content, { mode, flush: true });
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
