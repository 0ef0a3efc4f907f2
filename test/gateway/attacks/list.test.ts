import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { projectFolder } from "../../../local/paths.ts";
import { requirements, verifies } from "../../requirements.ts";
import { attacks } from "./all.ts";

/** What is kept off where the gateway is deployed, or can be seen in a browser alone. */
const elsewhere = /^gateway\.(?:infrastructure|hooks|pages\.double-click)/;

it(verifies("gateway-attacks.list", "has attacks of each threat"), async () => {
  const page = await readFile(join(projectFolder, "docs", "gateway.md"), "utf8");
  const [, section = ""] = page.split("\n## Threats\n");
  const [table = ""] = section.split("\n## ");
  const rows = [...table.matchAll(/^\| (?!threat |---)(.*)\|$/gm)].map(([, row = ""]) => row);
  expect(rows.length).toBeGreaterThan(20);
  const known = new Set<string>(requirements.map(({ id }) => id));
  const tried = new Set<string>();
  for (const row of rows) {
    const shownBy = row.split("|").at(-1) ?? "";
    const ids = [...shownBy.matchAll(/`([^`]+)`/g)].map(([, id = ""]) => id);
    expect(ids.filter((id) => !known.has(id))).toEqual([]);
    const here = ids.filter((id) => id.startsWith("gateway-attacks."));
    if (!ids.every((id) => elsewhere.test(id))) expect(here, row).not.toEqual([]);
    for (const id of here) tried.add(id);
  }
  expect(new Set(attacks.map(({ threat }) => threat))).toEqual(tried);
  expect(attacks.length).toBeGreaterThanOrEqual(60);
  expect(new Set(attacks.map(({ name }) => name)).size).toBe(attacks.length);
});
