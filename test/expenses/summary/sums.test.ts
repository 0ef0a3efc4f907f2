import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { largestMinorUnits } from "../../../src/expenses/money.ts";
import {
  type CurrencySum,
  type ExpenseFigures,
  shownSum,
  sumsOf,
  sumText,
} from "../../../src/expenses/summary/sums.ts";
import { verifies } from "../../requirements.ts";

const lunch: ExpenseFigures = {
  date: "2026-11-20",
  minorUnits: 1250,
  decimals: 2,
  currency: "EUR",
  category: "food",
  paymentMethod: "visa",
  isRefund: false,
};

const figures: fc.Arbitrary<ExpenseFigures> = fc.record({
  date: fc.constant("2026-11-20"),
  minorUnits: fc.integer({ min: 1, max: largestMinorUnits }),
  decimals: fc.integer({ min: 0, max: 4 }),
  currency: fc.constantFrom("EUR", "JPY", "USD"),
  category: fc.constantFrom("food", "other"),
  paymentMethod: fc.constantFrom("visa", "cash"),
  isRefund: fc.boolean(),
});

describe("sumsOf", () => {
  it(verifies("sums.exact", "adds per currency, in alphabetical order"), () => {
    const sums = sumsOf([
      lunch,
      { ...lunch, currency: "CHF", minorUnits: 5 },
      { ...lunch, minorUnits: 750, isRefund: true },
      { ...lunch, minorUnits: 1 },
    ]);
    expect(sums).toEqual([
      { currency: "CHF", decimals: 2, count: 1, spent: 5n, refunded: 0n },
      { currency: "EUR", decimals: 2, count: 3, spent: 1251n, refunded: 750n },
    ]);
    expect(sumsOf([])).toEqual([]);
  });

  it(verifies("sums.exact", "adds amounts that were stored with other decimals"), () => {
    const [sum] = sumsOf([
      lunch,
      { ...lunch, minorUnits: 3, decimals: 0 },
      { ...lunch, decimals: 3 },
    ]);
    expect(sum).toEqual({ currency: "EUR", decimals: 3, count: 3, spent: 16_750n, refunded: 0n });
  });

  it(
    verifies("sums.exact", "is what adding all at the finest decimals gives, in any order"),
    () => {
      fc.assert(
        fc.property(fc.array(figures, { maxLength: 60 }), (all) => {
          const sums = sumsOf(all);
          expect(sumsOf(all.toReversed())).toEqual(sums);
          expect(sums.map(({ currency }) => currency)).toEqual(
            [...new Set(all.map(({ currency }) => currency))].sort(),
          );
          for (const sum of sums) {
            const own = all.filter(({ currency }) => currency === sum.currency);
            const total = (isRefund: boolean) =>
              own
                .filter((one) => one.isRefund === isRefund)
                .reduce(
                  (sum, one) => sum + BigInt(one.minorUnits) * 10n ** BigInt(4 - one.decimals),
                  0n,
                );
            const scale = 10n ** BigInt(4 - sum.decimals);
            expect(sum.count).toBe(own.length);
            expect([sum.spent * scale, sum.refunded * scale]).toEqual([total(false), total(true)]);
          }
        }),
      );
    },
  );

  it(verifies("sums.exact", "adds sums that were made before, with their counts"), () => {
    expect(
      sumsOf([
        { currency: "EUR", decimals: 2, isRefund: false, minorUnits: 10n ** 18n, count: 7 },
        { currency: "EUR", decimals: 2, isRefund: false, minorUnits: 1n, count: 2 },
      ]),
    ).toEqual([{ currency: "EUR", decimals: 2, count: 9, spent: 10n ** 18n + 1n, refunded: 0n }]);
  });
});

describe("shownSum and sumText", () => {
  const sum: CurrencySum = { currency: "EUR", decimals: 2, count: 4, spent: 12_000n, refunded: 0n };

  it(verifies("sums.refunds", "show spent alone where nothing was refunded"), () => {
    expect(shownSum(sum)).toEqual({ currency: "EUR", count: 4, spent: 120 });
    expect(sumText(shownSum(sum))).toBe("120.00 EUR (4)");
  });

  it(verifies("sums.refunds", "show spent, refunded and net where there are refunds"), () => {
    const shown = shownSum({ ...sum, refunded: 750n });
    expect(shown).toEqual({ currency: "EUR", count: 4, spent: 120, refunded: 7.5, net: 112.5 });
    expect(sumText(shown)).toBe("120.00 EUR spent, 7.50 EUR refunded, 112.50 EUR net (4)");
    expect(sumText(shownSum({ ...sum, spent: 0n, refunded: 750n, count: 1 }))).toBe(
      "0.00 EUR spent, 7.50 EUR refunded, -7.50 EUR net (1)",
    );
  });

  it(verifies("sums.shown-exactly", "show as text what a number would round"), () => {
    const large = { ...sum, spent: 10n ** 15n + 1n };
    expect(shownSum(large)).toEqual({
      currency: "EUR",
      count: 4,
      exact_text: "10000000000000.01 EUR",
    });
    expect(sumText(shownSum(large))).toBe("10000000000000.01 EUR (4)");
    expect(sumText(shownSum({ ...large, refunded: 1n }))).toBe(
      "10000000000000.01 EUR spent, 0.01 EUR refunded, 10000000000000.00 EUR net (4)",
    );
  });

  it(verifies("sums.shown-exactly", "lose no digit of any sum"), () => {
    const amount = fc.bigInt({ min: 0n, max: 10n ** 18n });
    fc.assert(
      fc.property(amount, amount, fc.integer({ min: 0, max: 4 }), (spent, refunded, decimals) => {
        const text = sumText(shownSum({ ...sum, decimals, spent, refunded }));
        const read = [...text.matchAll(/(-?)(\d+)(?:\.(\d+))? EUR/g)].map(
          ([, sign, whole = "", fraction = ""]) =>
            BigInt(`${sign}${whole}${fraction.padEnd(4, "0")}`) / 10n ** BigInt(4 - decimals),
        );
        expect(read).toEqual(refunded === 0n ? [spent] : [spent, refunded, spent - refunded]);
      }),
    );
  });
});
