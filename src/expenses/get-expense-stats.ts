import { z } from "zod";
import { exactDigits } from "../core/exact-numbers.ts";
import { success } from "../core/result.ts";
import { defineTool } from "../mcp/define-tool.ts";
import type { DefinedTool } from "../mcp/tool.ts";
import { expenseFilterFields, fromNotAfterTo } from "./expense-filters.ts";
import { formatAmount, formatDecimal, toDecimal } from "./money.ts";
import { type ExpenseStore, largestCount, type Sum, storeToolFailure } from "./store.ts";

const inputSchema = z
  .strictObject({ from: expenseFilterFields.from, to: expenseFilterFields.to })
  .check(fromNotAfterTo);

const sum = {
  count: z.int().describe("How many expenses."),
  total: z
    .number()
    .optional()
    .describe("Their exact sum, as a decimal in the currency. Absent where total_text is there."),
  total_text: z
    .string()
    .optional()
    .describe("Their exact sum, where it has more than the 15 digits that a number holds."),
};
const outputSchema = z.object({
  currencies: z
    .array(
      z.object({
        currency: z
          .string()
          .describe("ISO 4217 code. Totals of different currencies do not add up."),
        ...sum,
        categories: z
          .array(z.object({ category: z.string().describe("What kind of expense it is."), ...sum }))
          .describe("One entry per category that has expenses in this currency."),
      }),
    )
    .describe("One entry per currency in use, in alphabetical order."),
  counted_back_to: z
    .string()
    .optional()
    .describe(
      `Only where there are too many to count: the sums are of the newest ${largestCount} expenses, of which the last is of this day (YYYY-MM-DD). A shorter range of dates is counted whole.`,
    ),
  unreadable: z
    .int()
    .optional()
    .describe("Only where there are any: stored expenses that cannot be read, and are in no sum."),
});

/** What everyone together spent. Policy: members of the administrators' group. */
export function getExpenseStats(store: ExpenseStore): DefinedTool {
  return defineTool({
    name: "get_expense_stats",
    title: "Expense statistics",
    description:
      "Counts and adds up the expenses of everyone, per currency and category, optionally within a range of dates. For administrators.",
    annotations: { readOnlyHint: true, openWorldHint: false },
    inputSchema,
    outputSchema,
    policy: { administratorsOnly: true },

    async handler(range, { signal, log }) {
      const statistics = await store.statistics(range, { signal });
      if (!statistics.ok) {
        return storeToolFailure(statistics.reason, log);
      }
      const { currencies, countedBackTo, unreadable } = statistics.value;
      return success({
        currencies: currencies.map(({ currency, decimals, categories, ...all }) => ({
          currency,
          ...shownSum(all, decimals),
          categories: categories.map(({ category, ...part }) => ({
            category,
            ...shownSum(part, decimals),
          })),
        })),
        ...(countedBackTo !== undefined && { counted_back_to: countedBackTo }),
        ...(unreadable > 0 && { unreadable }),
      });
    },

    present({ currencies, counted_back_to, unreadable = 0 }) {
      const parts = currencies.map(({ currency, categories, ...all }) =>
        [
          sumText(all, currency),
          ...categories.map(({ category, ...part }) => `- ${category}: ${sumText(part, currency)}`),
        ].join("\n"),
      );
      if (counted_back_to !== undefined) {
        parts.push(
          `Not all are counted: these are the newest ${largestCount} expenses, back to ${counted_back_to}. Ask for a shorter range of dates.`,
        );
      }
      if (unreadable > 0) parts.push(`${expenses(unreadable)} could not be read: in no sum.`);
      return parts.length === 0 ? "There are no expenses." : parts.join("\n\n");
    },
  });
}

type ShownSum = z.output<z.ZodObject<typeof sum>>;

function shownSum({ count, minorUnits }: Sum, decimals: number): ShownSum {
  if (minorUnits < 10n ** BigInt(exactDigits)) {
    return { count, total: toDecimal(minorUnits, decimals) };
  }
  return { count, total_text: formatAmount(minorUnits, decimals) };
}

function sumText({ count, total = 0, total_text }: ShownSum, currency: string): string {
  const amount = total_text ? `${total_text} ${currency}` : formatDecimal(total, currency);
  return `${amount} in ${expenses(count)}`;
}

function expenses(count: number): string {
  return `${count} ${count === 1 ? "expense" : "expenses"}`;
}
