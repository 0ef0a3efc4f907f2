import type { SqlQuerySpec } from "@azure/cosmos";
import { failure, type Result, success } from "../core/result.ts";
import { callCosmos } from "../storage/cosmos.ts";
import type { StoreFailure } from "../storage/failure.ts";
import type { OpenContainer } from "../storage/user-items.ts";
import { type Condition, dateConditions, expenseQuery } from "./cosmos-query.ts";
import { type Category, categories } from "./expense.ts";
import type { CurrencyStatistics, DateRange, Sum } from "./store.ts";

/**
 * What everyone spent, in the only queries of this server that cross partitions. They read the index
 * alone and no expense, and let out nothing but sums.
 *
 * Across partitions Cosmos DB takes one aggregate per query, and there is no GROUP BY that its
 * emulators know: hence one COUNT for every currency in use and category, and one SUM where there is
 * anything to add. The categories of one currency are asked for together, currencies one after the
 * other. Request charge: per query a fixed part for each physical partition, and a part that grows
 * with the index entries that match. What is added meanwhile may be counted in part.
 */
export async function cosmosStatistics(
  open: OpenContainer,
  range: DateRange,
  signal?: AbortSignal,
): Promise<Result<readonly CurrencyStatistics[], StoreFailure>> {
  const ask = (query: SqlQuerySpec) => singleValue(open, query, signal);
  const statistics: CurrencyStatistics[] = [];

  for (let currency = ""; ; ) {
    const next = await ask(nextCurrency(currency));
    if (!next.ok) return next;
    if (typeof next.value !== "string") return success(statistics);
    currency = next.value;

    const inCurrency = [...dateConditions(range), equal("currency", currency)];
    const sums = await Promise.all(
      categories.map(async (category) => {
        const sum = await sumOf(ask, [...inCurrency, equal("category", category)]);
        return sum.ok ? success({ category, ...sum.value }) : sum;
      }),
    );
    const found: (Sum & { readonly category: Category })[] = [];
    for (const sum of sums) {
      if (!sum.ok) return sum;
      if (sum.value.count > 0) found.push(sum.value);
    }
    if (found.length === 0) continue;
    statistics.push({
      currency,
      count: found.reduce((total, { count }) => total + count, 0),
      minorUnits: found.reduce((total, { minorUnits }) => total + minorUnits, 0),
      categories: found,
    });
  }
}

type Ask = (query: SqlQuerySpec) => Promise<Result<unknown, StoreFailure>>;

/** Counts first: over nothing at all there is no sum, and only then is there none. */
async function sumOf(
  ask: Ask,
  conditions: readonly Condition[],
): Promise<Result<Sum, StoreFailure>> {
  const count = await ask(expenseQuery("VALUE COUNT(1)", conditions));
  if (!count.ok) return count;
  if (count.value === 0) return success({ count: 0, minorUnits: 0 });

  const minorUnits = await ask(expenseQuery("VALUE SUM(c.minorUnits)", conditions));
  if (!minorUnits.ok) return minorUnits;
  if (typeof count.value !== "number" || typeof minorUnits.value !== "number") {
    return failure({ kind: "unavailable", cause: "an aggregate came back without a number" });
  }
  return success({ count: count.value, minorUnits: minorUnits.value });
}

/** Skips from each currency in use to the next in one seek of the index. */
function nextCurrency(last: string): SqlQuerySpec {
  const above: Condition = { text: "c.currency > @last", name: "@last", value: last };
  return expenseQuery("TOP 1 VALUE c.currency", [above], "c.currency");
}

function equal(property: "currency" | "category", value: string): Condition {
  return { text: `c.${property} = @${property}`, name: `@${property}`, value };
}

/** The one value that a query over all partitions gives, if any. */
async function singleValue(
  open: OpenContainer,
  query: SqlQuerySpec,
  signal: AbortSignal | undefined,
): Promise<Result<unknown, StoreFailure>> {
  const response = await callCosmos(async () => {
    const { items } = await open();
    return items.query<unknown>(query, { abortSignal: signal }).fetchAll();
  }, signal);
  return response.ok ? success(response.value.resources[0]) : response;
}
