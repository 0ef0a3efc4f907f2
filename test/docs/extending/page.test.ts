import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, join, posix } from "node:path";
import { expect, it } from "vitest";
import { verifies } from "../../requirements.ts";

const root = join(import.meta.dirname, "..", "..", "..");
const samples = "test/docs/extending";

interface Block {
  /** The file that its first line names. */
  readonly file: string;
  readonly code: string;
}

const page = await readFile(join(root, "docs", "extending.md"), "utf8");

/** The page's pieces of TypeScript, without the indentation of a list that one stands in. */
const blocks = [...page.matchAll(/^( *)```ts\n(.*?)^\1```$/gms)].map(
  ([, indentation = "", text = ""]): Block => {
    const [first = "", ...lines] = text
      .replaceAll(new RegExp(`^${indentation}`, "gm"), "")
      .split("\n");
    return { file: first.replace(/^\/\/ /, ""), code: lines.join("\n") };
  },
);

/** A file that stands for one of the page, with its imports as they are there; or the project's own. */
async function sourceOf(file: string): Promise<string> {
  const sample = `${samples}/${file}`;
  if (!existsSync(join(root, sample))) return readFile(join(root, file), "utf8");
  const text = await readFile(join(root, sample), "utf8");
  return text.replace(/(?<=from ")\.[^"]+/g, (path) => {
    const target = posix.join(dirname(sample), path).replace(`${samples}/`, "");
    const relative = posix.relative(dirname(file), target);
    return relative.startsWith(".") ? relative : `./${relative}`;
  });
}

it(verifies("docs.extending", "every piece of code is of a file that is compiled"), async () => {
  expect(blocks.length).toBe(page.match(/```ts$/gm)?.length);
  expect(blocks.length).toBeGreaterThan(10);
  const astray: string[] = [];
  for (const { file, code } of blocks) {
    expect(file).toMatch(/^[\w./-]+\.ts$/);
    const source = await sourceOf(file);
    if (!source.includes(code)) astray.push(`${file}\n${code}`);
  }
  expect(astray, "what docs/extending.md quotes, and is not in the file like this").toEqual([]);
});
