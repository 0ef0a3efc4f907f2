import { z } from "zod";
import { failure, type Result, success } from "../core/result.ts";
import { calendarDate, decimal, singleLine } from "../mcp/fields.ts";
import {
  type AmountProblem,
  decimalsOf,
  formatDecimal,
  isCurrency,
  parseAmount,
  toDecimal,
} from "./money.ts";

export const categories = [
  "food",
  "transport",
  "entertainment",
  "shopping",
  "gadget",
  "other",
] as const;

export type Category = (typeof categories)[number];

export const paymentMethods = ["amex", "visa", "cash"] as const;

export type PaymentMethod = (typeof paymentMethods)[number];

export const category = z.enum(categories);
const paymentMethod = z.enum(paymentMethods);

const currency = z.string().refine(isCurrency, {
  error: "is not a currency code of ISO 4217; use three upper-case letters, such as USD",
});

/**
 * Input of the tool that adds an expense. Composed with `z.object`. What the messages say is read, and
 * acted on, by a model.
 */
export const newExpenseFields = {
  date: calendarDate.describe("The day of the expense, as YYYY-MM-DD."),
  amount: decimal(z.number().positive("must be more than zero")).describe(
    "What was paid, as a decimal in `currency`, such as 12.50. Never rounded.",
  ),
  category: category.describe("What kind of expense it is; `other` where none fits."),
  description: singleLine(500).describe("What was bought, and where. One line."),
  payment_method: paymentMethod.describe("How it was paid."),
  currency: currency
    .optional()
    .describe("ISO 4217 code of the amount's currency. Left out, it is the server's default."),
  idempotency_key: z
    .string()
    .regex(/^[ -~]{1,128}$/, "must be 1 to 128 printable ASCII characters")
    .optional()
    .describe(
      "Any text that names this one expense. Adding it again with the same key stores nothing new, so a call whose answer was lost can safely be repeated.",
    ),
} as const;

/** Filters of the tool that lists expenses. Composed with `z.object`, then {@link fromNotAfterTo}. */
export const expenseFilterFields = {
  from: calendarDate.optional().describe("Earliest day to include, as YYYY-MM-DD."),
  to: calendarDate.optional().describe("Latest day to include, as YYYY-MM-DD."),
  category: category.optional().describe("Only expenses of this kind."),
  payment_method: paymentMethod.optional().describe("Only expenses paid this way."),
  text: singleLine(100)
    .optional()
    .describe("Only expenses whose description contains this text; case does not matter."),
} as const;

/** A check for an object schema that has `from` and `to`. */
export const fromNotAfterTo = z.refine<{ from?: string; to?: string }>(
  ({ from, to }) => from === undefined || to === undefined || from <= to,
  { path: ["from"], error: "is after `to`; swap the two dates" },
);

/**
 * An expense as the tools show it, whatever would be accepted of a new one by now. Composed with
 * `z.object`.
 */
export const shownExpenseFields = {
  id: z.string().describe("Names the expense."),
  date: z.string().describe("The day of the expense, as YYYY-MM-DD."),
  amount: z.number().describe("What was paid, as a decimal in `currency`."),
  currency: z.string().describe("ISO 4217 code."),
  category: z.string().describe("What kind of expense it is."),
  description: z.string().describe("What was bought, and where."),
  payment_method: z.string().describe("How it was paid."),
  created_at: z.string().describe("When the expense was added, in UTC (RFC 3339)."),
} as const;

/** What a person tells of an expense. */
export interface NewExpense {
  /** `YYYY-MM-DD`. */
  readonly date: string;
  /** Whole number of the currency's minor unit. */
  readonly minorUnits: number;
  /** How many decimals the minor unit stands for: 2 where it is a hundredth. */
  readonly decimals: number;
  /** ISO 4217. */
  readonly currency: string;
  readonly category: string;
  readonly description: string;
  readonly paymentMethod: string;
}

/** A stored expense. */
export interface Expense extends NewExpense {
  /** Unique among the expenses of one person. */
  readonly id: string;
  /** RFC 3339, UTC, with milliseconds. */
  readonly createdAt: string;
}

/** Which expenses to list. Those that are stated must all hold. */
export interface ExpenseFilters {
  /** Earliest `YYYY-MM-DD`, inclusive. */
  readonly from?: string;
  /** Latest `YYYY-MM-DD`, inclusive. */
  readonly to?: string;
  readonly category?: Category;
  readonly paymentMethod?: PaymentMethod;
  /** Part of the description, in any case. */
  readonly text?: string;
}

export const expenseFilterNames = ["from", "to", "category", "paymentMethod", "text"] as const;

type NewExpenseInput = z.output<z.ZodObject<typeof newExpenseFields>>;
type FilterInput = z.output<z.ZodObject<typeof expenseFilterFields>>;
type ShownExpense = z.input<z.ZodObject<typeof shownExpenseFields>>;

/** Checked input as an expense; the amount can be judged only together with its currency. */
export function newExpense(
  input: Omit<NewExpenseInput, "idempotency_key">,
  defaultCurrency: string,
): Result<NewExpense, AmountProblem> {
  const currency = input.currency ?? defaultCurrency;
  const minorUnits = parseAmount(input.amount, currency);
  if (!minorUnits.ok) return failure(minorUnits.reason);
  return success({
    date: input.date,
    minorUnits: minorUnits.value,
    decimals: decimalsOf(currency),
    currency,
    category: input.category,
    description: input.description,
    paymentMethod: input.payment_method,
  });
}

/** Checked input as filters. */
export function filtersOf(input: FilterInput): ExpenseFilters {
  const { from, to, category, payment_method, text } = input;
  return { from, to, category, paymentMethod: payment_method, text };
}

/** `expense` as the tools show it. */
export function shownExpense(expense: Expense): ShownExpense {
  return {
    id: expense.id,
    date: expense.date,
    amount: toDecimal(expense.minorUnits, expense.decimals),
    currency: expense.currency,
    category: expense.category,
    description: expense.description,
    payment_method: expense.paymentMethod,
    created_at: expense.createdAt,
  };
}

/** An expense as a person would read it, on one line. */
export function expenseLine(expense: z.output<z.ZodObject<typeof shownExpenseFields>>): string {
  const { date, amount, currency, description, category, payment_method, id } = expense;
  return `${date}: ${formatDecimal(amount, currency)}, ${description} (${category}, ${payment_method}, id ${id})`;
}
