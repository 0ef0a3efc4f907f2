import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import type { Log } from "../core/log.ts";
import { failure, type Result, success } from "../core/result.ts";
import { defineTool } from "../mcp/define-tool.ts";
import type { DefinedTool, ToolFailure } from "../mcp/tool.ts";
import type { StoreFailure } from "../storage/failure.ts";
import { expenseId, expenseWords, shownExpense, shownExpenseFields } from "./expense.ts";
import { type ExpenseStore, type FoundExpense, storeToolFailure } from "./store.ts";

const inputSchema = z.strictObject({
  id: expenseId.describe("Names the expense, as get_user_expenses shows it."),
});

const deletable = z.object({
  id: z.string().describe("Names the expense."),
  expense: z
    .object(shownExpenseFields)
    .optional()
    .describe("What it is. Absent where what is stored cannot be read."),
});

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
    outputSchema: deletable,
    policy: {
      approval: {
        affectedSchema: deletable,
        affected: async ({ id }, { caller, signal, log }) =>
          shownOrNone(await store.find(caller.objectId, id, { signal }), log),
        question: (affected) => `Delete this expense? It cannot be undone.\n${wordsOf(affected)}`,
      },
    },

    handler: async ({ id }, { caller, signal, log }, approved) => {
      const isApproved = (found: FoundExpense) => isDeepStrictEqual(shown(found), approved);
      return shownOrNone(await store.delete(caller.objectId, id, isApproved, { signal }), log);
    },

    ifUnknown:
      "Look with get_user_expenses whether the expense is still there. If it is, call delete_user_expense again without confirmation.",

    present: (output) => `Deleted: ${wordsOf(output)}`,
  });
}

/** An id of another person's expense and one of none at all have the same answer. */
function shownOrNone(
  found: Result<FoundExpense | undefined, StoreFailure>,
  log: Log,
): Result<Deletable, ToolFailure> {
  if (!found.ok) return storeToolFailure(found.reason, log);
  if (!found.value) {
    return failure({
      reason: "no-such-expense",
      message: "You have no such expense. get_user_expenses shows the ids of those there are.",
    });
  }
  return success(shown(found.value));
}

type Deletable = z.output<typeof deletable>;

function shown({ id, expense }: FoundExpense): Deletable {
  return { id, ...(expense && { expense: shownExpense(expense) }) };
}

/** In a person's words: no id says anything to them, but where nothing else can be said. */
function wordsOf({ id, expense }: Deletable): string {
  return expense ? expenseWords(expense) : `An expense that cannot be read (id ${id})`;
}
