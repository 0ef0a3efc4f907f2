import { execFile } from "node:child_process";
import { access } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";

export interface PlatformNode {
  readonly path: string;
  /** Such as `v22.23.3`. */
  readonly version: string;
}

/**
 * The versions that a function app of this project may run on: `nodeVersion` in `infra/main.bicep`.
 * Node 22 runs the local Functions host, which is TypeScript, from 22.18 on.
 */
const platformVersions = /^v(?:24|22\.(?:1[89]|[2-9]\d))\./;

/**
 * The Node that runs the tests, and those on the PATH, one of each version.
 *
 * @throws {Error} when `DEPLOYMENT_NODE` names a major version that is not among them: whoever asks
 * for it must not be told that all is well without it
 */
export async function platformNodes(): Promise<PlatformNode[]> {
  const name = process.platform === "win32" ? "node.exe" : "node";
  const folders = (process.env.PATH ?? "").split(delimiter).filter((folder) => folder !== "");
  const onPath = await Promise.all(folders.map((folder) => nodeAt(join(folder, name))));
  const found = [{ path: process.execPath, version: process.version }, ...onPath.flat()];
  const nodes = [...new Map(found.reverse().map((node) => [node.version, node])).values()].filter(
    ({ version }) => platformVersions.test(version),
  );
  const wanted = process.env.DEPLOYMENT_NODE;
  if (wanted && !nodes.some(({ version }) => version.startsWith(`v${wanted}.`))) {
    throw new Error(`DEPLOYMENT_NODE asks for Node ${wanted}, which is not on the PATH.`);
  }
  return nodes;
}

async function nodeAt(path: string): Promise<PlatformNode[]> {
  try {
    await access(path);
    const { stdout } = await promisify(execFile)(path, ["--version"]);
    return [{ path, version: stdout.trim() }];
  } catch {
    return [];
  }
}
