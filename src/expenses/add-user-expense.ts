import { z } from "zod";
import { failure, success } from "../core/result.ts";
import { defineTool } from "../mcp/define-tool.ts";
import { everyone } from "../mcp/policy.ts";
import type { DefinedTool } from "../mcp/tool.ts";
import {
  expenseLine,
  freeText,
  newExpense,
  newExpenseFields,
  shownExpense,
  shownExpenseFields,
} from "./expense.ts";
import { amountProblemText } from "./money.ts";
import { type ExpenseStore, storeToolFailure } from "./store/store.ts";

const inputSchema = z.strictObject(newExpenseFields);
const outputSchema = z.object({
  expense: z.object(shownExpenseFields).describe("As it is recorded."),
  already_recorded: z.boolean().describe("Under this key; then nothing new was stored."),
  changed_since: z
    .literal(true)
    .optional()
    .describe("Only where it was changed since; it is shown as it is now."),
});

export interface AddUserExpenseParts {
  readonly store: ExpenseStore;
  /** ISO 4217. */
  readonly defaultCurrency: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

export function addUserExpense({ store, defaultCurrency, now }: AddUserExpenseParts): DefinedTool {
  return defineTool({
    name: "add_user_expense",
    title: "Add an expense",
    description: `Records one expense of the signed-in person. Amounts are exact decimals in the currency given, ${defaultCurrency} where none is. Give an idempotency_key if the call may be repeated.`,
    annotations: {
      readOnlyHint: false,
      destructiveHint: false,
      idempotentHint: false,
      openWorldHint: false,
    },
    inputSchema,
    outputSchema,
    policy: everyone,

    async handler({ idempotency_key, ...input }, { caller, signal, log }) {
      const expense = newExpense(input, defaultCurrency);
      if (!expense.ok) {
        return failure({
          reason: `amount-${expense.reason.kind}`,
          message: amountProblemText(expense.reason),
        });
      }
      const outcome = await store.add(caller.objectId, expense.value, {
        ...(idempotency_key === undefined ? {} : { idempotencyKey: idempotency_key }),
        now: now(),
        signal,
      });
      if (!outcome.ok) {
        return storeToolFailure(outcome.reason, log);
      }
      const shown = shownExpense(outcome.value.expense);
      if (outcome.value.kind === "differs") {
        return failure({
          reason: "idempotency-key-differs",
          message: (quote) =>
            `Nothing was stored: this idempotency_key has already been used for a different expense. Repeat that expense unchanged, or use a new key for a new one. Recorded under the key: ${expenseLine(shown, quote)}`,
        });
      }
      const { kind } = outcome.value;
      return success({
        expense: shown,
        already_recorded: kind !== "added",
        ...(kind === "changed-since" && { changed_since: true as const }),
      });
    },

    freeText,

    ifUnknown:
      "If the call had an idempotency_key, repeat it unchanged: it is stored once. Otherwise look with get_user_expenses whether the expense is there, and repeat the call only if it is not.",

    present({ expense, already_recorded, changed_since }, quote) {
      const repeated = "Already recorded under this idempotency_key, nothing new was stored";
      const changed = changed_since ? "; it has been changed since and is now" : "";
      const recorded = already_recorded ? `${repeated}${changed}` : "Recorded";
      return `${recorded}: ${expenseLine(expense, quote)}`;
    },
  });
}
