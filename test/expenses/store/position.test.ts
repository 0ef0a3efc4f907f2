import fc from "fast-check";
import { expect, it } from "vitest";
import {
  type ExpenseFilters,
  expenseFilterNames,
  filterTexts,
} from "../../../src/expenses/expense-filters.ts";
import {
  expenseOrders,
  positionBytes,
  positionFrom,
  positionOf,
  sortKeyAt,
} from "../../../src/expenses/store/position.ts";
import { verifies } from "../../requirements.ts";

const day = fc
  .date({ min: new Date("1970-01-01"), max: new Date("2099-12-31"), noInvalidDate: true })
  .map((date) => date.toISOString());
const stored = fc.record({
  date: day.map((date) => date.slice(0, 10)),
  createdAt: day,
  id: fc.oneof(fc.uuid(), fc.stringMatching(/^[\w-]{43}$/)),
  minorUnits: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
});

it(verifies("expenses.position-short", "comes back exactly, from 24 bytes at most"), () => {
  fc.assert(
    fc.property(fc.constantFrom(...expenseOrders), stored, (order, expense) => {
      const { date, createdAt, id, minorUnits } = expense;
      const sortKey = `${date}|${createdAt}|${id}`;
      const position = positionOf(order, sortKey, minorUnits);
      if (!position) throw new Error("It has no position.");
      const bytes = positionBytes(position);
      expect(bytes.length).toBeLessThanOrEqual(24);
      expect(positionFrom(bytes)).toEqual(position);
      // The expense itself does not come again.
      expect(sortKeyAt(position) < sortKey).toBe(true);
      expect(sortKey.startsWith(sortKeyAt(position))).toBe(true);
    }),
  );
});

it("has no position for another key, and none of other bytes", () => {
  expect(positionOf("date", undefined, 1)).toBeUndefined();
  expect(positionOf("date", "2026-11-20|", 1)).toBeUndefined();
  const key = "2026-11-20|2026-11-20T12:00:00.000Z|id";
  expect(positionOf("amount", key, "1")).toBeUndefined();
  for (const bytes of [[], [3, 0, 0, 0, 0, 0, 0, 0, 0], [0, 0], [1, 0, 0, 0, 0, 0, 0, 0, 0]]) {
    expect(positionFrom(Uint8Array.from(bytes))).toBeUndefined();
  }
});

it(verifies("expenses.filters-texts", "are the same in any order, and name what is stated"), () => {
  expect(filterTexts({ categories: ["food", "other"], amountFrom: 0, text: undefined })).toEqual({
    categories: "food other",
    amountFrom: "0",
  });
  expect(filterTexts({ categories: ["other", "food"] })).toEqual({ categories: "food other" });
  const all: Required<ExpenseFilters> = {
    ...{ from: "2026-11-01", to: "2026-11-02", currency: "EUR", amountFrom: 1, amountTo: 2 },
    categories: ["food"],
    paymentMethods: ["cash"],
    text: "tea",
  };
  expect(Object.keys(filterTexts(all)).sort()).toEqual([...expenseFilterNames].sort());
});
