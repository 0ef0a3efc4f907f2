import { failure, type Result, success } from "../core/result.ts";
import type { NewExpense } from "./expense.ts";
import { type AmountProblem, decimalsOf, isCurrency, parseAmount, toDecimal } from "./money.ts";

/** What is to become of an expense; what is absent stays. */
export interface ExpenseChanges {
  /** `YYYY-MM-DD`. */
  readonly date?: string | undefined;
  /** A decimal in the currency that the expense has then. */
  readonly amount?: number | undefined;
  /** ISO 4217. The number of the amount stays. */
  readonly currency?: string | undefined;
  readonly category?: string | undefined;
  readonly description?: string | undefined;
  readonly paymentMethod?: string | undefined;
  readonly isRefund?: boolean | undefined;
}

/** What a change can concern. */
const changeableFields = [
  "date",
  "amount",
  "currency",
  "category",
  "description",
  "paymentMethod",
  "isRefund",
  "receipts",
] as const;

export type ChangeableField = (typeof changeableFields)[number];

/** The expense with the changes made; the amount is judged together with the currency. */
export function withChanges(
  expense: NewExpense,
  changes: ExpenseChanges,
): Result<NewExpense, AmountProblem> {
  const { amount, currency = expense.currency, ...others } = changes;
  const { date, category, description, paymentMethod, isRefund } = expense;
  const told = { date, category, description, paymentMethod, isRefund, ...stated(others) };
  if (amount === undefined && currency === expense.currency) {
    const { minorUnits, decimals } = expense;
    return success({ ...told, minorUnits, decimals, currency });
  }
  // One that was withdrawn has the decimals that it had.
  const decimals = isCurrency(currency) ? decimalsOf(currency) : expense.decimals;
  const decimal = amount ?? toDecimal(expense.minorUnits, expense.decimals);
  const minorUnits = parseAmount(decimal, currency, decimals);
  if (!minorUnits.ok) return failure(minorUnits.reason);
  return success({ ...told, minorUnits: minorUnits.value, decimals, currency });
}

/** Which fields differ between two states of one expense. */
export function changedFields(before: NewExpense, after: NewExpense): ChangeableField[] {
  const fields = [
    "date",
    "currency",
    "category",
    "description",
    "paymentMethod",
    "isRefund",
  ] as const;
  const changed: ChangeableField[] = fields.filter((field) => before[field] !== after[field]);
  return isSameAmount(before, after) ? changed : [...changed, "amount"];
}

function isSameAmount(one: NewExpense, other: NewExpense): boolean {
  return toDecimal(one.minorUnits, one.decimals) === toDecimal(other.minorUnits, other.decimals);
}

function stated<Changes extends object>(changes: Changes) {
  return Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined)) as {
    [Name in keyof Changes]?: Exclude<Changes[Name], undefined>;
  };
}
