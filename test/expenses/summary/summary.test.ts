import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  groupings,
  groupSums,
  isPeriod,
  netOf,
  withBefore,
} from "../../../src/expenses/summary/summary.ts";
import { fittingGroups, rowLines, shownRow } from "../../../src/expenses/summary/summary-shown.ts";
import { type ExpenseFigures, sumsOf } from "../../../src/expenses/summary/sums.ts";
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

const figures: fc.Arbitrary<ExpenseFigures[]> = fc.array(
  fc.record({
    date: fc
      .date({ min: new Date("2025-11-01"), max: new Date("2026-12-31"), noInvalidDate: true })
      .map((date) => date.toISOString().slice(0, 10)),
    minorUnits: fc.integer({ min: 1, max: 10 ** 12 }),
    decimals: fc.constantFrom(0, 2, 3),
    currency: fc.constantFrom("EUR", "JPY", "USD"),
    category: fc.constantFrom("food", "transport", "other"),
    paymentMethod: fc.constantFrom("visa", "cash"),
    isRefund: fc.boolean(),
  }),
  { maxLength: 40 },
);

describe("groupSums", () => {
  it(verifies("summary.exact", "adds up to the totals, whatever it groups by"), () => {
    fc.assert(
      fc.property(figures, fc.constantFrom(...groupings), (all, by) => {
        const groups = groupSums(all, by, {});
        const again = sumsOf(
          groups.flatMap(({ currency, decimals, count, spent, refunded }) => [
            { currency, decimals, count, isRefund: false, minorUnits: spent },
            { currency, decimals, count: 0, isRefund: true, minorUnits: refunded },
          ]),
        );
        expect(again).toEqual(sumsOf(all));
        const names = groups.map(({ group, currency }) => `${group} ${currency}`);
        expect(new Set(names).size).toBe(names.length);
        if (isPeriod(by))
          expect(groups.map(({ group }) => group)).toEqual(groups.map(({ group }) => group).sort());
      }),
    );
  });

  it(verifies("summary.bounded", "makes no row for each currency on each day of a century"), () => {
    const currencies = Array.from({ length: 170 }, (_, index) => `C${index}`);
    const spread = currencies.flatMap((currency) =>
      ["2000-01-01", "2050-06-15", "2099-12-31"].map((date) => ({ ...lunch, date, currency })),
    );
    const groups = groupSums(spread, "day", {});
    expect(groups.length).toBeLessThan(100_000);
    // Each day has a row still, those with expenses have all, and so have the newest.
    expect(new Set(groups.map(({ group }) => group)).size).toBe(36_525);
    for (const day of ["2000-01-01", "2050-06-15", "2099-12-01", "2099-12-31"]) {
      expect(groups.filter(({ group }) => group === day)).toHaveLength(170);
    }
  });

  it(
    verifies("summary.zeros", "shows empty periods as zero, from the first day asked to the last"),
    () => {
      const all = [lunch, { ...lunch, date: "2026-11-02", currency: "USD" }];
      const weeks = groupSums(all, "week", { from: "2026-10-30", to: "2026-11-20" });
      expect(weeks.map(({ group, currency, count }) => [group, currency, count])).toEqual([
        ["2026-W44", "EUR", 0],
        ["2026-W44", "USD", 0],
        ["2026-W45", "EUR", 0],
        ["2026-W45", "USD", 1],
        ["2026-W46", "EUR", 0],
        ["2026-W46", "USD", 0],
        ["2026-W47", "EUR", 1],
        ["2026-W47", "USD", 0],
      ]);
      // Open, it begins and ends with the expenses.
      expect(groupSums(all, "month", {}).map(({ group }) => group)).toEqual(["2026-11", "2026-11"]);
      const century = groupSums([lunch], "day", { from: "2000-01-01", to: "2099-12-31" });
      expect(century.map(({ group }) => group)).toEqual(["2026-11-20"]);
      expect(groupSums([], "day", { from: "2026-11-01", to: "2026-11-30" })).toEqual([]);
    },
  );

  it(verifies("summary.groups", "puts the largest net first, in each currency"), () => {
    const all = [
      lunch,
      { ...lunch, category: "transport", minorUnits: 9_000 },
      { ...lunch, category: "shopping", minorUnits: 10_000 },
      { ...lunch, category: "shopping", minorUnits: 9_999, isRefund: true },
      { ...lunch, category: "gadget", minorUnits: 20, decimals: 0 },
      { ...lunch, category: "food", currency: "AED", minorUnits: 1 },
    ];
    expect(groupSums(all, "category", {}).map(({ currency, group }) => [currency, group])).toEqual([
      ["AED", "food"],
      ["EUR", "transport"],
      ["EUR", "gadget"],
      ["EUR", "food"],
      ["EUR", "shopping"],
    ]);
    expect(groupSums(all, "payment_method", {}).map(({ group }) => group)).toEqual([
      "visa",
      "visa",
    ]);
    expect(groupSums(all, "currency", {}).map(({ group }) => group)).toEqual(["AED", "EUR"]);
  });
});

describe("withBefore", () => {
  it(verifies("summary.compare", "keeps what there was only before, and every decimal"), () => {
    const now = sumsOf([lunch, { ...lunch, currency: "JPY", minorUnits: 5, decimals: 0 }]);
    const before = sumsOf([
      { ...lunch, minorUnits: 12_001, decimals: 3 },
      { ...lunch, minorUnits: 1, isRefund: true },
      { ...lunch, currency: "USD" },
    ]);
    const compared = withBefore(now, before, ({ currency }) => currency);
    expect(compared.map(shownRow)).toEqual([
      { currency: "EUR", count: 1, spent: 12.5, before: 11.991, change: 0.509 },
      { currency: "JPY", count: 1, spent: 5, before: 0, change: 5 },
      { currency: "USD", count: 0, spent: 0, before: 12.5, change: -12.5 },
    ]);
  });

  it(verifies("summary.compare", "differs by what the nets differ by"), () => {
    fc.assert(
      fc.property(figures, figures, (now, before) => {
        for (const sum of withBefore(sumsOf(now), sumsOf(before), ({ currency }) => currency)) {
          const scaled = (all: ExpenseFigures[]) => {
            const own = sumsOf(all).find(({ currency }) => currency === sum.currency);
            return own ? netOf(own) * 10n ** BigInt(sum.decimals - own.decimals) : 0n;
          };
          expect([netOf(sum), sum.before]).toEqual([scaled(now), scaled(before)]);
        }
      }),
    );
  });
});

describe("fittingGroups", () => {
  const days = groupSums([lunch, { ...lunch, date: "2026-01-01", currency: "USD" }], "day", {}).map(
    shownRow,
  );

  it(verifies("summary.short", "keeps the newest periods whole, and counts the others"), () => {
    const { shown: groups, leftOut } = fittingGroups(days, true, 1_000);
    expect(groups.at(-1)).toMatchObject({ group: "2026-11-20", currency: "USD" });
    expect(groups.length % 2).toBe(0);
    expect(groups.length / 2 + leftOut).toBe(new Set(days.map(({ group }) => group)).size);
    expect(rowLines(groups).join("\n").length).toBeLessThan(1_000);
    expect(JSON.stringify(groups).length).toBeLessThan(1_100);
  });

  it(
    verifies("summary.short", "keeps the first of what is no trend, and all where all fit"),
    () => {
      const { shown: groups, leftOut } = fittingGroups(days, false, 1_000);
      expect(groups).toEqual(days.slice(0, groups.length));
      expect(leftOut).toBe(days.length - groups.length);
      expect(fittingGroups(days.slice(0, 3), true, 1_000)).toEqual({
        shown: days.slice(0, 3),
        leftOut: 0,
      });
    },
  );
});
