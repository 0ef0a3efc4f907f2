import { type CsvRecord, parseCsv, restoredText } from "../exports/csv.ts";
import { isCurrency } from "../money.ts";
import { readAmount, trailingAmount } from "./statement-amount.ts";
import {
  areComplete,
  areOurs,
  type Columns,
  type Role,
  readHeadings,
} from "./statement-columns.ts";
import { leadingDate, readDate } from "./statement-date.ts";

/** One line of a statement, taken apart but not understood. */
export interface RawLine {
  /** From 1: the line of a text, or the number of a row. */
  readonly line: number;
  /** As it was given, for a person to recognise. */
  readonly text: string;
  /** What each column says, where there is one; a problem where the line cannot be taken apart. */
  readonly cells: Readonly<Partial<Record<Role, unknown>>> | { readonly problem: string };
}

export interface StatementTable {
  readonly lines: readonly RawLine[];
  /** It is written as this server exports: dates as YYYY-MM-DD, amounts with a decimal point. */
  readonly isOurs: boolean;
  /** What was left unread, in words. */
  readonly notes: readonly string[];
}

/** A row as programs have it: the name of each column with what it says. */
export type StatementRow = Readonly<Record<string, unknown>>;

/**
 * Rows whose members are named as a statement's columns are. Where the amount is text, the row was a line
 * of CSV, which may have an apostrophe in front of its texts; where it is a number, texts are as they are.
 */
export function tableOfRows(rows: readonly StatementRow[]): StatementTable {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const headings = readHeadings(names.map((name) => [name, name] as const));
  const { amount } = headings.columns;
  const problem = "its columns are not known; name them date, description and amount";
  return {
    lines: rows.map((row, index) => {
      const isOfCsv = amount === undefined || typeof row[amount] !== "number";
      const cell = (name: string) => (isOfCsv ? restored(row[name]) : row[name]);
      return {
        line: index + 1,
        text: Object.values(row).filter(isPlain).join(" "),
        cells: areComplete(headings) ? cellsBy(headings.columns, cell) : { problem },
      };
    }),
    isOurs: areOurs(names),
    notes: unusedNote(headings.unused),
  };
}

function restored(cell: unknown): unknown {
  return typeof cell === "string" ? restoredText(cell) : cell;
}

/** Pasted text: a table with commas, semicolons or tabs, or lines of a date, words and an amount. */
export function tableOfText(text: string): StatementTable {
  for (const delimiter of ["\t", ";", ","]) {
    const records = parseCsv(text, delimiter);
    const table = records && tableOfRecords(records, delimiter);
    if (table) return table;
  }
  const lines = text
    .split(/\r\n|\r|\n/)
    .map((line, index) => ({ line: index + 1, text: line.trim() }));
  return {
    lines: lines
      .filter((line) => line.text !== "")
      .map((line) => ({ ...line, cells: cellsOfLine(line.text) })),
    isOurs: false,
    notes: [],
  };
}

/** Banks write some lines about the account above the columns' names. */
const highestHeading = 20;

function tableOfRecords(
  records: readonly CsvRecord[],
  delimiter: string,
): StatementTable | undefined {
  const above = records
    .slice(0, highestHeading)
    .findIndex(({ cells }) => areComplete(readHeadings(numbered(cells))));
  const heading = records[above];
  if (!heading) return tableWithoutHeading(records, delimiter);
  const { columns, unused } = readHeadings(numbered(heading.cells));
  const width = heading.cells.length;
  const linesAbove =
    above > 0 ? [`The lines above the columns' names (line ${heading.line}) were not read.`] : [];
  return {
    lines: records.slice(above + 1).map((record) => rawLine(record, delimiter, columns, width)),
    isOurs: areOurs(heading.cells.map((cell) => cell.trim())),
    notes: [...linesAbove, ...unusedNote(unused)],
  };
}

/** Without names, the one cell that is a date, the one that is an amount, and the one that is neither. */
function tableWithoutHeading(
  records: readonly CsvRecord[],
  delimiter: string,
): StatementTable | undefined {
  const [first] = records;
  if (!first || first.cells.length < 3) return undefined;
  const kinds = first.cells.map(kindOfCell);
  if (!kinds.includes("date") || !kinds.includes("amount")) return undefined;
  const problem =
    "it is not clear which column is which; put a line of names above, such as date, description, amount";
  const columns: Columns<number> = {};
  let isClear = true;
  kinds.forEach((kind, index) => {
    if (kind === undefined) return;
    isClear &&= columns[kind] === undefined;
    columns[kind] = index;
  });
  isClear &&= columns.description !== undefined;
  const width = first.cells.length;
  return {
    lines: records.map((record) => {
      const line = rawLine(record, delimiter, columns, width);
      return isClear ? line : { ...line, cells: { problem } };
    }),
    isOurs: false,
    notes: [],
  };
}

function kindOfCell(cell: string): Role | undefined {
  if (cell.trim() === "") return undefined;
  if (readDate(cell).kind !== "none") return "date";
  if (readAmount(cell).kind !== "none") return "amount";
  return /^[A-Z]{3}$/.test(cell.trim()) ? "currency" : "description";
}

function rawLine(
  { line, cells }: CsvRecord,
  delimiter: string,
  columns: Columns<number>,
  width: number,
): RawLine {
  const shown = delimiter === "\t" ? " " : delimiter;
  // Some banks end each line with a delimiter, and some leave empty cells out at its end.
  const isTooLong = cells.slice(width).some((cell) => cell.trim() !== "");
  const problem = `has ${cells.length} cells where ${width} are expected; quote a cell that has a ${delimiter === "\t" ? "tab" : delimiter} in it`;
  return {
    line,
    text: cells.join(shown),
    cells: isTooLong ? { problem } : cellsBy(columns, (index) => restored(cells[index])),
  };
}

/** In characters: the longest description, a date and an amount. */
const longestLine = 600;

function cellsOfLine(given: string): RawLine["cells"] {
  if (given.length > longestLine) return { problem: `has more than ${longestLine} characters` };
  const line = given.replace(/\s+/g, " ");
  const problem = "is not a date, a description and an amount, in this order";
  const [, date, rest] = leadingDate.exec(line) ?? [];
  const [, description = "", amount = ""] =
    trailingAmount.exec(` ${rest?.replace(/^[ ,;:]+/, "") ?? ""}`) ?? [];
  if (!date || description.trim() === "") return { problem };
  const [, word, behind] = /^([A-Z]{3}) (.*)$/.exec(amount) ?? [];
  if (word !== undefined && behind !== undefined && !isCurrency(word)) {
    return { date, description: `${description} ${word}`, amount: behind };
  }
  // `Route 66 150.00`: the number of a road, or the thousands of an amount.
  if (/(?:^|\s)\d{1,3}$/.test(description) && /^\W*\d{3}(?!\d)/.test(amount)) {
    return { problem: "may have a space within its amount; write the amount without spaces" };
  }
  return { date, description, amount };
}

function cellsBy<Name>(
  columns: Columns<Name>,
  cell: (name: Name) => unknown,
): Partial<Record<Role, unknown>> {
  const entries = Object.entries(columns) as [Role, Name][];
  return Object.fromEntries(entries.map(([role, name]) => [role, cell(name)]));
}

function numbered(cells: readonly string[]): [string, number][] {
  return cells.map((cell, index) => [cell, index]);
}

function unusedNote(unused: readonly string[]): string[] {
  const names = unused
    .map((name) => name.trim())
    .filter((name) => name !== "" && !ownExtras.has(name));
  if (names.length === 0) return [];
  const shown = names.slice(0, 10).map((name) => JSON.stringify(name.slice(0, 40)));
  return [`Columns that were not used: ${shown.join(", ")}.`];
}

/** What our own export has beside what an expense says. */
const ownExtras = new Set(["id", "created_at", "version", "receipts"]);

function isPlain(value: unknown): boolean {
  return typeof value === "string" || typeof value === "number";
}
