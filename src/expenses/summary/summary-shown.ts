import { z } from "zod";
import { exactDigits } from "../../core/exact-numbers.ts";
import { formatDecimal, toDecimal } from "../money.ts";
import { fitting } from "./answer-room.ts";
import { type GroupSum, netOf } from "./summary.ts";
import { type CurrencySum, shownSum, shownSumFields, sumText } from "./sums.ts";

/** A sum as the summary shows it. Composed with `z.object`. */
export const shownRowFields = {
  group: z.string().optional().describe("2026-11-20, 2026-W47, 2026-11, 2026-Q4, food, …"),
  ...shownSumFields,
  before: z.number().optional().describe("Net of the span before."),
  change: z.number().optional().describe("Net less before."),
} as const;

export type ShownRow = z.output<z.ZodObject<typeof shownRowFields>>;

/**
 * A total, or the sum of a group. `before` and `change` are left out where a number would round them.
 */
export function shownRow(sum: Partial<GroupSum> & CurrencySum): ShownRow {
  const { group, before, decimals } = sum;
  const shown = { ...(group !== undefined && { group }), ...shownSum(sum) };
  if (before === undefined) return shown;
  const change = netOf(sum) - before;
  const isExact = [before, change].every((amount) => String(amount).length <= exactDigits);
  if (!isExact) return shown;
  return {
    ...shown,
    before: toDecimal(before, decimals),
    change: toDecimal(change, decimals),
  };
}

/**
 * Totals and groups as a person reads them: one line for each, with all its currencies. Of a currency
 * in which a group has nothing is told only where it has nothing at all.
 */
export function rowLines(rows: readonly ShownRow[]): string[] {
  const named = Map.groupBy(rows, ({ group }) => group);
  return [...named].map(([group, sums]) => {
    const inUse = sums.filter(({ count, before }) => count > 0 || before);
    const told = (inUse.length > 0 ? inUse : sums.slice(0, 1)).map(rowText);
    return `${group === undefined ? "Total" : `- ${group}`}: ${told.join("; ")}`;
  });
}

function rowText({ group: _named, ...sum }: ShownRow): string {
  const { currency, before, change } = sum;
  if (before === undefined || change === undefined) return sumText(sum);
  const changed = `${change > 0 ? "+" : ""}${formatDecimal(change, currency)}`;
  return `${sumText(sum)}, before ${formatDecimal(before, currency)}, change ${changed}`;
}

/**
 * The groups that an answer has room for, so that neither its text nor its JSON becomes long.
 *
 * @param isTrend periods in the order of time, of which the newest stay, all currencies of each; of
 *   others the first stay
 * @param room characters
 */
export function fittingGroups(
  groups: readonly ShownRow[],
  isTrend: boolean,
  room: number,
): { shown: ShownRow[]; leftOut: number } {
  const units = isTrend
    ? [...Map.groupBy(groups, ({ group }) => group).values()].reverse()
    : groups.map((group) => [group]);
  const { fits, leftOut } = fitting(units, (row) => rowLines([row]).join(), room);
  return { shown: (isTrend ? fits.toReversed() : fits).flat(), leftOut };
}
