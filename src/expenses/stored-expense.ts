import { z } from "zod";
import type { Expense, NewExpense } from "./expense.ts";
import { decimalsOnceOf, toDecimal } from "./money.ts";

/**
 * An expense as it lies in the container: its shape, and nothing of what a new one has to be, since
 * currencies and categories come and go. Properties that a query filters on are indexed.
 */
export const storedExpense = z.object({
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
});

export type StoredExpense = z.output<typeof storedExpense>;

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
    date: expense.date,
    minorUnits: expense.minorUnits,
    decimals: expense.decimals,
    currency: expense.currency,
    category: expense.category,
    paymentMethod: expense.paymentMethod,
    description: expense.description,
    createdAt,
    // All parts but the last have one length, so that strings compare as date, time, id would.
    sortKey: `${expense.date}|${createdAt}|${id}`,
    searchText: searchTextOf(expense.description),
  };
}

export function expenseOf(stored: StoredExpense): Expense {
  const { id, date, minorUnits, currency, category, paymentMethod, description, createdAt } =
    stored;
  const decimals = stored.decimals ?? decimalsOnceOf(currency);
  const amount = { minorUnits, decimals, currency };
  return { id, date, ...amount, category, paymentMethod, description, createdAt };
}

/** Whether both tell the same, whenever and under whatever id they were stored. */
export function tellsTheSame(stored: NewExpense, expense: NewExpense): boolean {
  return (
    stored.date === expense.date &&
    toDecimal(stored.minorUnits, stored.decimals) ===
      toDecimal(expense.minorUnits, expense.decimals) &&
    stored.currency === expense.currency &&
    stored.category === expense.category &&
    stored.paymentMethod === expense.paymentMethod &&
    stored.description === expense.description
  );
}

/**
 * Text as it is searched: compatibility forms and case do not matter. Folded here and not by the
 * database, so that every back end finds the same; to upper case, since a lower-case sigma depends on
 * what follows it, and so a part of a text would not be part of the whole.
 */
export function searchTextOf(text: string): string {
  return text.normalize("NFKC").toUpperCase();
}
