import { z } from "zod";
import { type Expense, type NewExpense, storedFields } from "./expense.ts";

/** An expense as it lies in the container. Properties that a query filters on are indexed. */
export const storedExpense = z.object({
  ...storedFields,
  id: z.string(),
  /** Partition key. */
  userId: z.string(),
  type: z.literal("expense"),
  schemaVersion: z.literal(1),
  minorUnits: z.int().positive(),
  createdAt: z.iso.datetime({ precision: 3 }),
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
  return { id, date, minorUnits, currency, category, paymentMethod, description, createdAt };
}

/** Whether both tell the same, whenever and under whatever id they were stored. */
export function tellsTheSame(stored: NewExpense, expense: NewExpense): boolean {
  return (
    stored.date === expense.date &&
    stored.minorUnits === expense.minorUnits &&
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
