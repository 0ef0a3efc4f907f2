import type { z } from "zod";
import { type Result, success } from "../../core/result.ts";
import { callCosmos } from "../../storage/cosmos.ts";
import type { StoreFailure } from "../../storage/failure.ts";
import type { OpenContainer } from "../../storage/user-items.ts";
import { decimalsOnceOf } from "../money.ts";
import { type Summand, sumsOf } from "../summary/sums.ts";
import { dateConditions, expenseQuery } from "./cosmos-query.ts";
import {
  type CurrencyStatistics,
  type DateRange,
  largestCount,
  type Statistics,
  type StatisticsOptions,
} from "./store.ts";
import { storedExpense } from "./stored-expense.ts";

/** What is read of each expense. */
const counted = storedExpense
  .pick({
    date: true,
    currency: true,
    category: true,
    minorUnits: true,
    decimals: true,
    isRefund: true,
  })
  .strip();

/** Expenses in one answer of the database. */
const pageSize = 1_000;

/**
 * What everyone spent, in the only query of this server that crosses partitions. It lets out nothing
 * but sums.
 *
 * Request charge: one query, which loads {@link largestCount} expenses at most, the newest first, in
 * pages. The sums are made here and not by the database, which adds in double precision, and whose
 * aggregates are no cheaper: docs/decisions/statistics-by-counting.md.
 */
export async function cosmosStatistics(
  open: OpenContainer,
  range: DateRange,
  { atMost = largestCount, signal }: StatisticsOptions,
): Promise<Result<Statistics, StoreFailure>> {
  const properties = Object.keys(counted.shape).map((name) => `c.${name}`);
  const query = expenseQuery(
    `TOP ${atMost + 1} ${properties.join(", ")}`,
    dateConditions(range),
    "c.sortKey DESC",
  );
  const pages = await callCosmos(async () => {
    const { items } = await open();
    return items.query<unknown>(query, { maxItemCount: pageSize, abortSignal: signal });
  }, signal);
  if (!pages.ok) return pages;

  const parts = new Map<string, Part>();
  let read = 0;
  let unreadable = 0;
  let lastDay = "an unknown day";
  while (pages.value.hasMoreResults()) {
    const page = await callCosmos(() => pages.value.fetchNext(), signal);
    if (!page.ok) return page;
    for (const stored of page.value.resources ?? []) {
      read += 1;
      if (read > atMost) break;
      const expense = counted.safeParse(stored);
      if (expense.success) {
        add(expense.data, parts);
        lastDay = expense.data.date;
      } else unreadable += 1;
    }
  }
  return success({
    currencies: statisticsOf([...parts.values()]),
    unreadable,
    ...(read > atMost && { countedBackTo: lastDay }),
  });
}

/** Expenses of one category that can be added up as they are. */
type Part = Required<Summand> & { readonly category: string; readonly minorUnits: bigint };

function add(expense: z.output<typeof counted>, parts: Map<string, Part>): void {
  const { currency, category, minorUnits, isRefund = false } = expense;
  const { decimals = decimalsOnceOf(currency) } = expense;
  const key = JSON.stringify([currency, category, decimals, isRefund]);
  const { count, minorUnits: sum } = parts.get(key) ?? { count: 0, minorUnits: 0n };
  const added = { count: count + 1, minorUnits: sum + BigInt(minorUnits) };
  parts.set(key, { currency, category, decimals, isRefund, ...added });
}

function statisticsOf(parts: readonly Part[]): CurrencyStatistics[] {
  const categories = [...Map.groupBy(parts, ({ category }) => category)]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .flatMap(([category, same]) => sumsOf(same).map((sum) => ({ category, ...sum })));
  return sumsOf(parts).map((sum) => ({
    ...sum,
    categories: categories.filter(({ currency }) => currency === sum.currency),
  }));
}
