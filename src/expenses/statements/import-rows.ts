import { createHash } from "node:crypto";
import type { Expense, NewExpense } from "../expense.ts";
import type { StatementLine } from "./statement.ts";

/** A line of a statement that can be added. */
export interface ImportRow {
  /** The line of the text, or the number of the row. */
  readonly line: number;
  readonly expense: NewExpense;
  /** Names the line by what it says: adding it twice stores it once. */
  readonly key: string;
  /** The expense that it looks like, which was stored before. */
  readonly storedId?: string | undefined;
  /** The line above that says the same. */
  readonly sameAsLine?: number | undefined;
}

/**
 * Each line with its key: what the statement says of it, and which of the equal ones it is. So three equal
 * coffees stay three, and the same lines in a second try are the same. Category and payment method are no
 * part of it, since they are decided anew in each try.
 */
export function rowsOf(lines: readonly StatementLine[]): ImportRow[] {
  const linesByContent = new Map<string, number[]>();
  return lines.map(({ line, expense }) => {
    const { date, minorUnits, decimals, currency, description, isRefund } = expense;
    const content = JSON.stringify([
      date,
      minorUnits,
      decimals,
      currency,
      description,
      ...(isRefund ? ["refund"] : []),
    ]);
    const equal = linesByContent.get(content) ?? [];
    linesByContent.set(content, [...equal, line]);
    const digest = createHash("sha256").update(content).digest("base64url");
    const [first] = equal;
    const key = `import:${digest}:${equal.length + 1}`;
    return { line, expense, key, ...(first !== undefined && { sameAsLine: first }) };
  });
}

/**
 * The same rows, with the stored expense that each looks like: of the same day, amount and currency, and
 * with a word in common. Each stored expense is like one row alone.
 */
export function withStored(rows: readonly ImportRow[], stored: readonly Expense[]): ImportRow[] {
  const taken = new Set<number>();
  const marked = new Map<number, string>();
  // What says exactly the same comes first, or a similar row would take its place.
  for (const namesOf of [descriptionOf, wordsOf]) {
    const left = placesByName(stored, namesOf);
    rows.forEach(({ expense }, index) => {
      if (marked.has(index)) return;
      const named = left.get(likeness(expense));
      const places = named && namesOf(expense).map((name) => firstLeft(named.get(name), taken));
      const place = Math.min(...(places ?? []));
      const found = stored[place];
      if (!found) return;
      marked.set(index, found.id);
      taken.add(place);
    });
  }
  return rows.map((row, index) => ({ ...row, storedId: marked.get(index) }));
}

/**
 * Where the expenses stand that have a name, such as a word, by their likeness and that name; the first
 * of them last. To compare each row with each expense would hold up everybody else's for seconds.
 */
function placesByName(
  stored: readonly Expense[],
  namesOf: (expense: NewExpense) => readonly string[],
): Map<string, Map<string, number[]>> {
  const places = new Map<string, Map<string, number[]>>();
  for (const [place, expense] of [...stored.entries()].reverse()) {
    const alike = places.get(likeness(expense)) ?? new Map<string, number[]>();
    places.set(likeness(expense), alike);
    for (const name of namesOf(expense)) {
      const same = alike.get(name);
      if (same) same.push(place);
      else alike.set(name, [place]);
    }
  }
  return places;
}

/** Infinity where none is left. What is taken is passed once. */
function firstLeft(places: number[] = [], taken: ReadonlySet<number>): number {
  for (;;) {
    const place = places.at(-1);
    if (place === undefined || !taken.has(place)) return place ?? Number.POSITIVE_INFINITY;
    places.pop();
  }
}

function likeness({ date, minorUnits, decimals, currency, isRefund }: NewExpense): string {
  return [date, minorUnits, decimals, currency, isRefund].join(" ");
}

function descriptionOf({ description }: NewExpense): string[] {
  return [description];
}

/** Words of three letters or more; those of a shop are in upper case on a statement. */
function wordsOf({ description }: NewExpense): string[] {
  const folded = description.normalize("NFKD").toLowerCase().replace(/\p{M}/gu, "");
  const words = folded.match(/\p{L}{3,}/gu) ?? [];
  // What has no such word is like itself alone.
  return words.length > 0 ? [...new Set(words)] : [folded];
}

/** Numbers of lines as a person writes them: `3, 5-9`. */
export function lineRanges(lines: readonly number[], longest = 300): string {
  const ranges: [number, number][] = [];
  for (const line of lines) {
    const last = ranges.at(-1);
    if (last && last[1] === line - 1) last[1] = line;
    else ranges.push([line, line]);
  }
  const text = ranges.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join(", ");
  return text.length <= longest ? text : `${text.slice(0, text.lastIndexOf(",", longest))}, …`;
}
