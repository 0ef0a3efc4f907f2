import { parseCsv } from "../../exports/csv.ts";
import { areComplete, readHeadings } from "../../statements/statement-columns.ts";

/** How many rows a statement may have, and how many lines that are no table. */
export const largestRows = 5_000;
export const largestText = 200;

/** A statement as `import_user_expenses` takes it. */
export interface Source {
  readonly given: { readonly rows: readonly object[] } | { readonly text: string };
  /** The numbers that the tool gives its lines. */
  readonly numbers: readonly number[];
  /** What a line says, by its number. */
  lineOf(number: number): string;
}

/** A table whose columns have no names that are known. */
export interface UnnamedTable {
  readonly records: readonly (readonly string[])[];
}

/** What the person can say of a column. */
export const columnRoles = {
  date: "Date",
  description: "Description",
  amount: "Amount",
  debit: "Amount paid",
  credit: "Amount received",
  currency: "Currency",
} as const;

export type ColumnRole = keyof typeof columnRoles;

/** Above the names of the columns some banks write lines about the account. */
const highestHeading = 20;

/** What a file or a pasted text is. */
export function sourceOf(text: string): Source | UnnamedTable {
  const tables = ["\t", ";", ","].map((delimiter) =>
    (parseCsv(text, delimiter) ?? []).map(({ cells }) => cells),
  );
  for (const records of tables) {
    const at = records
      .slice(0, highestHeading)
      .findIndex((cells) => areComplete(headingsOf(cells)));
    const heading = records[at];
    if (heading) return tableSource(records.slice(at + 1), namedColumns(heading));
  }
  // Most columns win: in a table with semicolons some amounts have a comma.
  const [widest] = tables.toSorted((one, other) => widthOf(other) - widthOf(one));
  if (widest && widthOf(widest) >= 3) return { records: widest };
  return textSource(text);
}

/** A table, once the person has said what its columns are. */
export function namedSource(
  { records }: UnnamedTable,
  roles: Partial<Record<ColumnRole, number>>,
): Source {
  return tableSource(records, Object.entries(roles));
}

/** A file's text, in whichever of the usual ways it is encoded. */
export async function textOfFile(file: File): Promise<string> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  const isWide =
    (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
  if (isWide) return new TextDecoder(bytes[0] === 0xff ? "utf-16le" : "utf-16be").decode(bytes);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder("windows-1252").decode(bytes);
  }
}

function headingsOf(cells: readonly string[]) {
  return readHeadings(cells.map((cell, index) => [cell, index] as const));
}

/** The columns that are used, under the names that the statement gives them. */
function namedColumns(heading: readonly string[]): [string, number][] {
  const used = Object.values(headingsOf(heading).columns);
  return used.map((index) => [heading[index] ?? "", index]);
}

function tableSource(
  records: readonly (readonly string[])[],
  columns: readonly (readonly [name: string, index: number])[],
): Source {
  const rows = records.map((cells) =>
    Object.fromEntries(columns.map(([name, index]) => [name, cells[index] ?? ""])),
  );
  return {
    given: { rows },
    numbers: rows.map((_row, index) => index + 1),
    lineOf: (number) =>
      Object.values(rows[number - 1] ?? {})
        .filter((cell) => cell.trim() !== "")
        .join(" · "),
  };
}

function textSource(text: string): Source {
  const lines = text.split(/\r\n|\r|\n/);
  return {
    given: { text },
    numbers: lines.flatMap((line, index) => (line.trim() === "" ? [] : [index + 1])),
    lineOf: (number) => lines[number - 1]?.trim() ?? "",
  };
}

function widthOf(records: readonly (readonly string[])[]): number {
  return Math.min(
    ...records.slice(0, 5).map((cells) => cells.length),
    records.length === 0 ? 0 : 99,
  );
}

/** Which lines `7 (lines 3, 5-9, …)` names, and how many there are: of many it does not name all. */
export function linesIn(text = ""): {
  readonly count: number;
  readonly numbers: readonly number[];
} {
  const [, count = "0", ranges = ""] = /^(\d+) \(lines? (.*)\)$/.exec(text) ?? [];
  const numbers = ranges.split(",").flatMap((range) => {
    const [from = Number.NaN, to = from] = range.trim().split("-").map(Number);
    if (Number.isNaN(from) || Number.isNaN(to)) return [];
    return Array.from({ length: to - from + 1 }, (_, index) => from + index);
  });
  return { count: Number(count), numbers };
}
