import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import type { Log } from "../core/log.ts";
import { failure, type Result, success } from "../core/result.ts";
import { defineTool } from "../mcp/define-tool.ts";
import type { DefinedTool, ToolFailure } from "../mcp/tool.ts";
import type { StoreFailure } from "../storage/failure.ts";
import { type Expense, expenseLine, shownExpense, shownExpenseFields } from "./expense.ts";
import { type ExpenseStore, storeToolFailure } from "./store.ts";

const inputSchema = z.strictObject({
  id: z
    .string()
    .regex(/^[\w-]{1,64}$/, "is no id of an expense; use one that get_user_expenses shows")
    .describe("Names the expense, as get_user_expenses shows it."),
});

const expense = z.object(shownExpenseFields);

/** Deletes one expense of the caller's own. Policy: everyone, each call with approval. */
export function deleteUserExpense(store: Pick<ExpenseStore, "find" | "delete">): DefinedTool {
  return defineTool({
    name: "delete_user_expense",
    title: "Delete an expense",
    description:
      "Deletes one of the signed-in person's own expenses, for good. Asks first: the client asks the person, or else the first call deletes nothing and answers what would be deleted, to show to the person, and a confirmation for the second call.",
    annotations: {
      readOnlyHint: false,
      destructiveHint: true,
      idempotentHint: true,
      openWorldHint: false,
    },
    inputSchema,
    outputSchema: z.object({ expense: expense.describe("What was deleted.") }),
    policy: {
      approval: {
        affectedSchema: z.object({ expense: expense.describe("What would be deleted.") }),
        affected: async ({ id }, { caller, signal, log }) =>
          shown(await store.find(caller.objectId, id, { signal }), log),
        question: (affected) =>
          `Delete this expense? It cannot be undone.\n${expenseLine(affected.expense)}`,
      },
    },

    handler: async ({ id }, { caller, signal, log }, approved) => {
      const isApproved = (stored: Expense) =>
        isDeepStrictEqual(shownExpense(stored), approved.expense);
      return shown(await store.delete(caller.objectId, id, isApproved, { signal }), log);
    },

    ifUnknown:
      "Look with get_user_expenses whether the expense is still there. If it is, call delete_user_expense again without confirmation.",

    present: (output) => `Deleted: ${expenseLine(output.expense)}`,
  });
}

/** An id of another person's expense and one of none at all have the same answer. */
function shown(
  found: Result<Expense | undefined, StoreFailure>,
  log: Log,
): Result<{ expense: z.input<typeof expense> }, ToolFailure> {
  if (!found.ok) return storeToolFailure(found.reason, log);
  if (!found.value) {
    return failure({
      reason: "no-such-expense",
      message: "You have no such expense. get_user_expenses shows the ids of those there are.",
    });
  }
  return success({ expense: shownExpense(found.value) });
}
