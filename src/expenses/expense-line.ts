import type { z } from "zod";
import type { shownExpenseFields } from "./expense.ts";
import { formatDecimal } from "./money.ts";

type ShownExpense = z.output<z.ZodObject<typeof shownExpenseFields>>;

/** An expense as a person would read it, on one line. */
export function expenseLine(expense: ShownExpense): string {
  const { date, amount, currency, description, category, payment_method, id } = expense;
  return `${date}: ${formatDecimal(amount, currency)}, ${description} (${category}, ${payment_method}, id ${id})`;
}
