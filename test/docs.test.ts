import { access, readdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { settingNames } from "../src/config.ts";
import { callersTurn } from "../src/gates/concurrency-limit.ts";
import { orderedGates } from "../src/gates/gates.ts";
import { createRateLimits } from "../src/gates/rate-limits.ts";
import { createRefusalSums } from "../src/gates/refusal-sums.ts";
import { requirements, verifies } from "./requirements.ts";

const root = join(import.meta.dirname, "..");
const pages = ["README.md", "SECURITY.md", "CONTRIBUTING.md", "CHANGELOG.md"].concat(
  (await readdir(join(root, "docs"), { recursive: true }))
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name.replaceAll("\\", "/")}`),
);
const texts = await Promise.all(
  pages.map(async (page) => ({ page, text: await readFile(join(root, page), "utf8") })),
);

function textOf(page: string): string {
  return texts.find((one) => one.page === page)?.text ?? "";
}

/** The anchors of a page's titles, as GitHub makes them. */
function anchorsOf(text: string): string[] {
  const titles = text.replaceAll(/^```.*?^```/gms, "").matchAll(/^#+ (.+)$/gm);
  return [...titles].map(([, title = ""]) =>
    title
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
      .replaceAll(" ", "-"),
  );
}

/** The folders of the source, as the documentation names them. */
async function sourceFolders(): Promise<string[]> {
  const entries = await readdir(join(root, "src"), { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => `src/${name}/`);
}

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
      [...text.matchAll(/(?:\]\(|<img src=")(?!https?:)([^)#"]+)/g)].map(([, path]) =>
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

  it(verifies("docs.sections", "links only to sections that exist"), () => {
    const links = texts.flatMap(({ page, text }) =>
      [...text.matchAll(/\]\(([\w./-]*\.md)?#([^)]+)\)/g)].map(([, path, anchor = ""]) => ({
        link: `${page}: ${path ?? ""}#${anchor}`,
        exists: anchorsOf(textOf(path ? join(dirname(page), path) : page)).includes(anchor),
      })),
    );
    expect(links.length).toBeGreaterThan(20);
    expect(links.filter(({ exists }) => !exists).map(({ link }) => link)).toEqual([]);
  });

  it(
    verifies("docs.untried", "says wherever it tells to deploy that nobody has done it yet"),
    () => {
      const telling = texts.filter(({ text }) => /azd (?:up|provision|deploy)\b/.test(text));
      expect(telling.length).toBeGreaterThan(5);
      const said =
        /not tried yet|been run\s+against a (?:real )?subscription|been deployed to a real/i;
      expect(telling.filter(({ text }) => !said.test(text)).map(({ page }) => page)).toEqual([]);
      // On the first screen that promises it, beside the command.
      const [, deploying = ""] = textOf("README.md").split("## Deploy it");
      expect(deploying.split("\n## ")[0]).toMatch(said);
    },
  );

  it(verifies("docs.tool", "shows a tool of the source, word for word"), async () => {
    const [, path = "", shown = ""] =
      /^```ts\n\/\/ (\S+)\n(.*?)^```$/ms.exec(textOf("README.md")) ?? [];
    const source = await readFile(join(root, path), "utf8");
    // What is left out stands as an ellipsis on a line of its own.
    const pieces = shown.split(/^ *…\n/m);
    expect(shown.split("\n").length).toBeGreaterThan(15);
    for (const piece of pieces) expect(source).toContain(piece);
  });

  it(verifies("docs.architecture", "tells of every folder of the source"), async () => {
    const page = textOf("docs/architecture.md");
    const folders = await sourceFolders();
    expect(folders.filter((folder) => !page.includes(`\`${folder}\``))).toEqual([]);
  });

  it(verifies("docs.architecture", "draws every folder of the source"), async () => {
    const folders = await sourceFolders();
    const [source, picture] = await Promise.all(
      ["dot", "svg"].map((end) => readFile(join(root, `docs/images/architecture.${end}`), "utf8")),
    );
    expect(folders.filter((folder) => !source?.includes(folder))).toEqual([]);
    // Each line of a label is a text of the picture, which was made from this source.
    const labels = [...String(source).matchAll(/label="([^"]+)"/g)].flatMap(([, label = ""]) =>
      label.split("\\n").map((line) => line.trim()),
    );
    const drawn = [...String(picture).matchAll(/<text [^>]*>([^<]+)<\/text>/g)].map(
      ([, text = ""]) =>
        text.replaceAll(/&#(\d+);/g, (_, code) => String.fromCodePoint(Number(code))).trim(),
    );
    expect(labels.length).toBeGreaterThan(20);
    expect(drawn.toSorted()).toEqual(labels.toSorted());
  });

  it(verifies("docs.gates", "lists the gates in their order"), () => {
    const gates = orderedGates({
      hosts: [],
      allowedOrigins: [],
      tokenVerifier: { verify: () => Promise.reject(new Error("Nothing is verified here.")) },
      rateLimits: createRateLimits({ perCaller: 0, perAddress: 0 }, 1),
      turn: callersTurn({ running: 1, waiting: 0 }),
      refusals: createRefusalSums(() => {}),
    });
    const [, table = ""] =
      /<!-- gates: [^>]*-->\n\| gate .*\n.*\n((?:\|.*\n)+)/.exec(textOf("docs/architecture.md")) ??
      [];
    const listed = [...table.matchAll(/^\| ([^|]+) \|/gm)].map(([, name]) => name);
    const names = gates.map(({ name }) => name);
    expect(listed, "the table of gates in docs/architecture.md").toEqual(names);
  });

  it(verifies("docs.security", "cites requirements that exist, for every threat one"), () => {
    const page = textOf("docs/security.md");
    const rows = page.split("\n").filter((line) => line.startsWith("| **"));
    const known: readonly string[] = requirements.map(({ id }) => id);
    const cited = rows.map((row) =>
      [...(row.split("|").at(-2) ?? "").matchAll(/`([^`]+)`/g)].map(([, id]) => String(id)),
    );
    expect(rows.length).toBeGreaterThan(10);
    expect(cited.filter((ids) => ids.length === 0)).toEqual([]);
    expect(cited.flat().filter((id) => !known.includes(id))).toEqual([]);
  });

  it(verifies("docs.settings", "tells of every setting that the server reads"), () => {
    const page = textOf("docs/configuration.md");
    expect(settingNames.length).toBeGreaterThan(15);
    const untold = settingNames.filter((name) => !page.includes(`\`${name}\``));
    expect(untold, "settings that docs/configuration.md lacks").toEqual([]);
  });
});
