import { type Result, success } from "../../core/result.ts";
import type { StoreFailure } from "../../storage/failure.ts";
import type { UserItems } from "../../storage/user-items.ts";
import type { ExpenseFilters } from "../expense-filters.ts";
import { decimalsOnceOf } from "../money.ts";
import { filterConditions, orderBy } from "./cosmos-filters.ts";
import { expenseQuery } from "./cosmos-query.ts";
import { type FiguresFound, type FiguresOptions, largestFigures } from "./store.ts";
import { type StoredExpense, storedExpense } from "./stored-expense.ts";

/** What is read of each expense that is added up. */
const storedFigures = storedExpense
  .pick({
    // What a later version means by its fields is not known.
    schemaVersion: true,
    date: true,
    minorUnits: true,
    decimals: true,
    currency: true,
    category: true,
    paymentMethod: true,
    isRefund: true,
  })
  .strip();

/** Figures in one answer of the database. */
const figuresPage = 5_000;

/**
 * What sums are made of, of one person's expenses.
 *
 * Request charge: one query in one partition, which loads little of all that match.
 */
export async function cosmosFigures(
  items: UserItems<StoredExpense>,
  userId: string,
  filters: ExpenseFilters,
  { atMost = largestFigures, signal }: FiguresOptions = {},
): Promise<Result<FiguresFound, StoreFailure>> {
  const properties = Object.keys(storedFigures.shape).map((name) => `c.${name}`);
  const query = expenseQuery(
    `TOP ${atMost + 1} ${properties.join(", ")}`,
    filterConditions(userId, filters),
    orderBy("date"),
  );
  const options = { maxItemCount: figuresPage, signal };
  const found = await items.select(userId, query, storedFigures, options);
  if (!found.ok) return found;
  const counted = found.value.slice(0, atMost);
  const figures = counted.flatMap((stored) => {
    if (!stored) return [];
    const { schemaVersion: _known, isRefund = false, ...figure } = stored;
    return [{ ...figure, decimals: stored.decimals ?? decimalsOnceOf(stored.currency), isRefund }];
  });
  const lastDay = figures.at(-1)?.date;
  return success({
    figures,
    unreadable: counted.length - figures.length,
    ...(found.value.length > atMost && lastDay !== undefined && { cutAt: lastDay }),
  });
}
