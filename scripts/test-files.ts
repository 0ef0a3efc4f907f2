import { globSync } from "node:fs";
import { join, normalize, relative, resolve } from "node:path";
import { build } from "esbuild";

const root = join(import.meta.dirname, "..");

/** What knows where the build is: a test that needs the build reaches this file by its imports. */
const pathsModule = "local/paths.ts";

/** The test files whose path contains `path`, such as `test/gates`, `./test/gates` or `cursor`. */
export function testFilesAt(path: string): string[] {
  const part = relative(root, resolve(root, normalize(path)));
  return globSync("test/**/*.test.ts", { cwd: root }).filter((file) => file.includes(part));
}

/** Whether one of the test files starts or looks at what `npm run build` makes. */
export async function needBuild(files: readonly string[]): Promise<boolean> {
  const built = build({
    absWorkingDir: root,
    entryPoints: [...files],
    outdir: "unused",
    bundle: true,
    write: false,
    metafile: true,
    packages: "external",
    platform: "node",
    format: "esm",
    logLevel: "silent",
  });
  return built.then(
    ({ metafile }) => Object.hasOwn(metafile.inputs, pathsModule),
    // A file that does not parse or imports what is not there: the test run tells.
    () => false,
  );
}
