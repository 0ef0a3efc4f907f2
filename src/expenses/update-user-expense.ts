import { z } from "zod";
import { failure, success } from "../core/result.ts";
import { defineTool } from "../mcp/define-tool.ts";
import { everyone } from "../mcp/policy.ts";
import type { DefinedTool } from "../mcp/tool.ts";
import {
  expenseId,
  expenseLine,
  freeText,
  receiptLinks,
  shownExpense,
  shownExpenseFields,
  toldFields,
} from "./expense.ts";
import type { ExpenseChanges } from "./expense-changes.ts";
import { amountProblemText } from "./money.ts";
import { type ExpenseStore, noSuchExpense, storeToolFailure } from "./store/store.ts";

const changeFields = {
  date: toldFields.date.optional().describe("YYYY-MM-DD."),
  amount: toldFields.amount.optional().describe("What was paid, as a decimal."),
  currency: toldFields.currency.optional().describe("ISO 4217; the number stays as it is."),
  category: toldFields.category.optional().describe("What kind it is."),
  description: toldFields.description.optional().describe("What was bought, and where."),
  payment_method: toldFields.payment_method.optional(),
  is_refund: toldFields.is_refund.optional().describe("Whether money came back."),
} as const;

const inputSchema = z
  .strictObject({
    id: expenseId.describe("Names the expense."),
    version: z
      .string()
      .refine((version) => /^[\w-]{1,24}$/.test(version), {
        error: "is no version of an expense; use the one that was shown with it",
      })
      .describe("The expense's version as it was last shown."),
    ...changeFields,
  })
  .refine((input) => Object.keys(changeFields).some((name) => name in input), {
    error: `changes nothing; give at least one of ${Object.keys(changeFields).join(", ")}`,
  });

const outputSchema = z.object({
  expense: z.object(shownExpenseFields).describe("As it is now."),
  already_updated: z.literal(true).optional().describe("Only where nothing was left to change."),
});

/** Changes one expense of the caller's own. Policy: everyone. */
export function updateUserExpense(store: Pick<ExpenseStore, "update">): DefinedTool {
  return defineTool({
    name: "update_user_expense",
    title: "Change an expense",
    description:
      "Changes what is given of one of the signed-in person's own expenses; the rest stays. Refused where the expense has changed since `version` was shown. May be repeated.",
    annotations: {
      readOnlyHint: false,
      destructiveHint: true,
      idempotentHint: true,
      openWorldHint: false,
    },
    inputSchema,
    outputSchema,
    policy: everyone,

    async handler({ id, version, ...input }, { caller, signal, log }) {
      const changes = changesOf(input);
      const outcome = await store.update(caller.objectId, id, { version, changes, signal });
      if (!outcome.ok) return storeToolFailure(outcome.reason, log);
      if (!outcome.value) return noSuchExpense;
      if (outcome.value.kind === "no-amount") {
        const { problem } = outcome.value;
        return failure({ reason: `amount-${problem.kind}`, message: amountProblemText(problem) });
      }
      const expense = shownExpense(outcome.value.expense);
      if (outcome.value.kind === "changed-since") {
        const { fields } = outcome.value;
        const what = fields ? `: ${fields.map(inputName).join(", ")}` : "";
        return failure({
          reason: "changed-since",
          message: (quote) =>
            `Nothing was changed: the expense has changed since that version${what}. Decide by what it is now, and call again with its version: ${expenseLine(expense, quote)}`,
        });
      }
      const isRepeated = outcome.value.kind === "already-updated";
      return success({ expense, ...(isRepeated && { already_updated: true as const }) });
    },

    ifUnknown: "Repeat the call unchanged: it is carried out once.",

    freeText,

    links: ({ expense }) => receiptLinks(expense),

    present: ({ expense, already_updated }, quote) =>
      `${already_updated ? "Nothing was left to change" : "Changed"}: ${expenseLine(expense, quote)}`,
  });
}

type ChangeInput = z.output<z.ZodObject<typeof changeFields>>;

function changesOf({ payment_method, is_refund, ...others }: ChangeInput): ExpenseChanges {
  return { ...others, paymentMethod: payment_method, isRefund: is_refund };
}

/** What the tools call a field that was changed. */
function inputName(field: string): string {
  if (field === "paymentMethod") return "payment_method";
  return field === "isRefund" ? "is_refund" : field;
}
