import type { ExpenseFilters } from "../expense-filters.ts";
import { currenciesByDecimals, minorUnitsOf } from "../money.ts";
import { type Condition, dateConditions } from "./cosmos-query.ts";
import { type ExpenseOrder, type Position, sortKeyAt } from "./position.ts";
import { searchTextOf } from "./stored-expense.ts";

/** What is stated of one person's expenses, and of their place behind a position. */
export function filterConditions(
  userId: string,
  filters: ExpenseFilters,
  after?: Position,
): Condition[] {
  const { categories, paymentMethods, currency, amountFrom, amountTo, text = "" } = filters;
  const stated: Condition[] = [
    { text: "c.userId = @userId", values: { "@userId": userId } },
    ...dateConditions(filters),
  ];
  if (categories) stated.push(isAnyOf("category", categories));
  if (paymentMethods) stated.push(isAnyOf("paymentMethod", paymentMethods));
  if (currency !== undefined) {
    stated.push({ text: "c.currency = @currency", values: { "@currency": currency } });
  }
  if (amountFrom !== undefined) stated.push(anyOf(amountConditions(">=", amountFrom, "atLeast")));
  if (amountTo !== undefined) stated.push(anyOf(amountConditions("<=", amountTo, "atMost")));
  const words = new Set(text.split(" ").filter((word) => word !== ""));
  stated.push(...[...words].map((word, index) => wordCondition(word, index)));
  if (after !== undefined) stated.push(behind(after));
  return stated;
}

/** What orders a list; those with two keys have a composite index in `domain.ts`. */
export function orderBy(order: ExpenseOrder): string {
  return [...firstKey(order), "c.sortKey"].map((key) => `${key} DESC`).join(", ");
}

function firstKey(order: ExpenseOrder): string[] {
  if (order === "date") return [];
  return [order === "amount" ? "c.minorUnits" : "c.createdAt"];
}

/** The first comparison alone lets the index seek. */
function behind(position: Position): Condition {
  const [key] = firstKey(position.order);
  const sortKey = sortKeyAt(position);
  if (key === undefined) return { text: "c.sortKey < @after", values: { "@after": sortKey } };
  const first =
    position.order === "amount"
      ? (position.minorUnits ?? 0)
      : new Date(position.createdAt).toISOString();
  return {
    text: `${key} <= @first AND (${key} < @first OR c.sortKey < @after)`,
    values: { "@first": first, "@after": sortKey },
  };
}

function isAnyOf(property: string, allowed: readonly string[]): Condition {
  const values = Object.fromEntries(
    allowed.map((value, index) => [`@${property}${index}`, value] as const),
  );
  return { text: `c.${property} IN (${Object.keys(values).join(", ")})`, values };
}

/** A word is part of the description or, if it is a number, the amount. */
function wordCondition(word: string, index: number): Condition {
  const name = `@word${index}` as const;
  const isPart: Condition = {
    text: `CONTAINS(c.searchText, ${name})`,
    values: { [name]: searchTextOf(word) },
  };
  const [, whole, fraction = "0"] =
    /^\p{Sc}?(\d{1,12})(?:[.,](\d{1,4}))?\p{Sc}?$/u.exec(word) ?? [];
  if (whole === undefined) return isPart;
  return anyOf([isPart, ...amountConditions("=", Number(`${whole}.${fraction}`), `word${index}`)]);
}

/**
 * Compares amounts as decimals: 2.5 is 250 hundredths and 2500 thousandths. What was stored without
 * decimals has those of its currency. One of the conditions has to hold.
 */
function amountConditions(
  sign: "=" | ">=" | "<=",
  amount: number,
  valueName: string,
): readonly Condition[] {
  return [...currenciesByDecimals].flatMap(([decimals, currencies]) => {
    const minorUnits = minorUnitsOf(amount, decimals, sign);
    if (minorUnits === undefined) return [];
    const [name, listName] = [`@${valueName}In${decimals}`, `@currencies${decimals}`] as const;
    const compared = `c.minorUnits ${sign} ${name}`;
    const isListed = `ARRAY_CONTAINS(${listName}, c.currency)`;
    // Currencies that are no longer known had two decimals.
    const [isOfOld, listed] =
      decimals === 2 ? [`NOT ${isListed}`, notOfTwoDecimals] : [isListed, currencies];
    const values = { [name]: minorUnits };
    return [
      { text: `c.decimals = ${decimals} AND ${compared}`, values },
      {
        text: `NOT IS_DEFINED(c.decimals) AND ${isOfOld} AND ${compared}`,
        values: { ...values, [listName]: [...listed] },
      },
    ];
  });
}

const notOfTwoDecimals = [...currenciesByDecimals].flatMap(([decimals, currencies]) =>
  decimals === 2 ? [] : currencies,
);

/** Parentheses around alternatives alone: an emulator takes exponentially long for nested ones. */
function anyOf(conditions: readonly Condition[]): Condition {
  return {
    text: `(${conditions.map(({ text }) => text).join(" OR ")})`,
    values: Object.assign({}, ...conditions.map(({ values }) => values)) as Condition["values"],
  };
}
