import { z } from "zod";
import { failure, type Result, success } from "../core/result.ts";
import type { Link } from "../mcp/define-tool.ts";
import { calendarDate, decimal, singleLine } from "../mcp/fields.ts";
import type { Quote } from "../mcp/quote.ts";
import {
  type AmountProblem,
  decimalsOf,
  formatDecimal,
  isCurrency,
  parseAmount,
  toDecimal,
} from "./money.ts";
import { type Receipt, shownReceipt, shownReceiptFields } from "./receipt.ts";

export const categories = [
  "food",
  "transport",
  "entertainment",
  "shopping",
  "gadget",
  "other",
] as const;

export type Category = (typeof categories)[number];

export const paymentMethods = [
  "amex",
  "visa",
  "cash",
  "mastercard",
  "debit_card",
  "bank_transfer",
  "other",
] as const;

export type PaymentMethod = (typeof paymentMethods)[number];

export const category = z.enum(categories);
export const paymentMethod = z.enum(paymentMethods);

export const currency = z.string().refine(isCurrency, {
  error: "is not a currency code of ISO 4217; use three upper-case letters, such as USD",
});

/** What names an expense in the input of a tool. */
export const expenseId = z.string().refine((id) => /^[\w-]{1,64}$/.test(id), {
  error: "is no id of an expense; use one that get_user_expenses shows",
});

/** What a person tells of an expense, as the input of a tool. What the messages say is read by a model. */
export const toldFields = {
  date: calendarDate.describe("The day of the expense, as YYYY-MM-DD."),
  amount: decimal(z.number().positive("must be more than zero")).describe(
    "What was paid, as a decimal in `currency`, such as 12.50. Never rounded.",
  ),
  category: category.describe("What kind of expense it is; `other` where none fits."),
  description: singleLine(500).describe("What was bought, and where. One line."),
  payment_method: paymentMethod.describe("How it was paid; `other` where not told."),
  currency: currency.describe("ISO 4217 code of the amount's currency."),
  is_refund: z.boolean().describe("True for money that came back; its amount is positive too."),
} as const;

/** Input of the tool that adds an expense. Composed with `z.object`. */
export const newExpenseFields = {
  ...toldFields,
  currency: toldFields.currency.optional().describe("ISO 4217. Left out, the server's default."),
  is_refund: toldFields.is_refund.optional(),
  idempotency_key: z
    .string()
    .regex(/^[ -~]{1,128}$/, "must be 1 to 128 printable ASCII characters")
    .optional()
    .describe(
      "Any text that names this one expense: a call repeated with the same key stores nothing new.",
    ),
} as const;

/**
 * An expense as the tools show it, whatever would be accepted of a new one by now. Composed with
 * `z.object`.
 */
export const shownExpenseFields = {
  id: z.string().describe("Its id."),
  date: z.string().describe("YYYY-MM-DD."),
  amount: z.number().describe("A decimal in `currency`."),
  currency: z.string().describe("ISO 4217 code."),
  category: z.string().describe("Its kind."),
  description: z.string().describe("What was bought."),
  payment_method: z.string().describe("How it was paid."),
  is_refund: z.boolean().optional().describe("Only where money came back."),
  created_at: z.string().describe("When added (UTC)."),
  version: z.string().describe("For update_user_expense."),
  receipts: z.array(z.object(shownReceiptFields)).optional().describe("Where there are any."),
} as const;

/** What a person tells of an expense. */
export interface NewExpense {
  /** `YYYY-MM-DD`. */
  readonly date: string;
  /** Whole number of the currency's minor unit; positive for a refund too. */
  readonly minorUnits: number;
  /** How many decimals the minor unit stands for: 2 where it is a hundredth. */
  readonly decimals: number;
  /** ISO 4217. */
  readonly currency: string;
  readonly category: string;
  readonly description: string;
  readonly paymentMethod: string;
  /** Whether the money came back. */
  readonly isRefund: boolean;
}

/** A stored expense. */
export interface Expense extends NewExpense {
  /** Unique among the expenses of one person. */
  readonly id: string;
  /** RFC 3339, UTC, with milliseconds. */
  readonly createdAt: string;
  /** Names this state of the expense; no other state of any expense has had it. */
  readonly version: string;
  readonly receipts: readonly Receipt[];
}

type NewExpenseInput = z.output<z.ZodObject<typeof newExpenseFields>>;
export type ShownExpense = z.output<z.ZodObject<typeof shownExpenseFields>>;

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
    isRefund: input.is_refund ?? false,
  });
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
    ...(expense.isRefund && { is_refund: true }),
    created_at: expense.createdAt,
    version: expense.version,
    ...(expense.receipts.length > 0 && {
      receipts: expense.receipts.map((receipt) => shownReceipt(expense.id, receipt)),
    }),
  };
}

/** What a person knows of an expense. */
type Facts = Pick<
  ShownExpense,
  "date" | "amount" | "currency" | "description" | "category" | "payment_method" | "is_refund"
>;

/** An expense as a person would tell of it, without what only programs need. */
export function expenseWords(expense: Facts, quote: Quote): string {
  return `${factsOf(expense, quote)} (${detailsOf(expense).replaceAll("_", " ")})`;
}

/** Names of the fields of shown expenses that hold what people entered. */
export const freeText = ["description"] as const;

/** An expense on one line, with what the next call needs to name it. */
export function expenseLine(expense: ShownExpense, quote: Quote): string {
  const { id, version, receipts = [] } = expense;
  const parts = [detailsOf(expense), `id ${id}`, `version ${version}`];
  parts.push(...receipts.map(({ uri }) => `receipt ${uri}`));
  return `${factsOf(expense, quote)} (${parts.join(", ")})`;
}

/** Where the receipts of an expense can be read. */
export function receiptLinks({ date, receipts = [] }: ShownExpense): Link[] {
  return receipts.map(({ uri, media_type: mimeType, bytes: size }) => {
    return { uri, mimeType, size, name: `receipt of ${date}` };
  });
}

function factsOf({ date, amount, currency, description }: Facts, quote: Quote): string {
  return `${date}: ${formatDecimal(amount, currency)}, ${quote(description)}`;
}

function detailsOf({ category, payment_method, is_refund }: Facts): string {
  return `${is_refund ? "refund, " : ""}${category}, ${payment_method}`;
}
