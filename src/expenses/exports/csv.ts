/** One record of a CSV text. */
export interface CsvRecord {
  /** The line of the text that it begins on, from 1. */
  readonly line: number;
  readonly cells: readonly string[];
}

/**
 * The records of a CSV text (RFC 4180): cells may be quoted, quotes in them doubled, and a quoted cell
 * may go over several lines. A quote within an unquoted cell stands for itself. Blank lines are no
 * records. Undefined where a quoted cell never ends.
 *
 * @param delimiter one character, such as a comma, a semicolon or a tab
 */
export function parseCsv(text: string, delimiter: string): CsvRecord[] | undefined {
  const records: CsvRecord[] = [];
  let line = 1;
  let start = { line, cells: [] as string[] };
  let position = text.startsWith("\ufeff") ? 1 : 0;
  while (position <= text.length) {
    let cell = "";
    if (text[position] === '"') {
      let end = text.indexOf('"', position + 1);
      while (end !== -1 && text[end + 1] === '"') end = text.indexOf('"', end + 2);
      if (end === -1) return undefined;
      cell = text.slice(position + 1, end).replaceAll('""', '"');
      line += cell.split(/\r\n|\r|\n/).length - 1;
      position = end + 1;
    }
    const rest = position;
    while (position < text.length && text[position] !== delimiter && !isBreak(text[position])) {
      position += 1;
    }
    start.cells.push(cell + text.slice(rest, position));
    if (text[position] === delimiter) {
      position += 1;
      continue;
    }
    if (start.cells.some((value) => value.trim() !== "")) records.push(start);
    position += text.startsWith("\r\n", position) ? 2 : 1;
    line += 1;
    start = { line, cells: [] };
  }
  return records;
}

function isBreak(character: string | undefined): boolean {
  return character === "\n" || character === "\r";
}

/** Cells as CSV (RFC 4180), each record ended by CR LF. Numbers are written as they are. */
export function csvText(records: readonly (readonly (string | number)[])[]): string {
  return records.map((cells) => `${cells.map(csvCell).join(",")}\r\n`).join("");
}

function csvCell(cell: string | number): string {
  const text = String(cell);
  return /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/**
 * What begins a formula for a spreadsheet, the wide forms of its signs included: at the start of a text,
 * and behind a semicolon too, at which spreadsheets of many languages divide the lines of a file with
 * commas, whatever is quoted in them.
 *
 * @see https://owasp.org/www-community/attacks/CSV_Injection
 */
const mayBeFormula = /(^|;[\p{Zs}"]*)('*[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20])/gu;
const neutralised = /(^|;[\p{Zs}"]*)'('*[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20])/gu;

/**
 * A text that no spreadsheet takes for a formula: what could be one gets an apostrophe in front. For
 * text cells alone, never for numbers. {@link restoredText} gives back exactly what it was.
 */
export function neutralisedText(text: string): string {
  return text.replaceAll(mayBeFormula, "$1'$2");
}

/** The text that {@link neutralisedText} was given. */
export function restoredText(text: string): string {
  return text.replaceAll(neutralised, "$1$2");
}
