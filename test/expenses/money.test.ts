import { describe, expect, it } from "vitest";
import {
  type AmountProblem,
  amountProblemText,
  decimalsOf,
  formatAmount,
  formatDecimal,
  isCurrency,
  largestMinorUnits,
  parseAmount,
  toDecimal,
} from "../../src/expenses/money.ts";
import { verifies } from "../requirements.ts";
import { value } from "../support/value.ts";

function problem(amount: number, currency: string): AmountProblem {
  const parsed = parseAmount(amount, currency);
  if (parsed.ok) throw new Error(`${amount} ${currency} was accepted`);
  return parsed.reason;
}

describe("parseAmount", () => {
  it.each([
    [12.5, "USD", 1250],
    [12, "USD", 1200],
    [0.01, "EUR", 1],
    [0.8, "KWD", 800],
    [1.005, "KWD", 1005],
    // Each of these is off by one when multiplied in binary: 1.1 * 100 is 110.00000000000001.
    [1.1, "USD", 110],
    [4.35, "USD", 435],
    [8.2, "USD", 820],
    [1.15, "USD", 115],
    [64.1, "USD", 6410],
    [1500, "JPY", 1500],
    [1e3, "JPY", 1000],
    [1e9, "USD", 100_000_000_000],
    [9_999_999_999.99, "USD", largestMinorUnits],
    [999_999_999_999, "JPY", largestMinorUnits],
    [0.0001, "CLF", 1],
    [1.5, "MGA", 150],
    [1.25, "MRU", 125],
    [0.001, "IQD", 1],
  ])(verifies("money.exact", "reads %d %s as %d minor units"), (amount, currency, minorUnits) => {
    expect(value(parseAmount(amount, currency))).toBe(minorUnits);
  });

  it.each([
    [12.345, "USD", 3, 2],
    [0.001, "USD", 3, 2],
    [1.5, "JPY", 1, 0],
    [0.1 + 0.2, "USD", 17, 2],
    [1e-7, "KWD", 7, 3],
    [1.5e-10, "USD", 11, 2],
    [5e-324, "USD", 324, 2],
    [1.0001, "BHD", 4, 3],
    [1.00001, "CLF", 5, 4],
  ])(
    verifies("money.decimals", "refuses %d %s: %d decimals where there are %d"),
    (amount, currency, gotDecimals, expectedDecimals) => {
      expect(problem(amount, currency)).toEqual({
        kind: "too-many-decimals",
        got: amount,
        gotDecimals,
        expectedDecimals,
        currency,
      });
    },
  );

  it(verifies("money.positive", "refuses zero, negative and unbounded amounts"), () => {
    expect(problem(0, "USD")).toEqual({ kind: "zero" });
    expect(problem(-0, "USD")).toEqual({ kind: "zero" });
    expect(problem(-5, "USD")).toEqual({ kind: "negative", got: -5 });
    expect(problem(Number.NaN, "USD").kind).toBe("not-finite");
    expect(problem(Number.POSITIVE_INFINITY, "USD").kind).toBe("not-finite");
    expect(problem(Number.NEGATIVE_INFINITY, "USD").kind).toBe("not-finite");
  });

  it.each([
    [10_000_000_000, "USD", "9999999999.99"],
    [1e12, "JPY", "999999999999"],
    [1e21, "USD", "9999999999.99"],
    [Number.MAX_VALUE, "KWD", "999999999.999"],
  ])(verifies("money.limit", "refuses %d %s as too large"), (amount, currency, expectedAtMost) => {
    expect(problem(amount, currency)).toEqual({
      kind: "too-large",
      got: amount,
      expectedAtMost,
      currency,
    });
  });

  it("throws on a currency that nobody checked", () => {
    expect(() => parseAmount(1, "usd")).toThrow(RangeError);
  });
});

describe("formatAmount and toDecimal", () => {
  it.each([
    [1, "USD", "0.01", 0.01],
    [10, "USD", "0.10", 0.1],
    [1250, "USD", "12.50", 12.5],
    [0, "USD", "0.00", 0],
    [1500, "JPY", "1500", 1500],
    [5, "KWD", "0.005", 0.005],
    [-1250, "USD", "-12.50", -12.5],
    [999_999_999_999_999, "USD", "9999999999999.99", 9_999_999_999_999.99],
    [Number.MAX_SAFE_INTEGER, "JPY", "9007199254740991", Number.MAX_SAFE_INTEGER],
  ])(
    verifies("money.exact", "writes %d minor units of %s as %s"),
    (minorUnits, currency, text, decimal) => {
      expect(formatAmount(minorUnits, decimalsOf(currency))).toBe(text);
      expect(toDecimal(minorUnits, decimalsOf(currency))).toBe(decimal);
    },
  );

  it(verifies("money.exact", "gives back every amount that was read, in JSON and in words"), () => {
    // A fixed sequence over all magnitudes, so that a failure can be repeated.
    let state = 12_345;
    for (let round = 0; round < 3_000; round += 1) {
      state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
      const minorUnits = 1 + ((state * 465 + round) % 10 ** (1 + (round % 12)));
      for (const currency of ["USD", "JPY", "KWD", "CLF"]) {
        const decimal = JSON.parse(JSON.stringify(toDecimal(minorUnits, decimalsOf(currency))));
        expect(value(parseAmount(decimal, currency))).toBe(minorUnits);
        expect(formatDecimal(decimal, currency)).toBe(
          `${formatAmount(minorUnits, decimalsOf(currency))} ${currency}`,
        );
      }
    }
  });

  it("throws on what is no whole number of minor units", () => {
    expect(() => formatAmount(0.5, 2)).toThrow(RangeError);
  });

  it(verifies("expenses.read-as-written", "writes a currency that is in use no more"), () => {
    expect([12.5, 12, 1.005].map((amount) => formatDecimal(amount, "HRK"))).toEqual([
      "12.50 HRK",
      "12.00 HRK",
      "1.005 HRK",
    ]);
  });
});

describe("isCurrency", () => {
  it(verifies("money.currencies", "knows the active codes of ISO 4217, in upper case"), () => {
    for (const code of ["USD", "EUR", "JPY", "KWD", "IQD", "SLE", "XCG", "ZWG", "VED"]) {
      expect(isCurrency(code), code).toBe(true);
    }
    for (const code of [
      "usd",
      "Usd",
      "USDT",
      "DEM",
      "HRK",
      "CUC",
      "ABC",
      "XXX",
      "XTS",
      "",
      "US",
      " USD",
    ]) {
      expect(isCurrency(code), code).toBe(false);
    }
    for (const code of ["constructor", "__proto__", "toString", "default"]) {
      expect(isCurrency(code), code).toBe(false);
    }
  });

  it.each([
    ["JPY", 0],
    ["KRW", 0],
    ["ISK", 0],
    ["UYI", 0],
    ["HUF", 2],
    ["IDR", 2],
    ["LBP", 2],
    ["MGA", 2],
    ["MRU", 2],
    ["BHD", 3],
    ["IQD", 3],
    ["TND", 3],
    ["CLF", 4],
    ["UYW", 4],
  ])(verifies("money.currencies", "gives %s the %d decimals of ISO 4217"), (currency, decimals) => {
    expect(decimalsOf(currency)).toBe(decimals);
  });
});

describe("amountProblemText", () => {
  it(verifies(["money.decimals", "money.positive", "money.limit"], "says what to correct"), () => {
    const text = (amount: number, currency: string) => amountProblemText(problem(amount, currency));
    expect(text(12.345, "USD")).toBe(
      "amount 12.345 has 3 decimals, but USD has 2 decimals; round it to what was paid.",
    );
    expect(text(1.5, "JPY")).toBe(
      "amount 1.5 has 1 decimal, but JPY has no decimals; round it to what was paid.",
    );
    expect(text(0, "USD")).toBe("amount is 0; it must be more than zero.");
    expect(text(-3, "USD")).toBe("amount is -3; it must be more than zero.");
    expect(text(1e15, "USD")).toBe(
      "amount 1000000000000000 is too large; the largest amount is 9999999999.99 USD.",
    );
    expect(text(Number.NaN, "USD")).toBe("amount must be a finite number.");
  });
});
