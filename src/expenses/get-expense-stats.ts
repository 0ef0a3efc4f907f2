import { z } from "zod";
import { success } from "../core/result.ts";
import { defineTool } from "../mcp/define-tool.ts";
import type { DefinedTool } from "../mcp/tool.ts";
import { expenseFilterFields, fromNotAfterTo } from "./expense-filters.ts";
import {
  type CurrencyStatistics,
  type ExpenseStore,
  largestCount,
  storeToolFailure,
} from "./store/store.ts";
import { fitting, roomOfAnswer } from "./summary/answer-room.ts";
import { type ShownSum, shownSum, shownSumFields, sumText } from "./summary/sums.ts";

const inputSchema = z
  .strictObject({ from: expenseFilterFields.from, to: expenseFilterFields.to })
  .check(fromNotAfterTo);

const { currency, spent, refunded, net: _net, ...others } = shownSumFields;
const sumFields = {
  ...others,
  total: z.number().optional().describe("Spent less refunded. Exact."),
  spent: spent.describe("Where there are refunds."),
  refunded,
};

const shownCurrency = z.object({
  currency,
  ...sumFields,
  categories: z
    .array(z.object({ category: z.string().describe("What kind of expense."), ...sumFields }))
    .describe("The same by category."),
});

const outputSchema = z.object({
  of: z.literal("everyone").describe("All people together, never one of them."),
  currencies: z.array(shownCurrency).describe("One per currency, the most used first."),
  currencies_left_out: z
    .int()
    .optional()
    .describe("Currencies without room: those with the fewest expenses."),
  counted_back_to: z
    .string()
    .optional()
    .describe(
      `Only where there are too many: the sums are of the newest ${largestCount}, back to this day.`,
    ),
  unreadable: z.int().optional().describe("Stored, but in no sum."),
});

/** What everyone together spent. Policy: members of the administrators' group. */
export function getExpenseStats(store: ExpenseStore): DefinedTool {
  return defineTool({
    name: "get_expense_stats",
    title: "Everyone's total expenses (administrators)",
    description:
      "Adds up what everyone in the company spent together, per currency and category, within a range of dates. For administrators. It cannot tell what any one person spent, nor who spent something; the caller's own sums are in get_user_expense_summary.",
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
      // Whoever uses many currencies once must not crowd out those that all use.
      const used = currencies.toSorted((one, other) => other.count - one.count);
      const units = used.map((one) => [shownOf(one)]);
      const { fits, leftOut } = fitting(units, currencyText, roomOfAnswer - roomOfNotes);
      return success({
        of: "everyone" as const,
        currencies: fits.flat(),
        ...(leftOut > 0 && { currencies_left_out: leftOut }),
        ...(countedBackTo !== undefined && { counted_back_to: countedBackTo }),
        ...(unreadable > 0 && { unreadable }),
      });
    },

    present({ currencies, currencies_left_out, counted_back_to, unreadable }) {
      if (currencies.length === 0 && !unreadable) return "Everyone together: no expenses.";
      const lines = ["Everyone together:", ...currencies.map(currencyText)];
      if (currencies_left_out) {
        lines.push(`${currencies_left_out} more currencies have no room: ask for a shorter range.`);
      }
      if (counted_back_to !== undefined) {
        lines.push(
          `Not all are counted: these are the newest ${largestCount} expenses, back to ${counted_back_to}. Ask for a shorter range of dates.`,
        );
      }
      if (unreadable) {
        const what = unreadable === 1 ? "expense" : "expenses";
        lines.push(`${unreadable} stored ${what} could not be read: in no sum.`);
      }
      return lines.join("\n");
    },
  });
}

/** Characters of all that is told beside the sums. */
const roomOfNotes = 400;

type ShownCurrency = z.output<typeof shownCurrency>;

type ShownTotal = z.output<z.ZodObject<typeof sumFields>>;

function shownTotal({ spent, net, count, refunded, exact_text }: ShownSum): ShownTotal {
  const isRefunded = net !== undefined;
  return {
    count,
    total: isRefunded ? net : spent,
    ...(isRefunded && { spent, refunded }),
    exact_text,
  };
}

function shownOf({ categories, ...all }: CurrencyStatistics): ShownCurrency {
  const parts = categories.map(({ category, ...part }) => ({
    category,
    ...shownTotal(shownSum(part)),
  }));
  return { currency: all.currency, ...shownTotal(shownSum(all)), categories: parts };
}

function currencyText({ currency, categories, ...all }: ShownCurrency): string {
  const textOf = ({ total, spent = total, refunded, ...sum }: ShownTotal) =>
    sumText({ ...sum, currency, spent, refunded, net: refunded === undefined ? undefined : total });
  const parts = categories.map(({ category, ...part }) => `- ${category}: ${textOf(part)}`);
  return [textOf(all), ...parts].join("\n");
}
