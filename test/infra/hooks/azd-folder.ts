import { chmod, copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { temporaryFolder } from "../../support/stack.ts";

/**
 * A folder whose azd and az stand first on the PATH. azd notes how it is called, and keeps its
 * environment's values in a file, if it is given any; nobody is signed in to az.
 */
export async function fakeAzdFolder(values?: Readonly<Record<string, string>>) {
  const folder = await temporaryFolder();
  const log = join(folder.path, "azd.log");
  const valuesFile = join(folder.path, "values.json");
  const bin = join(folder.path, "bin");
  await mkdir(bin);
  for (const name of ["azd", "az"]) {
    const script = join(folder.path, `${name}.mjs`);
    await copyFile(join(import.meta.dirname, `fake-${name}.mjs`), script);
    await writeFile(join(bin, name), `#!/bin/sh\nexec "${process.execPath}" "${script}" "$@"\n`);
    await chmod(join(bin, name), 0o755);
  }
  if (values) await writeFile(valuesFile, JSON.stringify(values));
  return {
    path: folder.path,
    env: {
      FAKE_AZD_LOG: log,
      ...(values && { FAKE_AZD_VALUES: valuesFile }),
      PATH: `${bin}${delimiter}${process.env.PATH}`,
    },
    calls: async () =>
      (await readFile(log, "utf8"))
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line)),
    /** The values of its environment now. */
    values: async (): Promise<Record<string, string>> =>
      JSON.parse(await readFile(valuesFile, "utf8")),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}
