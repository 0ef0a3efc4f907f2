import { failure, type Result, success } from "../../core/result.ts";
import { withPlainLines } from "../../mcp/plain-lines.ts";
import type { StoreFailure } from "../../storage/failure.ts";
import { type Category, categories, type Expense, shownExpense } from "../expense.ts";
import { formatAmount } from "../money.ts";
import type { Position } from "../store/position.ts";
import { type ExpenseStore, largestPage } from "../store/store.ts";
import { csvText, neutralisedText } from "./csv.ts";

/** What `{category}` of a month's URI stands for where all are meant. */
export const allCategories = "all";

/** How many expenses a file has at most. A month of more has parts: `2026-11.1`, `2026-11.2`. */
export const largestPart = 500;

/** A month, or a part of one, in one category or in all. */
export interface MonthFile {
  /** `YYYY-MM`. */
  readonly month: string;
  /** From 1; absent where the month is to be whole. */
  readonly part?: number;
  readonly category?: Category;
}

/** What a month's file has in it, the newest first. */
export interface MonthExpenses {
  readonly expenses: readonly Expense[];
  /** Ids of what is stored among them and cannot be read. */
  readonly unreadable: readonly string[];
}

/** The part of a URI that names a month and perhaps a part; undefined where it is none. */
export function monthFileOf(month: string, category: string): MonthFile | undefined {
  const [, name, part] = /^(20\d\d-(?:0[1-9]|1[0-2]))(?:\.([1-9]\d{0,3}))?$/.exec(month) ?? [];
  const known = categories.find((candidate) => candidate === category);
  if (name === undefined || (known === undefined && category !== allCategories)) return undefined;
  return {
    month: name,
    ...(part !== undefined && { part: Number(part) }),
    ...(known && { category: known }),
  };
}

/** Where a month can be read as a file. */
export function monthUri({ month, part, category }: MonthFile, format: "csv" | "json"): string {
  const name = part === undefined ? month : `${month}.${part}`;
  return `expenses://me/months/${name}/${category ?? allCategories}.${format}`;
}

/** All days of a month. */
export function daysOf(month: string): { readonly from: string; readonly to: string } {
  const [year, number] = month.split("-").map(Number) as [number, number];
  const last = new Date(Date.UTC(year, number, 0)).getUTCDate();
  return { from: `${month}-01`, to: `${month}-${last}` };
}

/**
 * Reads a month, page by page. Request charge: a query for each hundred expenses, those of the parts
 * before included.
 */
export async function readMonth(
  store: ExpenseStore,
  userId: string,
  { month, part, category }: MonthFile,
  signal: AbortSignal,
): Promise<Result<MonthExpenses, StoreFailure | { readonly kind: "too-many" | "no-part" }>> {
  const filters = { ...daysOf(month), ...(category && { categories: [category] }) };
  const start = ((part ?? 1) - 1) * largestPart;
  const end = start + largestPart;
  const wanted: Expense[] = [];
  let passed = 0;
  const unreadable: string[] = [];
  let after: Position | undefined;
  do {
    const page = await store.list(userId, filters, { limit: largestPage, after, signal });
    if (!page.ok) return page;
    const { expenses } = page.value;
    wanted.push(...expenses.slice(Math.max(0, start - passed), Math.max(0, end - passed)));
    passed += expenses.length;
    // What cannot be read is in the first part, wherever it stands.
    if (start === 0) unreadable.push(...page.value.unreadable);
    after = page.value.next;
  } while (after !== undefined && passed <= end);
  if (part === undefined && passed > largestPart) return failure({ kind: "too-many" });
  if (start > 0 && passed <= start) return failure({ kind: "no-part" });
  return success({ expenses: wanted, unreadable });
}

/** Names of the columns of a CSV file. What has them is imported without any argument. */
const columns = [
  "date",
  "amount",
  "currency",
  "category",
  "description",
  "payment_method",
  "is_refund",
  "created_at",
  "id",
] as const;

/** The first line of a CSV file, and the line of each expense. */
export function csvRecords(expenses: readonly Expense[]): string[][] {
  return [[...columns], ...expenses.map(csvRecord)];
}

function csvRecord(expense: Expense): string[] {
  const { date, minorUnits, decimals, currency, isRefund, createdAt, id } = expense;
  return [
    date,
    formatAmount(minorUnits, decimals),
    neutralisedText(currency),
    neutralisedText(expense.category),
    neutralisedText(withPlainLines(expense.description)),
    neutralisedText(expense.paymentMethod),
    String(isRefund),
    createdAt,
    neutralisedText(id),
  ];
}

/** Expenses as a CSV file (RFC 4180). */
export function csvFile({ expenses }: MonthExpenses): string {
  return csvText(csvRecords(expenses));
}

/** Expenses as a JSON file, as the tools show them. */
export function jsonFile({ expenses, unreadable }: MonthExpenses): string {
  return JSON.stringify({
    expenses: withPlainLines(expenses.map(shownExpense)),
    ...(unreadable.length > 0 && { unreadable }),
    free_text: ["description"],
  });
}
