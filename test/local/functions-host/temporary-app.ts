import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";

const nodeModules = join(import.meta.dirname, "../../../node_modules");

/**
 * Writes an app to a folder that is gone when the test has finished.
 *
 * @param files by name
 */
export async function temporaryApp(
  files: Readonly<Record<string, string>>,
  { hasModules = true } = {},
): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "functions-host-"));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  if (hasModules) await symlink(nodeModules, join(directory, "node_modules"), "junction");
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(directory, name)), { recursive: true });
    await writeFile(join(directory, name), text);
  }
  return directory;
}
