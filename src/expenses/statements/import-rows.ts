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
  const left = new Map<string, Candidate[]>();
  for (const { id, ...expense } of stored) {
    const alike = left.get(likeness(expense)) ?? [];
    // Among so many of one day and amount nobody finds out which is which.
    if (alike.length < mostAlike) alike.push({ id, ...wordsIn(expense) });
    left.set(likeness(expense), alike);
  }
  const told = rows.map(({ expense }) => ({
    alike: left.get(likeness(expense)),
    ...wordsIn(expense),
  }));
  const marked = new Map<number, string>();
  // What says exactly the same comes first, or a similar row would take its place.
  for (const isLike of [isSame, isSimilar]) {
    told.forEach(({ alike, ...row }, index) => {
      if (!alike || marked.has(index)) return;
      const place = alike.findIndex((candidate) => isLike(candidate, row));
      const [found] = place === -1 ? [] : alike.splice(place, 1);
      if (found) marked.set(index, found.id);
    });
  }
  return rows.map((row, index) => ({ ...row, storedId: marked.get(index) }));
}

const mostAlike = 100;

interface Words {
  readonly description: string;
  readonly words: ReadonlySet<string>;
}

type Candidate = Words & { readonly id: string };

type Likeness = Pick<NewExpense, "date" | "minorUnits" | "decimals" | "currency" | "isRefund">;

function likeness({ date, minorUnits, decimals, currency, isRefund }: Likeness): string {
  return [date, minorUnits, decimals, currency, isRefund].join(" ");
}

function wordsIn({ description }: Pick<NewExpense, "description">): Words {
  return { description, words: wordsOf(description) };
}

function isSame(one: Words, other: Words): boolean {
  return one.description === other.description;
}

function isSimilar(one: Words, other: Words): boolean {
  return [...other.words].some((word) => one.words.has(word));
}

/** Words of three letters or more; those of a shop are in upper case on a statement. */
function wordsOf(description: string): Set<string> {
  const folded = description.normalize("NFKD").toLowerCase().replace(/\p{M}/gu, "");
  const words = folded.match(/\p{L}{3,}/gu) ?? [];
  // What has no such word is like itself alone.
  return new Set(words.length > 0 ? words : [folded]);
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
