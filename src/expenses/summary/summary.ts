import {
  addDays,
  type PeriodKind,
  periodKinds,
  periodOf,
  periodsIn,
  type Span,
} from "./periods.ts";
import { type CurrencySum, type ExpenseFigures, sumsOf } from "./sums.ts";

/** What expenses can be grouped by. */
export const groupings = [...periodKinds, "category", "payment_method", "currency"] as const;

export type Grouping = (typeof groupings)[number];

/** The sum of one group in one currency. */
export interface GroupSum extends CurrencySum {
  /** The name of a period, or what the expenses of the group have in common. */
  readonly group: string;
  /** The net of the span before, in minor units; where it was compared. */
  readonly before?: bigint;
}

/**
 * The sums of each group. Periods come in the order of time, and those without expenses, from the
 * first day of the span to its last, have zeros; all others by currency, the largest net first.
 *
 * @param span days that were asked for; where one is open, it begins or ends with the expenses
 */
export function groupSums(
  figures: readonly ExpenseFigures[],
  by: Grouping,
  span: Partial<Span>,
): GroupSum[] {
  const groups = Map.groupBy(figures, (one) => groupOf(one, by));
  const sums = [...groups].flatMap(([group, members]) =>
    sumsOf(members).map((sum) => ({ group, ...sum })),
  );
  return isPeriod(by)
    ? withEmptyPeriods(sums, by, spanOf(figures, span), sumsOf(figures))
    : ranked(sums);
}

/** Each sum with its net before. What there was only before is there too, with zeros. */
export function withBefore<Sum extends CurrencySum>(
  sums: readonly Sum[],
  before: readonly Sum[],
  nameOf: (sum: Sum) => string,
): (Sum & { readonly before: bigint })[] {
  const known = new Map(sums.map((sum) => [nameOf(sum), sum]));
  const was = new Map(before.map((sum) => [nameOf(sum), sum]));
  const gone = before.filter((sum) => !known.has(nameOf(sum)));
  const all = [...sums, ...gone.map((sum) => ({ ...sum, count: 0, spent: 0n, refunded: 0n }))];
  return all.map((sum) => {
    const old = was.get(nameOf(sum));
    const decimals = Math.max(sum.decimals, old?.decimals ?? 0);
    const scale = 10n ** BigInt(decimals - sum.decimals);
    return {
      ...{ ...sum, decimals, spent: sum.spent * scale, refunded: sum.refunded * scale },
      before: old ? netOf(old) * 10n ** BigInt(decimals - old.decimals) : 0n,
    };
  });
}

export function netOf({ spent, refunded }: Pick<CurrencySum, "spent" | "refunded">): bigint {
  return spent - refunded;
}

export function isPeriod(by: Grouping): by is PeriodKind {
  return periodKinds.some((kind) => kind === by);
}

function groupOf(
  { date, category, paymentMethod, currency }: ExpenseFigures,
  by: Grouping,
): string {
  switch (by) {
    case "category":
      return category;
    case "payment_method":
      return paymentMethod;
    case "currency":
      return currency;
    default:
      return periodOf(by, date);
  }
}

function ranked(sums: readonly GroupSum[]): GroupSum[] {
  return sums.toSorted((one, other) => {
    if (one.currency !== other.currency) return one.currency < other.currency ? -1 : 1;
    const [first, second] = [one, other].map((sum) => netOf(sum) * 10n ** BigInt(6 - sum.decimals));
    if (first !== second) return (first ?? 0n) > (second ?? 0n) ? -1 : 1;
    return one.group < other.group ? -1 : 1;
  });
}

/**
 * The days that were asked for. Where they begin more than a year before the first expense, they begin
 * with it instead, and likewise at the end: nobody reads a century of zeros.
 */
function spanOf(figures: readonly ExpenseFigures[], asked: Partial<Span>): Span | undefined {
  const days = figures.map(({ date }) => date).sort();
  const [first, last] = [days[0], days.at(-1)];
  if (first === undefined || last === undefined) return undefined;
  const { from = first, to = last } = asked;
  const [earliest, latest] = [addDays(first, -yearOfDays), addDays(last, yearOfDays)];
  return { from: from < earliest ? first : from, to: to > latest ? last : to };
}

const yearOfDays = 366;

function withEmptyPeriods(
  sums: readonly GroupSum[],
  by: PeriodKind,
  span: Span | undefined,
  totals: readonly CurrencySum[],
): GroupSum[] {
  if (!span) return [];
  const known = Map.groupBy(sums, ({ group }) => group);
  const zero = (group: string, { currency, decimals }: CurrencySum) => {
    return { group, currency, decimals, count: 0, spent: 0n, refunded: 0n };
  };
  const periods = periodsIn(by, span);
  return periods.flatMap((group, index) => {
    const found = known.get(group) ?? [];
    if (index < periods.length - filledPeriods) {
      return found.length > 0 ? found : totals.slice(0, 1).map((total) => zero(group, total));
    }
    const own = new Map(found.map((sum) => [sum.currency, sum]));
    return totals.map((total) => own.get(total.currency) ?? zero(group, total));
  });
}

/**
 * So many of the newest periods have every currency: more than an answer has room for. A day of each
 * currency for a century would be millions.
 */
const filledPeriods = 200;
