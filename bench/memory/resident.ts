import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";

const run = promisify(execFile);

/**
 * The memory that a process holds (its resident set), in MB; nothing where this machine does not
 * tell it, such as Windows.
 */
export async function residentMegabytes(
  processId: number | undefined,
): Promise<number | undefined> {
  try {
    return (await residentKibibytes(String(processId))) / 1024;
  } catch {
    return undefined;
  }
}

async function residentKibibytes(processId: string): Promise<number> {
  if (process.platform === "linux") {
    const status = await readFile(`/proc/${processId}/status`, "utf8");
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]);
  }
  const { stdout } = await run("ps", ["-o", "rss=", "-p", processId]);
  return Number(stdout);
}
