import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { requirements, verifies } from "../requirements.ts";

const root = join(import.meta.dirname, "..", "..");

const standards =
  /^(?:RFC \d|ISO \d|IEEE \d|Unicode (?:TR|Technical Report) \d|OpenID Connect (?:Core|Discovery) \d)/;

/** A standard, a public URL, or a file of the project with a title in it. */
async function canBeFollowed(source: string): Promise<boolean> {
  if (/^https:\/\/[\w.-]+\.\w+(?:\/|$)/.test(source)) return true;
  if (standards.test(source)) return true;
  const [path = "", title] = source.split(/, (.*)/s);
  const text = await readFile(join(root, path), "utf8").catch(() => undefined);
  if (text === undefined) return false;
  const titles = text.split("\n").filter((line) => /^#+ /.test(line));
  return title === undefined || titles.some((line) => line.replace(/^#+ /, "") === title);
}

it(verifies("requirements.sources", "are there for every threat"), async () => {
  const text = await readFile(join(root, "docs", "security.md"), "utf8");
  const known = new Set<string>(requirements.map(({ id }) => id));
  const rows = [...text.matchAll(/^\| \*\*.*\| ([^|]+) \|$/gm)].map(([, shownBy = ""]) => shownBy);
  expect(rows.length).toBeGreaterThan(20);
  for (const row of rows) {
    const ids = [...row.matchAll(/`([^`]+)`/g)].map(([, id]) => String(id));
    expect(ids, row).not.toEqual([]);
    expect(ids.filter((id) => !known.has(id))).toEqual([]);
  }
});

it(verifies("requirements.sources", "come from where a reader can follow them to"), async () => {
  expect(await canBeFollowed("design: somewhere")).toBe(false);
  expect(await canBeFollowed("README.md, No such title")).toBe(false);
  const lost = requirements.map(async ({ id, source }) => {
    const parts = await Promise.all(source.split("; ").map(canBeFollowed));
    return parts.every(Boolean) ? [] : [`${id}: ${source}`];
  });
  expect((await Promise.all(lost)).flat()).toEqual([]);
});
