import { z } from "zod";
import { exactDigits } from "../../core/exact-numbers.ts";
import { formatAmount, formatDecimal, toDecimal } from "../money.ts";

/** The fields of an expense that sums need. */
export interface ExpenseFigures {
  /** `YYYY-MM-DD`. */
  readonly date: string;
  /** Positive whole number of the minor unit; of a refund too. */
  readonly minorUnits: number;
  /** How many decimals the minor unit stands for. */
  readonly decimals: number;
  /** ISO 4217. */
  readonly currency: string;
  readonly category: string;
  readonly paymentMethod: string;
  readonly isRefund: boolean;
}

/** The exact sums of one currency. Nothing adds sums of different currencies. */
export interface CurrencySum {
  /** ISO 4217. */
  readonly currency: string;
  /** How many decimals the minor unit stands for. */
  readonly decimals: number;
  /** How many expenses and refunds. */
  readonly count: number;
  /** What was paid, in minor units. */
  readonly spent: bigint;
  /** What came back, in minor units; positive. */
  readonly refunded: bigint;
}

/** What one expense, or many of the same currency and decimals, bring to a sum. */
export type Summand = Pick<ExpenseFigures, "currency" | "decimals" | "isRefund"> & {
  readonly minorUnits: number | bigint;
  /** How many expenses; 1 where absent. */
  readonly count?: number;
};

/** One sum for each currency, in alphabetical order of the currencies. */
export function sumsOf(figures: Iterable<Summand>): CurrencySum[] {
  const sums = new Map<string, CurrencySum>();
  for (const { currency, decimals, isRefund, minorUnits, count = 1 } of figures) {
    const before = sums.get(currency) ?? { decimals, count: 0, spent: 0n, refunded: 0n };
    // A currency may have lost or gained decimals since its first expense was stored.
    const common = Math.max(before.decimals, decimals);
    const added = aligned(BigInt(minorUnits), decimals, common);
    const spent = aligned(before.spent, before.decimals, common);
    const refunded = aligned(before.refunded, before.decimals, common);
    sums.set(currency, {
      currency,
      decimals: common,
      count: before.count + count,
      spent: isRefund ? spent : spent + added,
      refunded: isRefund ? refunded + added : refunded,
    });
  }
  return [...sums.values()].sort((one, other) => (one.currency < other.currency ? -1 : 1));
}

function aligned(minorUnits: bigint, decimals: number, to: number): bigint {
  return minorUnits * 10n ** BigInt(to - decimals);
}

/** A sum as the tools show it. Composed with `z.object`. */
export const shownSumFields = {
  currency: z.string().describe("ISO 4217."),
  count: z.int().describe("Expenses and refunds."),
  spent: z.number().optional().describe("Exact."),
  refunded: z.number().optional().describe("Where there are refunds."),
  net: z.number().optional().describe("spent less refunded."),
  exact_text: z.string().optional().describe(`Instead, where one has over ${exactDigits} digits.`),
} as const;

export type ShownSum = z.output<z.ZodObject<typeof shownSumFields>>;

/** A sum as the tools show it: as numbers, or as text where a number would round it. */
export function shownSum({ currency, decimals, count, spent, refunded }: CurrencySum): ShownSum {
  const amounts = refunded === 0n ? [spent] : [spent, refunded, spent - refunded];
  if (amounts.some((amount) => magnitude(amount) >= 10n ** BigInt(exactDigits))) {
    const texts = amounts.map((amount) => `${formatAmount(amount, decimals)} ${currency}`);
    return { currency, count, exact_text: amountsText(texts) };
  }
  const [shownSpent, shownRefunded, net] = amounts.map((amount) => toDecimal(amount, decimals));
  if (shownRefunded === undefined) return { currency, count, spent: shownSpent };
  return { currency, count, spent: shownSpent, refunded: shownRefunded, net };
}

/** A sum as a person reads it: `120.00 EUR spent, 7.50 EUR refunded, 112.50 EUR net (4)`. */
export function sumText({ currency, count, spent, refunded, net, exact_text }: ShownSum): string {
  const texts = [spent, refunded, net]
    .filter((amount) => amount !== undefined)
    .map((amount) => formatDecimal(amount, currency));
  return `${exact_text ?? amountsText(texts)} (${count})`;
}

function amountsText([spent = "", refunded, net]: readonly string[]): string {
  return refunded === undefined ? spent : `${spent} spent, ${refunded} refunded, ${net} net`;
}

function magnitude(amount: bigint): bigint {
  return amount < 0n ? -amount : amount;
}
