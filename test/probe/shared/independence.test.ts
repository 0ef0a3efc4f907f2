import { readdir, readFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { expect, it } from "vitest";
import { verifies } from "../../requirements.ts";

const root = join(import.meta.dirname, "..", "..", "..");

/** What the files below a folder import of the project outside it, as `file uses folder`. */
async function usedBy(folder: string): Promise<string[]> {
  const names = await readdir(join(root, folder), { recursive: true });
  const files = names.filter((name) => name.endsWith(".ts")).map((name) => join(folder, name));
  const used = await Promise.all(
    files.map(async (file) => {
      const source = await readFile(join(root, file), "utf8");
      const imports = source.matchAll(/(?:\bfrom |\bimport ?\(?)"(\.[^"]+)"/g);
      return [...imports]
        .map(([, path]) => relative(root, join(root, dirname(file), String(path))))
        .filter((path) => !path.startsWith(`${folder}/`))
        .map(
          (path) => `${file} uses ${path.split("/", path.startsWith("probe/") ? 2 : 1).join("/")}`,
        );
    }),
  );
  return [...new Set(used.flat())];
}

it(verifies("authsuite.independent", "the suite uses only the laptop's records"), async () => {
  const used = await usedBy("probe/authsuite");
  expect(used.filter((use) => !use.endsWith(" uses probe/shared"))).toEqual([
    "probe/authsuite/laptop.ts uses local",
  ]);
  expect(used.length).toBeGreaterThan(10);
  expect(await usedBy("probe/shared")).toEqual([]);
});

it("the doctor uses nothing of the suite", async () => {
  const used = await usedBy("probe/doctor");
  expect(used.filter((use) => !/ uses (?:probe\/shared|src)$/.test(use))).toEqual([]);
});
