import { z } from "zod";
import { type Failure, failure, success } from "../core/result.ts";
import { defineTool } from "../mcp/define-tool.ts";
import { everyone } from "../mcp/policy.ts";
import type { DefinedTool, ToolFailure } from "../mcp/tool.ts";
import { type CursorProblem, type Cursors, cursorProblemText } from "../storage/cursor.ts";
import { unreadableText } from "../storage/failure.ts";
import { expenseLine, shownExpense, shownExpenseFields } from "./expense.ts";
import {
  amountsInOrder,
  type ExpenseFilterName,
  expenseFilterFields,
  filterInputName,
  filtersOf,
  filterTexts,
  fromNotAfterTo,
} from "./expense-filters.ts";
import { expenseOrders, type Position, positionBytes, positionFrom } from "./position.ts";
import { type ExpenseStore, largestPage, storeToolFailure } from "./store.ts";
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
      .describe("How many expenses to return at most."),
    cursor: z
      .string()
      .optional()
      .describe("next_cursor of the previous page, to continue there. Repeat the same filters."),
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
  expenses: z.array(z.object(shownExpenseFields)).describe("Newest first."),
  unreadable: z
    .array(z.string())
    .optional()
    .describe("Only where there are any: ids of stored expenses that cannot be read."),
  has_more: z.boolean().describe("Whether there are more expenses behind these."),
  next_cursor: z
    .string()
    .optional()
    .describe(
      "Call again with this as cursor for the next page. Absent on the last page, and while pages cannot be continued.",
    ),
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
      "Lists the signed-in person's own expenses, newest first, optionally filtered by dates, category, payment method or text, in pages.",
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
      const shown = {
        expenses: expenses.map(shownExpense),
        ...(unreadable.length > 0 && { unreadable: [...unreadable] }),
        has_more: next !== undefined,
      };
      if (next === undefined) return success(shown);
      // Without the keys a page can be shown still, only not continued.
      const nextCursor = await cursors.encode(positionBytes(next), caller, bound);
      return success(nextCursor.ok ? { ...shown, next_cursor: nextCursor.value } : shown);
    },

    present({ expenses, unreadable = [], has_more, next_cursor }) {
      const lines = expenses.map((expense) => `- ${expenseLine(expense)}`);
      if (unreadable.length > 0) lines.push(`- ${unreadableText(unreadable, "expense")}`);
      if (lines.length === 0) return "No expenses.";
      if (has_more) lines.push("", `There are more: ${howToGoOn(next_cursor)}`);
      return lines.join("\n");
    },
  });
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
