import { access, readdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { requirements, verifies } from "./requirements.ts";

const root = join(import.meta.dirname, "..");
const pages = ["README.md", "SECURITY.md", "CONTRIBUTING.md", "CHANGELOG.md"].concat(
  (await readdir(join(root, "docs"))).map((name) => `docs/${name}`),
);
const texts = await Promise.all(
  pages.map(async (page) => ({ page, text: await readFile(join(root, page), "utf8") })),
);

async function missing(paths: Iterable<string>): Promise<string[]> {
  const checks = [...paths].map(async (path) =>
    access(join(root, path)).then(
      () => [],
      () => [path],
    ),
  );
  return (await Promise.all(checks)).flat();
}

describe("the documentation", () => {
  it(verifies("docs.commands", "names only commands that exist"), async () => {
    const { scripts } = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
    const named = texts.flatMap(({ text }) =>
      [...text.matchAll(/npm run (?:--silent )?([a-z:-]+)/g)].map(([, name]) => name),
    );
    expect(named.length).toBeGreaterThan(5);
    expect(named.filter((name) => !Object.hasOwn(scripts, String(name)))).toEqual([]);
  });

  it(verifies("docs.paths", "names only files and folders that exist"), async () => {
    const linked = texts.flatMap(({ page, text }) =>
      [...text.matchAll(/\]\((?!https?:)([^)#]+)\)/g)].map(([, path]) =>
        join(dirname(page), String(path)),
      ),
    );
    const quoted = texts.flatMap(({ text }) =>
      [...text.matchAll(/`((?:src|functions|local|test|scripts|docs|infra)\/[\w./-]*)`/g)].map(
        ([, path]) => String(path),
      ),
    );
    expect(quoted.length).toBeGreaterThan(20);
    expect(await missing(new Set([...linked, ...quoted]))).toEqual([]);
  });

  it(verifies("docs.architecture", "tells of every folder of the source"), async () => {
    const architecture = texts.find(({ page }) => page === "docs/architecture.md")?.text ?? "";
    const folders = (await readdir(join(root, "src"), { withFileTypes: true }))
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => `\`src/${name}/\``);
    expect(folders.filter((folder) => !architecture.includes(folder))).toEqual([]);
  });

  it(
    verifies("docs.security", "cites only requirements that exist, for every threat at least one"),
    () => {
      const page = texts.find(({ page }) => page === "docs/security.md")?.text ?? "";
      const rows = page.split("\n").filter((line) => line.startsWith("| **"));
      const known: readonly string[] = requirements.map(({ id }) => id);
      const cited = rows.map((row) =>
        [...(row.split("|").at(-2) ?? "").matchAll(/`([^`]+)`/g)].map(([, id]) => String(id)),
      );
      expect(rows.length).toBeGreaterThan(10);
      expect(cited.filter((ids) => ids.length === 0)).toEqual([]);
      expect(cited.flat().filter((id) => !known.includes(id))).toEqual([]);
    },
  );

  it(verifies("docs.settings", "tells of every setting that the server reads"), async () => {
    const source = await readFile(join(root, "src", "config.ts"), "utf8");
    const settings = new Set(
      [...source.matchAll(/^ {2}([A-Z][A-Z_]+): /gm)].map(([, name]) => name),
    );
    const page = texts.find(({ page }) => page === "docs/configuration.md")?.text ?? "";
    expect(settings.size).toBeGreaterThan(15);
    expect([...settings].filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
  });
});
