import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import type { Log } from "../core/log.ts";
import { type Result, success } from "../core/result.ts";
import { defineTool } from "../mcp/define-tool.ts";
import type { Quote } from "../mcp/quote.ts";
import type { DefinedTool, ToolContext, ToolFailure } from "../mcp/tool.ts";
import type { StoreFailure } from "../storage/failure.ts";
import {
  type Expense,
  expenseId,
  expenseWords,
  freeText,
  shownExpense,
  shownExpenseFields,
} from "./expense.ts";
import {
  type ExpenseStore,
  type FoundExpense,
  noSuchExpense,
  storeToolFailure,
} from "./store/store.ts";

const inputSchema = z.strictObject({
  id: expenseId.describe("Names the expense, as get_user_expenses shows it."),
});

/** When it was added says nothing to a person, and receipts are only counted. */
const { created_at: _left, receipts: _counted, ...shownFields } = shownExpenseFields;

const deletable = z.object({
  id: z.string().describe("Names the expense."),
  expense: z
    .object({ ...shownFields, receipts: z.int().optional().describe("How many there are.") })
    .optional()
    .describe("What it is. Absent where what is stored cannot be read."),
});

export interface DeleteUserExpenseParts {
  readonly store: Pick<ExpenseStore, "find" | "delete">;
  /**
   * Deletes what belonged to an expense that is gone, its receipts. Afterwards, so that no expense
   * refers to what is not there; what a failure here leaves, the sweep of unreferenced receipts finds.
   */
  readonly onDeleted?: (
    expense: Expense,
    context: Pick<ToolContext, "caller" | "signal" | "log">,
  ) => Promise<void>;
}

/** Deletes one expense of the caller's own. Policy: everyone, each call with approval. */
export function deleteUserExpense({ store, onDeleted }: DeleteUserExpenseParts): DefinedTool {
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
        question: (affected, quote) =>
          `Delete this expense? It cannot be undone.\n${wordsOf(affected, quote)}`,
      },
    },

    handler: async ({ id }, { caller, signal, log }, approved) => {
      const isApproved = (found: FoundExpense) => isDeepStrictEqual(shown(found), approved);
      const deleted = await store.delete(caller.objectId, id, isApproved, { signal });
      const expense = deleted.ok ? deleted.value?.expense : undefined;
      if (expense) await onDeleted?.(expense, { caller, signal, log });
      return shownOrNone(deleted, log);
    },

    ifUnknown:
      "Look with get_user_expenses whether the expense is still there. If it is, call delete_user_expense again without confirmation.",

    freeText,

    present: (output, quote) => `Deleted: ${wordsOf(output, quote)}`,
  });
}

function shownOrNone(
  found: Result<FoundExpense | undefined, StoreFailure>,
  log: Log,
): Result<Deletable, ToolFailure> {
  if (!found.ok) return storeToolFailure(found.reason, log);
  return found.value ? success(shown(found.value)) : noSuchExpense;
}

type Deletable = z.output<typeof deletable>;

function shown({ id, expense }: FoundExpense): Deletable {
  if (!expense) return { id };
  const { created_at: _left, receipts = [], ...facts } = shownExpense(expense);
  return { id, expense: { ...facts, ...(receipts.length > 0 && { receipts: receipts.length }) } };
}

/** In a person's words: no id says anything to them, but where nothing else can be said. */
function wordsOf({ id, expense }: Deletable, quote: Quote): string {
  if (!expense) return `An expense that cannot be read (id ${id})`;
  const { receipts = 0 } = expense;
  const words = expenseWords(expense, quote);
  if (receipts === 0) return words;
  return `${words}, with its ${receipts === 1 ? "receipt" : `${receipts} receipts`}`;
}
