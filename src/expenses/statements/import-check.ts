import { type Result, success } from "../../core/result.ts";
import type { StoreFailure } from "../../storage/failure.ts";
import type { Expense } from "../expense.ts";
import { formatAmount } from "../money.ts";
import type { Position } from "../store/position.ts";
import { type ExpenseStore, largestPage } from "../store/store.ts";
import { shownSum, sumsOf, sumText } from "../summary/sums.ts";
import { type ImportRow, lineRanges, rowsOf, withStored } from "./import-rows.ts";
import type { ImportOutput } from "./import-shapes.ts";
import type { DeciderName, DoubtfulLine, Statement } from "./statement.ts";

/** How many of a kind an answer shows. */
const examples = 5;
const longestExample = 100;

/** With how many of the stored expenses of those days a statement is compared. */
const largestComparison = 5_000;

export interface CheckedStatement {
  readonly rows: readonly ImportRow[];
  readonly notes: readonly string[];
}

/** Which lines of a statement can be added, each with the stored expense that it looks like. */
export async function checkStatement(
  store: ExpenseStore,
  userId: string,
  { lines, notes }: Statement,
  signal: AbortSignal,
): Promise<Result<CheckedStatement, StoreFailure>> {
  const rows = rowsOf(lines);
  const dates = lines.map(({ expense }) => expense.date).sort();
  const [from, to] = [dates[0], dates.at(-1)];
  if (from === undefined || to === undefined) return success({ rows, notes });
  const stored: Expense[] = [];
  let after: Position | undefined;
  do {
    const page = await store.list(userId, { from, to }, { limit: largestPage, after, signal });
    if (!page.ok) return page;
    stored.push(...page.value.expenses);
    after = page.value.next;
  } while (after !== undefined && stored.length < largestComparison);
  const cut =
    after === undefined
      ? []
      : [
          `Only the newest ${stored.length} expenses of these days were looked at for duplicates; import a shorter time to compare all.`,
        ];
  return success({ rows: withStored(rows, stored), notes: [...notes, ...cut] });
}

/** What the person has to know before anything is stored. */
export function shownCheck(
  { rows, notes }: CheckedStatement,
  inDoubt: readonly DoubtfulLine[],
): Omit<ImportOutput, "state" | "next"> {
  const stored = rows.filter(({ storedId }) => storedId !== undefined);
  const equal = rows.filter(({ sameAsLine }) => sameAsLine !== undefined);
  const decidedBy = new Set(inDoubt.flatMap(deciders));
  const shown = [...stored.slice(0, examples).map(likeText), ...differentDoubts(inDoubt)];
  return {
    count: rows.length,
    sums: sumTexts(rows),
    ...(rows.length > 0 && { first: rows.slice(0, examples).map(rowText) }),
    ...(stored.length > 0 && { stored: linesText(stored) }),
    ...(equal.length > 0 && { equal: linesText(equal) }),
    ...(inDoubt.length > 0 && { in_doubt: linesText(inDoubt) }),
    ...(decidedBy.size > 0 && { decided_by: [...decidedBy] }),
    ...(shown.length > 0 && { examples: shown }),
    ...(notes.length > 0 && { notes: [...notes] }),
  };
}

/** What rows come to, per currency. */
export function sumTexts(rows: readonly ImportRow[]): string[] {
  return sumsOf(rows.map(({ expense }) => expense)).map((sum) => sumText(shownSum(sum)));
}

function linesText(lines: readonly { readonly line: number }[]): string {
  const ranges = lineRanges(lines.map(({ line }) => line));
  return `${lines.length} (${lines.length === 1 ? "line" : "lines"} ${ranges})`;
}

function likeText(row: ImportRow): string {
  return `${rowText(row)}: like the stored expense ${row.storedId}`;
}

function rowText({ line, expense }: ImportRow): string {
  const { date, minorUnits, decimals, currency, category, description, paymentMethod } = expense;
  const amount = `${formatAmount(minorUnits, decimals)} ${currency}`;
  const refund = expense.isRefund ? "refund, " : "";
  return `line ${line}, ${date}: ${amount}, ${excerpt(description)} (${refund}${category}, ${paymentMethod})`;
}

/** All that a line needs to be read. */
function deciders({ decidedBy, alsoDecidedBy = [] }: DoubtfulLine): DeciderName[] {
  return decidedBy === undefined ? [] : [decidedBy, ...alsoDecidedBy];
}

/** One of each problem tells more than five of the same. */
function differentDoubts(inDoubt: readonly DoubtfulLine[]): string[] {
  const kindOf = (line: DoubtfulLine) => [line.problem, ...deciders(line)].join();
  const different = [...Map.groupBy(inDoubt, kindOf).values()];
  return different
    .flatMap(([first]) => first ?? [])
    .slice(0, examples)
    .map((doubtful) => {
      const { line, text, problem } = doubtful;
      const names = deciders(doubtful);
      const decide = names.length === 1 ? "decides" : "decide";
      const end = names.length === 0 ? "" : `; ${names.join(" and ")} ${decide}`;
      return `line ${line}, ${excerpt(text)}: ${problem}${end}`;
    });
}

function excerpt(text: string): string {
  return text.length <= longestExample ? text : `${text.slice(0, longestExample)}…`;
}
