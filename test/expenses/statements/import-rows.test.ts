import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Expense, NewExpense } from "../../../src/expenses/expense.ts";
import { lineRanges, rowsOf, withStored } from "../../../src/expenses/statements/import-rows.ts";
import { verifies } from "../../requirements.ts";

const coffee: NewExpense = {
  date: "2026-11-01",
  minorUnits: 250,
  decimals: 2,
  currency: "EUR",
  category: "food",
  description: "Coffee",
  paymentMethod: "visa",
  isRefund: false,
};

const stored = (id: string, expense: Partial<NewExpense> = {}): Expense => ({
  ...coffee,
  ...expense,
  id,
  createdAt: "2026-11-01T00:00:00.000Z",
  version: "1",
  receipts: [],
});

const rows = (...expenses: Partial<NewExpense>[]) =>
  rowsOf(
    expenses.map((expense, index) => ({ line: index + 1, expense: { ...coffee, ...expense } })),
  );

describe("rowsOf", () => {
  it(verifies("import.keys", "numbers equal lines, whatever stands between them"), () => {
    const keys = rows({}, { description: "Tea" }, {}, {}).map(({ key }) => key);
    expect(new Set(keys).size).toBe(4);
    const again = rows({}, {}, {}).map(({ key }) => key);
    expect(again).toEqual([keys[0], keys[2], keys[3]]);
    for (const key of keys) expect(key).toMatch(/^[ -~]{1,128}$/);
  });

  it(
    verifies("import.keys", "gives the same keys whatever is decided of category and method"),
    () => {
      const [one] = rows({});
      const [other] = rows({ category: "other", paymentMethod: "cash" });
      expect(other?.key).toBe(one?.key);
      for (const change of [{ date: "2026-11-02" }, { minorUnits: 251 }, { isRefund: true }]) {
        expect(rows(change)[0]?.key).not.toBe(one?.key);
      }
    },
  );

  it(
    verifies("import.keys", "gives every line a key of its own, and the same in a second try"),
    () => {
      const line = fc.record({
        description: fc.constantFrom("a", "b"),
        minorUnits: fc.constantFrom(1, 2),
        isRefund: fc.boolean(),
      });
      return fc.assert(
        fc.property(fc.array(line, { maxLength: 30 }), (lines) => {
          const keys = rows(...lines).map(({ key }) => key);
          expect(new Set(keys).size).toBe(lines.length);
          expect(rows(...lines).map(({ key }) => key)).toEqual(keys);
        }),
      );
    },
  );
});

describe("withStored", () => {
  const like = (lines: Partial<NewExpense>[], expenses: Expense[]) =>
    withStored(rows(...lines), expenses).map(({ storedId }) => storedId);

  it(verifies("import.duplicates", "finds what is stored, each with one line alone"), () => {
    expect(like([{}, {}, {}], [stored("a")])).toEqual(["a", undefined, undefined]);
    expect(like([{}, {}], [stored("a"), stored("b")])).toEqual(["a", "b"]);
    const shop = { description: "STARBUCKS 1234 SEATTLE" };
    expect(like([shop], [stored("a", { description: "Latte at Starbucks" })])).toEqual(["a"]);
    expect(like([shop], [stored("a", { description: "Lunch" })])).toEqual([undefined]);
    expect(like([{ description: "café" }], [stored("a", { description: "CAFE" })])).toEqual(["a"]);
    for (const other of [{ date: "2026-11-02" }, { minorUnits: 251 }, { currency: "USD" }]) {
      expect(like([{}], [stored("a", other)])).toEqual([undefined]);
    }
    expect(like([{}], [stored("a", { isRefund: true })])).toEqual([undefined]);
  });

  it(verifies("import.duplicates", "takes what says the same before what is similar"), () => {
    const lines = [{ description: "Coffee bar" }, { description: "Coffee" }];
    expect(like(lines, [stored("a")])).toEqual([undefined, "a"]);
  });

  it(
    verifies("import.comparison-bounded", "looks at each word once, however many are alike"),
    () => {
      const count = 5_000;
      let reads = 0;
      const counted = <Described extends object>(described: Described, description: string) =>
        Object.defineProperty(described, "description", {
          enumerable: true,
          get() {
            reads += 1;
            return description;
          },
        });
      const words = (kind: string) => Array(100).fill(kind).join(" ");
      const lines = rows({}).flatMap((row) =>
        Array.from({ length: count }, (_, index) => ({
          ...row,
          line: index,
          expense: counted({ ...row.expense }, words("line")),
        })),
      );
      const others = Array.from({ length: count }, (_, index) =>
        counted(stored(`${index}`), words("other")),
      );
      expect(withStored(lines, others).some(({ storedId }) => storedId)).toBe(false);
      expect(reads).toBeLessThanOrEqual(4 * count);
      // And all of them are found where they are the same.
      const same = withStored(
        lines,
        others.map(({ id }) => stored(id, { description: "Line" })),
      );
      expect(same.map(({ storedId }) => storedId)).toEqual(others.map(({ id }) => id));
    },
  );
});

it(verifies("import.two-steps", "writes numbers of lines short"), () => {
  expect(lineRanges([3, 5, 6, 7, 9])).toBe("3, 5-7, 9");
  expect(lineRanges([])).toBe("");
  const odd = Array.from({ length: 500 }, (_, index) => 2 * index);
  expect(lineRanges(odd).length).toBeLessThan(310);
});
