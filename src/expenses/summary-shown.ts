import { z } from "zod";
import { exactDigits } from "../core/exact-numbers.ts";
import { formatDecimal, toDecimal } from "./money.ts";
import { type GroupSum, netOf } from "./summary.ts";
import { type CurrencySum, shownSum, shownSumFields, sumText } from "./sums.ts";

/** A total as the summary shows it. Composed with `z.object`. */
export const shownTotalFields = {
  ...shownSumFields,
  before: z.number().optional().describe("Net of the span before. Only where it was compared."),
  change: z.number().optional().describe("This span's net less that."),
} as const;

/** A group as the summary shows it. Composed with `z.object`. */
export const shownGroupFields = {
  group: z.string().describe("2026-11-20, 2026-W47, 2026-11, 2026-Q4, 2026, or what they share."),
  ...shownTotalFields,
} as const;

export type ShownTotal = z.output<z.ZodObject<typeof shownTotalFields>>;
export type ShownGroup = z.output<z.ZodObject<typeof shownGroupFields>>;

/** `before` and `change` are left out where a number would round them. */
export function shownTotal(sum: CurrencySum & { readonly before?: bigint }): ShownTotal {
  const { before, decimals } = sum;
  if (before === undefined) return shownSum(sum);
  const change = netOf(sum) - before;
  const isExact = [before, change].every((amount) => String(amount).length <= exactDigits);
  if (!isExact) return shownSum(sum);
  return {
    ...shownSum(sum),
    before: toDecimal(before, decimals),
    change: toDecimal(change, decimals),
  };
}

export function shownGroup({ group, ...sum }: GroupSum): ShownGroup {
  return { group, ...shownTotal(sum) };
}

/** A total or a group as a person reads it. */
export function totalText(total: ShownTotal): string {
  const { currency, before, change } = total;
  if (before === undefined || change === undefined) return sumText(total);
  const sign = change > 0 ? "+" : "";
  return `${sumText(total)}, before ${formatDecimal(before, currency)}, change ${sign}${formatDecimal(change, currency)}`;
}

export function groupLine({ group, ...total }: ShownGroup): string {
  return `- ${group}: ${totalText(total)}`;
}

/**
 * The groups that an answer has room for, so that neither its text nor its JSON becomes long.
 *
 * @param isTrend periods in the order of time, of which the newest stay, all currencies of each; of
 *   others the first stay
 * @param room characters
 */
export function fittingGroups(
  groups: readonly ShownGroup[],
  isTrend: boolean,
  room: number,
): { groups: ShownGroup[]; groups_left_out?: number } {
  const units = isTrend
    ? [...Map.groupBy(groups, ({ group }) => group).values()].reverse()
    : groups.map((group) => [group]);
  let left = room;
  const shown = units.filter((unit) => {
    left -= Math.max(JSON.stringify(unit).length, unit.map(groupLine).join("\n").length + 1);
    return left >= 0;
  });
  const kept = (isTrend ? shown.reverse() : shown).flat();
  const leftOut = units.length - shown.length;
  return { groups: kept, ...(leftOut > 0 && { groups_left_out: leftOut }) };
}
