import { z } from "zod";
import { calendarDate, decimal, singleLine } from "../mcp/fields.ts";
import { type Category, category, currency, type PaymentMethod, paymentMethod } from "./expense.ts";

/** Each is a condition of the query, and a number is several. */
const mostWords = 10;

const limit = decimal(z.number().nonnegative("must not be negative"));

/** Filters of the tools that list and sum up. Composed with `z.strictObject`. */
export const expenseFilterFields = {
  from: calendarDate.optional().describe("Earliest day, as YYYY-MM-DD."),
  to: calendarDate.optional().describe("Latest day, as YYYY-MM-DD."),
  categories: z.array(category).optional().describe("Only these kinds."),
  category: z.string().pipe(category).optional().describe("One of `categories`."),
  payment_methods: z.array(paymentMethod).optional().describe("Only paid these ways."),
  payment_method: z.string().pipe(paymentMethod).optional().describe("One of `payment_methods`."),
  currency: currency.optional().describe("Only in this currency (ISO 4217)."),
  amount_from: limit.optional().describe("Smallest, in `currency`; without it, in every currency."),
  amount_to: limit.optional().describe("Largest amount."),
  text: singleLine(100)
    .refine((text) => text.split(" ").length <= mostWords, {
      error: `has more than ${mostWords} words; leave some out`,
    })
    .optional()
    .describe(
      "Words, in any case: each is in the description or, if it is a number, is the amount, as in `coffee 2.50`.",
    ),
} as const;

/** A check for an object schema that has `from` and `to`. */
export const fromNotAfterTo = z.refine<{ from?: string; to?: string }>(
  ({ from, to }) => from === undefined || to === undefined || from <= to,
  { path: ["from"], error: "is after `to`; swap the two dates" },
);

/** A check for an object schema that has `amount_from` and `amount_to`. */
export const amountsInOrder = z.refine<{ amount_from?: number; amount_to?: number }>(
  ({ amount_from: from, amount_to: to }) => from === undefined || to === undefined || from <= to,
  { path: ["amount_from"], error: "is more than `amount_to`; swap the two amounts" },
);

/** Which expenses are meant. Those conditions that are stated must all hold. */
export interface ExpenseFilters {
  /** Earliest `YYYY-MM-DD`, inclusive. */
  readonly from?: string | undefined;
  /** Latest `YYYY-MM-DD`, inclusive. */
  readonly to?: string | undefined;
  /** Any of them; at least one. */
  readonly categories?: readonly Category[] | undefined;
  /** Any of them; at least one. */
  readonly paymentMethods?: readonly PaymentMethod[] | undefined;
  /** ISO 4217. */
  readonly currency?: string | undefined;
  /** Smallest amount, inclusive: a decimal in each expense's own currency. */
  readonly amountFrom?: number | undefined;
  /** Largest amount, inclusive: a decimal in each expense's own currency. */
  readonly amountTo?: number | undefined;
  /** Words in any case: each is part of the description or, if it is a number, is the amount. */
  readonly text?: string | undefined;
}

export const expenseFilterNames = [
  "from",
  "to",
  "categories",
  "paymentMethods",
  "currency",
  "amountFrom",
  "amountTo",
  "text",
] as const satisfies readonly (keyof ExpenseFilters)[];

export type ExpenseFilterName = (typeof expenseFilterNames)[number];

type FilterInput = z.output<z.ZodObject<typeof expenseFilterFields>>;

/** Checked input as filters. */
export function filtersOf(input: FilterInput): ExpenseFilters {
  return {
    from: input.from,
    to: input.to,
    categories: together(input.categories, input.category),
    paymentMethods: together(input.payment_methods, input.payment_method),
    currency: input.currency,
    amountFrom: input.amount_from,
    amountTo: input.amount_to,
    text: input.text,
  };
}

/** Each filter that is stated as one text, which is the same for filters that mean the same. */
export function filterTexts(filters: ExpenseFilters): Partial<Record<ExpenseFilterName, string>> {
  return Object.fromEntries(
    expenseFilterNames.flatMap((name) => {
      const filter = filters[name];
      if (filter === undefined) return [];
      return [[name, Array.isArray(filter) ? filter.toSorted().join(" ") : String(filter)]];
    }),
  );
}

/** What the tools call a filter. */
export function filterInputName(name: ExpenseFilterName): keyof FilterInput {
  switch (name) {
    case "paymentMethods":
      return "payment_methods";
    case "amountFrom":
      return "amount_from";
    case "amountTo":
      return "amount_to";
    default:
      return name;
  }
}

/** Several and one, which is the older form, as one list without repetitions; an empty one says nothing. */
function together<Value>(
  several: readonly Value[] = [],
  one: Value | undefined,
): readonly Value[] | undefined {
  const all = new Set(one === undefined ? several : [...several, one]);
  return all.size === 0 ? undefined : [...all];
}
