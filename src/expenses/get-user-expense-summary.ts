import { z } from "zod";
import { failure, success } from "../core/result.ts";
import { defineTool } from "../mcp/define-tool.ts";
import { everyone } from "../mcp/policy.ts";
import { type Quote, unquoted } from "../mcp/quote.ts";
import type { DefinedTool } from "../mcp/tool.ts";
import { type Expense, shownExpense, shownExpenseFields } from "./expense.ts";
import {
  amountsInOrder,
  expenseFilterFields,
  filtersOf,
  fromNotAfterTo,
} from "./expense-filters.ts";
import { formatDecimal } from "./money.ts";
import { type ExpenseStore, largestFigures, storeToolFailure } from "./store/store.ts";
import { fitting, roomOfAnswer } from "./summary/answer-room.ts";
import {
  currenciesOfLargest,
  fittingDescriptions,
  largestOf,
  roomOfLargest,
  roomOfOneLargest,
} from "./summary/largest.ts";
import { spanBefore } from "./summary/periods.ts";
import { type GroupSum, groupings, groupSums, isPeriod, withBefore } from "./summary/summary.ts";
import {
  fittingGroups,
  rowLines,
  type ShownRow,
  shownRow,
  shownRowFields,
} from "./summary/summary-shown.ts";
import { type CurrencySum, sumsOf } from "./summary/sums.ts";
import { openedInView } from "./view-resource.ts";

/** Characters that groups may have in any case. */
const roomOfGroups = 600;
/** Characters of what is told beside sums and the largest. */
const roomOfNotes = 200;

const inputSchema = z
  .strictObject({
    by: z.enum(groupings).optional().describe("Group by this. Weeks are ISO weeks."),
    compare: z
      .boolean()
      .optional()
      .describe(
        "Compare with the span before: for whole months, quarters or years as many before, else as many days. Needs from and to.",
      ),
    largest: z
      .int()
      .min(1, "must be at least 1")
      .max(5, "must be at most 5")
      .optional()
      .describe("Also show so many of the largest expenses."),
    ...expenseFilterFields,
  })
  .check(fromNotAfterTo)
  .check(amountsInOrder)
  .check(
    z.refine<{ compare?: boolean | undefined; from?: string | undefined; to?: string | undefined }>(
      ({ compare, from, to }) => !compare || (from !== undefined && to !== undefined),
      { path: ["compare"], error: "needs both dates; give `from` and `to`" },
    ),
  );

const { id, date, amount, currency, description } = shownExpenseFields;

const outputSchema = z.object({
  sums: z
    .array(z.object(shownRowFields))
    .describe("Without group: of all that match. One per currency; empty periods have zeros."),
  currencies_left_out: z.int().optional().describe("Currencies without room: the least used."),
  groups_left_out: z.int().optional().describe("Groups without room: the oldest, or the smallest."),
  compared: z.string().optional().describe("Which days with which, all included."),
  largest: z
    .array(z.object({ id, date, amount, currency, description }))
    .optional()
    .describe(
      `Per currency (at most ${currenciesOfLargest}), without refunds. Long descriptions end in …`,
    ),
  unreadable: z.int().optional().describe("Stored, but in no sum."),
});

/** Exact sums of the caller's own expenses. Policy: everyone, each their own. */
export function getUserExpenseSummary(store: ExpenseStore): DefinedTool {
  return defineTool({
    name: "get_user_expense_summary",
    title: "Sum up my expenses",
    description:
      "Adds up the signed-in person's own expenses exactly, per currency; nothing is converted. Totals, by period or kind, compared with before, the largest. Use it instead of adding up a list.",
    annotations: { readOnlyHint: true, openWorldHint: false },
    inputSchema,
    outputSchema,
    policy: everyone,
    meta: openedInView,

    async handler({ by, compare, largest = 0, ...input }, { caller, signal, log }) {
      const filters = filtersOf(input);
      const { from, to } = filters;
      const before = compare && from && to ? spanBefore({ from, to }) : undefined;
      const [now, then] = await Promise.all([
        store.figures(caller.objectId, filters, { signal }),
        before && store.figures(caller.objectId, { ...filters, ...before }, { signal }),
      ]);
      if (!now.ok) return storeToolFailure(now.reason, log);
      if (then && !then.ok) return storeToolFailure(then.reason, log);
      const cutAt = now.value.cutAt ?? then?.value.cutAt;
      if (cutAt !== undefined) {
        return failure({ reason: "too-many-expenses", message: tooManyText(cutAt) });
      }

      const { figures } = now.value;
      const totals = sumsOf(figures);
      const found = await largestOf(figures, largest, (own, limit) =>
        store.list(
          caller.objectId,
          { ...filters, currency: own },
          { limit, order: "amount", signal },
        ),
      );
      if (!found.ok) return storeToolFailure(found.reason, log);

      const old = then?.value.figures;
      const unreadable = now.value.unreadable + (then?.value.unreadable ?? 0);
      const room = roomOfAnswer - (by === undefined ? 0 : roomOfGroups);
      const { sums, leftOut: withoutRoom } = fittingTotals(
        compared(totals, old && sumsOf(old), ({ currency }) => currency).map(shownRow),
        room - roomOfNotes - roomOfLargest(found.value.length),
      );
      const notes = {
        sums,
        ...(withoutRoom > 0 && { currencies_left_out: withoutRoom }),
        ...(before && { compared: `${from} to ${to} with ${before.from} to ${before.to}` }),
        ...(unreadable > 0 && { unreadable }),
      };
      const roomOfDescriptions = room - lengthOf(notes) - found.value.length * roomOfOneLargest;
      const largestOnes = fittingDescriptions(found.value.map(shownLargest), roomOfDescriptions);
      const frame = { ...notes, ...(largestOnes.length > 0 && { largest: largestOnes }) };
      if (by === undefined) return success(frame);
      const oldGroups = old && !isPeriod(by) ? groupSums(old, by, {}) : undefined;
      const groups = compared(groupSums(figures, by, { from, to }), oldGroups, nameOf);
      const { shown, leftOut } = fittingGroups(
        groups.map(shownRow),
        isPeriod(by),
        Math.max(roomOfAnswer - lengthOf(frame), roomOfGroups),
      );
      return success({
        ...frame,
        sums: [...sums, ...shown],
        ...(leftOut > 0 && { groups_left_out: leftOut }),
      });
    },

    present: textOf,

    freeText: ["description"],
  });
}

/** The totals that there is room for, those of the most used currencies, in the order given. */
function fittingTotals(
  totals: readonly ShownRow[],
  room: number,
): { readonly sums: ShownRow[]; readonly leftOut: number } {
  const used = totals.toSorted((one, other) => other.count - one.count);
  const { fits, leftOut } = fitting(
    used.map((total) => [total]),
    (total) => rowLines([total]).join(),
    room,
  );
  const shown = new Set(fits.flat());
  return { sums: totals.filter((total) => shown.has(total)), leftOut };
}

function lengthOf(output: z.output<typeof outputSchema>): number {
  return Math.max(JSON.stringify(output).length, textOf(output, unquoted).length);
}

function tooManyText(cutAt: string): string {
  return `More than ${largestFigures} expenses match, too many to add up at once; the newest ${largestFigures} go back to ${cutAt}. Nothing was added up. Narrow the dates or the filters, and ask again.`;
}

function nameOf({ group, currency }: GroupSum): string {
  return `${group} ${currency}`;
}

function compared<Sum extends CurrencySum>(
  sums: readonly Sum[],
  before: readonly Sum[] | undefined,
  nameOf: (sum: Sum) => string,
): readonly (Sum & { readonly before?: bigint })[] {
  return before ? withBefore(sums, before, nameOf) : sums;
}

function shownLargest(expense: Expense) {
  const { id, date, amount, currency, description } = shownExpense(expense);
  return { id, date, amount, currency, description };
}

function textOf(output: z.output<typeof outputSchema>, quote: Quote): string {
  const { sums, groups_left_out, compared, largest = [], unreadable } = output;
  const { currencies_left_out } = output;
  const isTotal = ({ group }: ShownRow) => group === undefined;
  const totals = sums.filter(isTotal);
  const lines = rowLines(totals);
  if (totals.length === 0) lines.push("No expenses match.");
  if (totals.length > 1) lines.push("Currencies stay apart: nothing is converted.");
  if (currencies_left_out) {
    lines.push(
      `${currencies_left_out} more currencies have no room: name one, or narrow the dates.`,
    );
  }
  if (compared) lines.push(`Compared: ${compared}.`);
  lines.push(...rowLines(sums.filter((sum) => !isTotal(sum))));
  if (groups_left_out) {
    lines.push(
      `${groups_left_out} more groups have no room: narrow the dates or filters, or group by longer periods.`,
    );
  }
  if (largest.length > 0) lines.push("Largest:");
  for (const { date, amount, currency, description, id } of largest) {
    lines.push(`- ${date}: ${formatDecimal(amount, currency)}, ${quote(description)} (id ${id})`);
  }
  if (unreadable) {
    const what = unreadable === 1 ? "expense" : "expenses";
    lines.push(`${unreadable} stored ${what} could not be read: in no sum.`);
  }
  return lines.join("\n");
}
