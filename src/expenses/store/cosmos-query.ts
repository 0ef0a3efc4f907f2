import type { JSONValue, SqlQuerySpec } from "@azure/cosmos";
import type { DateRange } from "./store.ts";

/** One condition of a query; whatever comes from outside stands in it as a parameter only. */
export interface Condition {
  /** SQL that speaks of the values by their names. */
  readonly text: string;
  readonly values: Readonly<Record<`@${string}`, JSONValue>>;
}

/**
 * A query over the expenses for which every condition holds. The dialect is the part that Cosmos DB
 * and its emulators have in common: no GROUP BY, no OFFSET, no CONTAINS with three arguments.
 *
 * @param selection what stands between SELECT and FROM
 * @param order what follows ORDER BY
 */
export function expenseQuery(
  selection: string,
  conditions: readonly Condition[],
  order?: string,
): SqlQuerySpec {
  const texts = ["c.type = 'expense'", ...conditions.map(({ text }) => text)];
  const orderBy = order === undefined ? "" : ` ORDER BY ${order}`;
  const values = Object.assign({}, ...conditions.map((condition) => condition.values)) as object;
  return {
    query: `SELECT ${selection} FROM c WHERE ${texts.join(" AND ")}${orderBy}`,
    parameters: Object.entries(values).map(([name, value]) => ({ name, value })),
  };
}

/** The date begins the sort key, so that one index serves order, position and dates. */
export function dateConditions({ from, to }: DateRange): Condition[] {
  const conditions: Condition[] = [];
  if (from !== undefined) {
    conditions.push({ text: "c.sortKey >= @from", values: { "@from": from } });
  }
  if (to !== undefined) {
    conditions.push({ text: "c.sortKey < @dayAfter", values: { "@dayAfter": dayAfter(to) } });
  }
  return conditions;
}

/** @param date `YYYY-MM-DD`, existing */
function dayAfter(date: string): string {
  const day = new Date(`${date}T00:00:00Z`);
  day.setUTCDate(day.getUTCDate() + 1);
  return day.toISOString().slice(0, date.length);
}
