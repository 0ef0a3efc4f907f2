import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  addDays,
  type PeriodKind,
  periodKinds,
  periodOf,
  periodsIn,
  spanBefore,
} from "../../../src/expenses/summary/periods.ts";
import { verifies } from "../../requirements.ts";

const day = fc
  .date({ min: new Date("2000-01-01"), max: new Date("2099-12-31"), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10));

describe("periodOf", () => {
  it.each<[PeriodKind, string, string]>([
    ["day", "2026-11-20", "2026-11-20"],
    ["month", "2026-11-20", "2026-11"],
    ["quarter", "2026-01-01", "2026-Q1"],
    ["quarter", "2026-03-31", "2026-Q1"],
    ["quarter", "2026-04-01", "2026-Q2"],
    ["quarter", "2026-12-31", "2026-Q4"],
    ["year", "2026-11-20", "2026"],
    // ISO 8601: years of 53 weeks, and days that belong to a week of the other year.
    ["week", "2026-11-20", "2026-W47"],
    ["week", "2026-01-01", "2026-W01"],
    ["week", "2025-12-29", "2026-W01"],
    ["week", "2025-12-28", "2025-W52"],
    ["week", "2026-12-31", "2026-W53"],
    ["week", "2027-01-03", "2026-W53"],
    ["week", "2027-01-04", "2027-W01"],
    ["week", "2021-01-03", "2020-W53"],
    ["week", "2024-12-30", "2025-W01"],
  ])(verifies("summary.periods", "names the %s of %s %s"), (kind, day, name) => {
    expect(periodOf(kind, day)).toBe(name);
  });

  it(verifies("summary.periods", "gives a week the same name from Monday to Sunday"), () => {
    fc.assert(
      fc.property(day, (date) => {
        const monday = addDays(date, -((new Date(date).getUTCDay() + 6) % 7));
        expect(periodOf("week", date)).toBe(periodOf("week", monday));
        expect(periodOf("week", addDays(monday, 7)) > periodOf("week", date)).toBe(true);
      }),
    );
  });
});

describe("periodsIn", () => {
  it(verifies("summary.periods", "has every period of a span once, in order"), () => {
    expect(periodsIn("month", { from: "2025-11-30", to: "2026-02-01" })).toEqual([
      "2025-11",
      "2025-12",
      "2026-01",
      "2026-02",
    ]);
    expect(periodsIn("week", { from: "2026-12-27", to: "2027-01-04" })).toEqual([
      "2026-W52",
      "2026-W53",
      "2027-W01",
    ]);
    expect(periodsIn("day", { from: "2024-02-28", to: "2024-03-01" })).toHaveLength(3);
    for (const kind of periodKinds) {
      const periods = periodsIn(kind, { from: "2000-01-01", to: "2099-12-31" });
      expect(periods).toEqual([...new Set(periods)].sort());
    }
  });

  it(verifies("summary.periods", "misses none, wherever a span begins and ends"), () => {
    fc.assert(
      fc.property(day, fc.nat(800), fc.constantFrom(...periodKinds), (from, days, kind) => {
        const everyDay = Array.from({ length: days + 1 }, (_, index) => addDays(from, index));
        expect(periodsIn(kind, { from, to: addDays(from, days) })).toEqual([
          ...new Set(everyDay.map((one) => periodOf(kind, one))),
        ]);
      }),
    );
  });
});

describe("spanBefore", () => {
  it.each([
    ["a month", "2026-03-01", "2026-03-31", "2026-02-01", "2026-02-28"],
    ["January", "2026-01-01", "2026-01-31", "2025-12-01", "2025-12-31"],
    ["a quarter", "2026-07-01", "2026-09-30", "2026-04-01", "2026-06-30"],
    ["the first quarter", "2026-01-01", "2026-03-31", "2025-10-01", "2025-12-31"],
    ["a year", "2026-01-01", "2026-12-31", "2025-01-01", "2025-12-31"],
    ["a week", "2026-11-16", "2026-11-22", "2026-11-09", "2026-11-15"],
    ["a day", "2026-03-01", "2026-03-01", "2026-02-28", "2026-02-28"],
    ["a part of a month", "2026-11-01", "2026-11-20", "2026-10-12", "2026-10-31"],
    ["days across a year", "2026-01-02", "2026-01-11", "2025-12-23", "2026-01-01"],
  ])(verifies("summary.compare", "of %s, %s to %s, is %s to %s"), (_what, from, to, ...before) => {
    expect(Object.values(spanBefore({ from, to }))).toEqual(before);
  });

  it(verifies("summary.compare", "ends on the day before, as long as days or months go"), () => {
    fc.assert(
      fc.property(day, fc.nat(800), (from, days) => {
        const to = addDays(from, days);
        const before = spanBefore({ from, to });
        expect(addDays(before.to, 1)).toBe(from);
        const length = periodsIn("day", before).length;
        const months = periodsIn("month", before).length;
        expect(length === days + 1 || months === periodsIn("month", { from, to }).length).toBe(
          true,
        );
      }),
    );
  });
});
