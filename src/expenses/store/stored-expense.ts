import { createHash, randomBytes } from "node:crypto";
import { z } from "zod";
import type { Expense, NewExpense } from "../expense.ts";
import { type ChangeableField, changedFields } from "../expense-changes.ts";
import { decimalsOnceOf, toDecimal } from "../money.ts";

const storedReceipt = z.object({
  id: z.string(),
  mediaType: z.string(),
  bytes: z.int().nonnegative(),
  name: z.string().optional(),
  addedAt: z.string(),
});

/** One change of an expense, kept so that a repetition is recognised and a lost update explained. */
const storedChange = z.object({
  /** The version that was changed. */
  from: z.string(),
  fields: z.array(z.string()),
  /** Of what was asked for. */
  request: z.string(),
});

/**
 * An expense as it lies in the container: its shape, and nothing of what a new one has to be, since
 * currencies and categories come and go. Properties that a query filters on are indexed. What another
 * version of the server has written beside is kept: instances of both may be running.
 */
export const storedExpense = z.looseObject({
  id: z.string(),
  /** Partition key. */
  userId: z.string(),
  type: z.literal("expense"),
  schemaVersion: z.literal(1),
  date: z.string(),
  minorUnits: z.int().positive(),
  /** Kept with the amount, since a currency may change or lose its decimals; at first it was not. */
  decimals: z.int().min(0).max(6).optional(),
  currency: z.string(),
  category: z.string(),
  paymentMethod: z.string(),
  description: z.string(),
  createdAt: z.string(),
  /** Orders the expenses of one person totally, and holds a page's position. */
  sortKey: z.string(),
  /** What the text filter looks into. */
  searchText: z.string(),
  isRefund: z.boolean().optional(),
  /** Another random text after each write. At first there was none, and no change either. */
  version: z.string().optional(),
  receipts: z.array(storedReceipt).optional(),
  /** The latest changes, oldest first. */
  changes: z.array(storedChange).optional(),
  /** Of what it was when it was added, where it has been changed since. */
  addedDigest: z.string().optional(),
});

export type StoredExpense = z.output<typeof storedExpense>;
export type StoredChange = z.output<typeof storedChange>;

/** How many changes an expense remembers. */
const keptChanges = 10;

/** @param now milliseconds since the epoch */
export function storedFrom(
  userId: string,
  id: string,
  expense: NewExpense,
  now: number,
): StoredExpense {
  const createdAt = new Date(now).toISOString();
  return {
    id,
    userId,
    type: "expense",
    schemaVersion: 1,
    ...toldProperties(id, createdAt, expense),
    createdAt,
    version: newVersion(),
  };
}

/** The stored expense with what is told of it replaced, under a new version. */
export function storedWith(
  stored: StoredExpense,
  expense: NewExpense,
  change: StoredChange,
  version: string,
): StoredExpense {
  const { isRefund: _replaced, ...kept } = stored;
  return {
    ...kept,
    ...toldProperties(stored.id, stored.createdAt, expense),
    ...changeProperties(stored, change, version),
  };
}

/** The stored expense with other receipts, under a new version. */
export function storedWithReceipts(
  stored: StoredExpense,
  receipts: Expense["receipts"],
  change: StoredChange,
  version: string,
): StoredExpense {
  return { ...stored, receipts: [...receipts], ...changeProperties(stored, change, version) };
}

export function expenseOf(stored: StoredExpense): Expense {
  const { id, date, minorUnits, currency, category, paymentMethod, description } = stored;
  const { createdAt, isRefund = false, receipts = [] } = stored;
  const decimals = stored.decimals ?? decimalsOnceOf(currency);
  const told = { date, minorUnits, decimals, currency, category, paymentMethod, description };
  return { id, ...told, isRefund, createdAt, version: versionOf(stored), receipts };
}

/** The first versions of the server wrote none, and never changed an expense: its content names it. */
export function versionOf(stored: StoredExpense): string {
  if (stored.version !== undefined) return stored.version;
  const { id, createdAt, date, minorUnits, currency, category, paymentMethod, description } =
    stored;
  return digest([
    ...[id, createdAt, date, minorUnits, stored.decimals ?? null],
    ...[currency, category, paymentMethod, description],
  ]).slice(0, versionLength);
}

/** Random, so that no state of an expense that is deleted and added again is taken for an earlier one. */
export function newVersion(): string {
  return randomBytes(9).toString("base64url");
}

/** Whether both tell the same, whenever and under whatever id they were stored. */
export function tellsTheSame(stored: NewExpense, expense: NewExpense): boolean {
  return changedFields(stored, expense).length === 0;
}

/** Whether the stored expense, which has been changed since, was added as `expense`. */
export function wasAddedAs(stored: StoredExpense, expense: NewExpense): boolean {
  return stored.addedDigest === digestOf(expense);
}

/** Names a request in little space. */
export function digest(content: unknown): string {
  return createHash("sha256").update(JSON.stringify(content)).digest("base64url").slice(0, 16);
}

/**
 * Text as it is searched: compatibility forms and case do not matter. Folded here and not by the
 * database, so that every back end finds the same; to upper case, since a lower-case sigma depends on
 * what follows it, and so a part of a text would not be part of the whole.
 */
export function searchTextOf(text: string): string {
  return text.normalize("NFKC").toUpperCase();
}

const versionLength = 12;

function toldProperties(id: string, createdAt: string, expense: NewExpense) {
  return {
    date: expense.date,
    minorUnits: expense.minorUnits,
    decimals: expense.decimals,
    currency: expense.currency,
    category: expense.category,
    paymentMethod: expense.paymentMethod,
    description: expense.description,
    // All parts but the last have one length, so that strings compare as date, time, id would.
    sortKey: `${expense.date}|${createdAt}|${id}`,
    searchText: searchTextOf(expense.description),
    ...(expense.isRefund && { isRefund: true }),
  };
}

function changeProperties(stored: StoredExpense, change: StoredChange, version: string) {
  return {
    version,
    changes: [...(stored.changes ?? []), change].slice(-keptChanges),
    addedDigest: stored.addedDigest ?? digestOf(expenseOf(stored)),
  };
}

/** The same for amounts that are written with different decimals. */
function digestOf(expense: NewExpense): string {
  const { date, minorUnits, decimals, currency, category, paymentMethod, description } = expense;
  const amount = toDecimal(minorUnits, decimals);
  return digest([date, amount, currency, category, paymentMethod, description, expense.isRefund]);
}

export function changeOf(
  stored: StoredExpense,
  fields: readonly ChangeableField[],
  request: unknown,
): StoredChange {
  return { from: versionOf(stored), fields: [...fields], request: digest(request) };
}
