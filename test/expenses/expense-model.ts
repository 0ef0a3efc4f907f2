import type { Expense, NewExpense } from "../../src/expenses/expense.ts";
import type { ExpenseFilters } from "../../src/expenses/expense-filters.ts";
import type { ExpenseOrder } from "../../src/expenses/store/position.ts";

export const lunch: NewExpense = {
  date: "2026-11-20",
  minorUnits: 1250,
  decimals: 2,
  currency: "USD",
  category: "food",
  description: "Lunch",
  paymentMethod: "visa",
  isRefund: false,
};

/** An item as the server's first version wrote it, to the letter. */
export function firstVersionsItem(
  userId: string,
  id: string,
  { isRefund: _unknown, ...expense }: NewExpense,
  now: number,
) {
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
    sortKey: `${expense.date}|${createdAt}|${id}`,
    searchText: expense.description.normalize("NFKC").toUpperCase(),
  };
}

/** What a list has to have, by the plainest means. */
export function listed(
  expenses: readonly Expense[],
  filters: ExpenseFilters,
  order: ExpenseOrder,
): Expense[] {
  const key = (expense: Expense) => `${expense.date}|${expense.createdAt}|${expense.id}`;
  const first = (expense: Expense) => {
    if (order === "date") return 0;
    return order === "amount" ? expense.minorUnits : Date.parse(expense.createdAt);
  };
  return expenses
    .filter((expense) => matches(expense, filters))
    .sort((one, other) => first(other) - first(one) || (key(one) < key(other) ? 1 : -1));
}

export function matches(expense: Expense, filters: ExpenseFilters): boolean {
  const { from = "0000", to = "9999", categories, paymentMethods, currency } = filters;
  const { amountFrom = 0, amountTo = Number.POSITIVE_INFINITY, text = "" } = filters;
  const amount = expense.minorUnits / 10 ** expense.decimals;
  return (
    expense.date >= from &&
    expense.date <= to &&
    (!categories || categories.some((category) => category === expense.category)) &&
    (!paymentMethods || paymentMethods.some((method) => method === expense.paymentMethod)) &&
    (currency === undefined || expense.currency === currency) &&
    amount >= amountFrom &&
    amount <= amountTo &&
    text
      .split(" ")
      .every(
        (word) =>
          expense.description.toLowerCase().includes(word.toLowerCase()) ||
          (/^[\d.]+$/.test(word) && amount === Number(word)),
      )
  );
}
