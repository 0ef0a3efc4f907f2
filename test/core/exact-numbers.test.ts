import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  exactDigits,
  LongFraction,
  parseExactJson,
  significantDigits,
} from "../../src/core/exact-numbers.ts";
import { verifies } from "../requirements.ts";

const parse = (text: string) => parseExactJson(new TextEncoder().encode(text));

describe("a number in JSON", () => {
  it.each([
    ["12.5", 12.5],
    ["-0.5e3", -500],
    ["12.50000000000000000000", 12.5],
    ["0.00000000000000000125", 1.25e-18],
    ["12.500000000000000001", new LongFraction("12.500000000000000001")],
    ["1250000000000000001e-17", new LongFraction("1250000000000000001e-17")],
    ["0.30000000000000004", new LongFraction("0.30000000000000004")],
    // Ids, and whole amounts that are too large anyhow.
    ["12345678901234567890", 12345678901234567000],
  ])(verifies("decimal.exact", "%s is read as %j"), (literal, value) => {
    expect(parse(`{"a":[${literal}],"b":"${literal}"}`)).toEqual({ a: [value], b: literal });
  });

  it(verifies("decimal.exact", "stays what was written, whatever it is"), () => {
    const digits = fc.string({
      unit: fc.constantFrom(..."0123456789"),
      minLength: 1,
      maxLength: 20,
    });
    fc.assert(
      fc.property(digits, digits, (whole, fraction) => {
        const literal = `${BigInt(whole)}.${fraction}`;
        const value = (parse(`[${literal}]`) as unknown[])[0];
        const isLong = significantDigits(literal) > exactDigits;
        const shown =
          typeof value === "number" ? value.toFixed(fraction.length) : JSON.stringify(value);
        expect(isLong ? shown : Number(shown)).toBe(isLong ? literal : Number(literal));
      }),
    );
  });

  it("is refused where it is none", () => {
    expect(() => parse("[12345678901234567.5.5]")).toThrow(SyntaxError);
  });
});
