import { readFileSync } from "node:fs";

/** A list of checks in Markdown: tables of which each row begins with a check's id. */
export function readChecks(file: URL) {
  const text = readFileSync(file, "utf8");
  const rows = new Map(
    [...text.matchAll(/^\| `([\w.-]+)` \| (.+)\|$/gm)].map(([, id, cells = ""]) => [
      id,
      cells.split("|").map((cell) => cell.trim()),
    ]),
  );
  return {
    /** The tables and their headings. */
    list: text.slice(text.search(/^(?:###|\|) /m)).trimEnd(),
    /** What the row has behind the id. */
    cellsOf(id: string): readonly string[] {
      const cells = rows.get(id);
      if (!cells) throw new Error(`There is no row for ${id} in ${file.pathname}.`);
      return cells;
    },
  };
}
