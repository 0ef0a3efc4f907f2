import { z } from "zod";
import { success } from "../core/result.ts";
import { defineTool } from "../mcp/define-tool.ts";
import type { DefinedTool } from "../mcp/tool.ts";
import { category, expenseFilterFields, fromNotAfterTo } from "./expense.ts";
import { formatDecimal, toDecimal } from "./money.ts";
import { type ExpenseStore, storeToolFailure } from "./store.ts";

const inputSchema = z
  .strictObject({ from: expenseFilterFields.from, to: expenseFilterFields.to })
  .check(fromNotAfterTo);

const sum = {
  count: z.int().describe("How many expenses."),
  total: z.number().describe("Their exact sum, as a decimal in the currency."),
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
          .array(z.object({ category: category.describe("What kind of expense it is."), ...sum }))
          .describe("One entry per category that has expenses in this currency."),
      }),
    )
    .describe("One entry per currency in use, in alphabetical order."),
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
      return success({
        currencies: statistics.value.map(({ currency, count, minorUnits, categories }) => ({
          currency,
          count,
          total: toDecimal(minorUnits, currency),
          categories: categories.map((entry) => ({
            category: entry.category,
            count: entry.count,
            total: toDecimal(entry.minorUnits, currency),
          })),
        })),
      });
    },

    present({ currencies }) {
      if (currencies.length === 0) return "There are no expenses.";
      return currencies
        .map(({ currency, categories, ...all }) =>
          [
            sumText(all, currency),
            ...categories.map(
              ({ category, ...part }) => `- ${category}: ${sumText(part, currency)}`,
            ),
          ].join("\n"),
        )
        .join("\n\n");
    },
  });
}

function sumText({ count, total }: { count: number; total: number }, currency: string): string {
  return `${formatDecimal(total, currency)} in ${count} ${count === 1 ? "expense" : "expenses"}`;
}
