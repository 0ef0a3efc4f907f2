import { z } from "zod";
import { type Failure, failure, success } from "../core/result.ts";
import { defineTool } from "../mcp/define-tool.ts";
import { everyone } from "../mcp/policy.ts";
import type { DefinedTool, ToolFailure } from "../mcp/tool.ts";
import { type CursorProblem, type Cursors, cursorProblemText } from "../storage/cursor.ts";
import { unreadableText } from "../storage/failure.ts";
import {
  expenseLine,
  freeText,
  receiptLinks,
  shownExpense,
  shownExpenseFields,
} from "./expense.ts";
import {
  amountsInOrder,
  type ExpenseFilterName,
  expenseFilterFields,
  filterInputName,
  filtersOf,
  filterTexts,
  fromNotAfterTo,
} from "./expense-filters.ts";
import { expenseOrders, type Position, positionBytes, positionFrom } from "./store/position.ts";
import {
  type ExpenseStore,
  type FiguresFound,
  largestFigures,
  largestPage,
  storeToolFailure,
} from "./store/store.ts";
import { shownSum, shownSumFields, sumsOf, sumText } from "./summary/sums.ts";
import { openedInView } from "./view-resource.ts";

const defaultPage = 20;

const inputSchema = z
  .strictObject({
    ...expenseFilterFields,
    order: z
      .enum(expenseOrders)
      .default("date")
      .describe(
        "Newest first by `date`, largest first by `amount` (needs `currency`), or last `added` first.",
      ),
    limit: z
      .int()
      .min(1, "must be at least 1")
      .max(largestPage, `must be at most ${largestPage}`)
      .default(defaultPage)
      .describe("Expenses on a page."),
    cursor: z
      .string()
      .optional()
      .describe("next_cursor of the page before; repeat its filters and order."),
  })
  .check(
    fromNotAfterTo,
    amountsInOrder,
    z.refine(({ order, currency }) => order !== "amount" || currency !== undefined, {
      path: ["order"],
      error: "by amount needs a currency: amounts of different currencies do not compare",
    }),
  );

const outputSchema = z.object({
  expenses: z.array(z.object(shownExpenseFields)).describe("In the `order` asked for."),
  totals: z
    .array(z.object(shownSumFields))
    .optional()
    .describe("On the first page: of all that match."),
  totals_back_to: z
    .string()
    .optional()
    .describe(
      `Only where the totals are of the newest ${largestFigures}, back to this day: narrow the dates.`,
    ),
  not_in_totals: z.int().optional().describe("How many of them cannot be read."),
  unreadable: z.array(z.string()).optional().describe("Ids of expenses that cannot be read."),
  has_more: z.boolean().describe("Whether more follow."),
  next_cursor: z.string().optional().describe("For the next page."),
});

type CursorFilter = ExpenseFilterName | "order";

export interface GetUserExpensesParts {
  readonly store: ExpenseStore;
  readonly cursors: Cursors<CursorFilter>;
}

export function getUserExpenses({ store, cursors }: GetUserExpensesParts): DefinedTool {
  return defineTool({
    name: "get_user_expenses",
    title: "List expenses",
    description:
      "Lists and finds the signed-in person's own expenses, in pages, with count and exact sums of all that match. To find the largest: order `amount`; what was added last: order `added`.",
    annotations: { readOnlyHint: true, openWorldHint: false },
    inputSchema,
    outputSchema,
    policy: everyone,
    meta: openedInView,

    async handler({ limit, order, cursor, ...input }, { caller, signal, log }) {
      const filters = filtersOf(input);
      const bound = { ...filterTexts(filters), order };
      let after: Position | undefined;
      if (cursor !== undefined) {
        const decoded = await cursors.decode(cursor, caller, bound);
        if (!decoded.ok) return cursorFailure(decoded.reason);
        after = positionFrom(decoded.value);
        if (after?.order !== order) return cursorFailure({ kind: "malformed" });
      }
      const page = await store.list(caller.objectId, filters, {
        limit,
        order,
        after,
        signal,
      });
      if (!page.ok) {
        return storeToolFailure(page.reason, log);
      }
      const { expenses, unreadable, next } = page.value;
      const whole = { figures: expenses, unreadable: unreadable.length };
      const all =
        after !== undefined || next === undefined
          ? success(whole)
          : await store.figures(caller.objectId, filters, { signal });
      if (!all.ok) return storeToolFailure(all.reason, log);
      const shown = {
        ...(after === undefined && shownTotals(all.value)),
        expenses: expenses.map(shownExpense),
        ...(unreadable.length > 0 && { unreadable: [...unreadable] }),
        has_more: next !== undefined,
      };
      if (next === undefined) return success(shown);
      // Without the keys a page can be shown still, only not continued.
      const nextCursor = await cursors.encode(positionBytes(next), caller, bound);
      return success(nextCursor.ok ? { ...shown, next_cursor: nextCursor.value } : shown);
    },

    freeText,

    links: ({ expenses }) => expenses.flatMap(receiptLinks),

    present({ expenses, unreadable = [], has_more, next_cursor, ...totals }, quote) {
      const lines = expenses.map((expense) => `- ${expenseLine(expense, quote)}`);
      if (unreadable.length > 0) lines.push(`- ${unreadableText(unreadable, "expense")}`);
      if (lines.length === 0) return "No expenses.";
      if (totals.totals) lines.unshift(...totalsLines(totals), "");
      if (has_more) lines.push("", `There are more: ${howToGoOn(next_cursor)}`);
      return lines.join("\n");
    },
  });
}

type ShownTotals = Pick<
  z.output<typeof outputSchema>,
  "totals" | "totals_back_to" | "not_in_totals"
>;

function shownTotals({ figures, unreadable, cutAt }: FiguresFound): ShownTotals {
  return {
    totals: sumsOf(figures).map(shownSum),
    ...(cutAt !== undefined && { totals_back_to: cutAt }),
    ...(unreadable > 0 && { not_in_totals: unreadable }),
  };
}

function totalsLines({ totals = [], totals_back_to, not_in_totals }: ShownTotals): string[] {
  const sums = totals.map(sumText).join("; ");
  const lines = [`Total of all that match: ${sums || "none that can be read"}.`];
  if (totals_back_to !== undefined) {
    lines.push(
      `Too many match: these are the totals of the newest ${largestFigures}, back to ${totals_back_to}. Narrow the dates.`,
    );
  }
  if (not_in_totals !== undefined) lines.push(`In no total, since unreadable: ${not_in_totals}.`);
  return lines;
}

function howToGoOn(cursor: string | undefined): string {
  if (cursor !== undefined) return `call again with the same filters and cursor ${cursor}`;
  return "they cannot be shown right now. Try again in a minute, or narrow the filters.";
}

function cursorFailure(problem: CursorProblem<CursorFilter>): Failure<ToolFailure> {
  const nameOf = (filter: CursorFilter) => (filter === "order" ? filter : filterInputName(filter));
  return failure({
    reason: `cursor-${problem.kind}`,
    message: cursorProblemText(problem, nameOf),
  });
}
