import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Metafile } from "esbuild";

/**
 * The licenses of the packages whose code is in a bundle, word for word: they ask that copies carry them.
 *
 * @param folder that the paths of `metafile` begin at
 * @throws {Error} naming a package that brings no license
 */
export async function thirdPartyNotices(metafile: Metafile, folder: string): Promise<string> {
  const notices = await Promise.all(
    bundledPackages(metafile).map((path) => noticeOf(join(folder, path))),
  );
  return [...new Set(notices)].sort().join(`\n${"-".repeat(80)}\n\n`);
}

/** The folders of the packages that something is left of after what is not used has gone. */
function bundledPackages({ outputs }: Metafile): string[] {
  const folders = Object.values(outputs)
    .flatMap(({ inputs }) => Object.entries(inputs))
    .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
    .map(([path]) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0])
    .filter((path) => path !== undefined);
  return [...new Set(folders)];
}

async function noticeOf(folder: string): Promise<string> {
  const manifest = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
  const { name, version, license } = manifest as Readonly<Record<string, string>>;
  const file = (await readdir(folder)).find((each) => /^licen[cs]e(?:[.-].*)?$/i.test(each));
  if (file === undefined) throw new Error(`${name} brings no license, and may not be bundled.`);
  return `${name} ${version} (${license})\n\n${(await readFile(join(folder, file), "utf8")).trim()}\n`;
}
