import * as currencies from "dinero.js/currencies";
import { failure, type Result, success } from "../core/result.ts";

/**
 * Money is kept as a whole number of the currency's minor unit (cents of a dollar, but whole yen and
 * thousandths of a Kuwaiti dinar) and is a decimal only where it enters and leaves. Binary fractions
 * never take part in arithmetic.
 */

/**
 * The decimals that ISO 4217 gives each active currency. `Intl` is no source for it: it follows
 * CLDR, which rounds to what cash is used (0 decimals for IQD, where ISO 4217 says 3).
 */
const decimalsByCurrency: ReadonlyMap<string, number> = new Map(
  Object.values(currencies).map(({ code, base, exponent }) => [
    code,
    // The ariary and the ouguiya divide into fifths; ISO 4217 lists both with two decimals.
    base === 10 ? exponent : 2,
  ]),
);

/** The active currencies of ISO 4217 by how many decimals they have. */
export const currenciesByDecimals: ReadonlyMap<number, readonly string[]> = new Map(
  [...Map.groupBy(decimalsByCurrency.keys(), (code) => decimalsOnceOf(code))].sort(
    ([one], [other]) => one - other,
  ),
);

/** The largest amount of one expense, in minor units: twelve digits, which a JSON number holds. */
export const largestMinorUnits = 999_999_999_999;

/** Why an amount is none that an expense can have. */
export type AmountProblem =
  | { readonly kind: "not-finite"; readonly got: number }
  | { readonly kind: "zero" }
  | { readonly kind: "negative"; readonly got: number }
  | {
      readonly kind: "too-many-decimals";
      readonly got: number;
      readonly gotDecimals: number;
      readonly expectedDecimals: number;
      readonly currency: string;
    }
  | {
      readonly kind: "too-large";
      readonly got: number;
      /** As a decimal. */
      readonly expectedAtMost: string;
      readonly currency: string;
    };

/** Whether `code` is an active currency code of ISO 4217, in upper case. */
export function isCurrency(code: string): boolean {
  return decimalsByCurrency.has(code);
}

/**
 * An amount in minor units.
 *
 * @param amount a JSON number, read as the shortest decimal that denotes it (what was written,
 *   up to 15 digits), never multiplied
 * @param currency an ISO 4217 code
 * @param expectedDecimals of the currency, where it is none of ISO 4217 any more
 * @throws {RangeError} where `currency` is not one, and no decimals are given
 */
export function parseAmount(
  amount: number,
  currency: string,
  expectedDecimals = decimalsOf(currency),
): Result<number, AmountProblem> {
  if (!Number.isFinite(amount)) return failure({ kind: "not-finite", got: amount });
  if (amount === 0) return failure({ kind: "zero" });
  if (amount < 0) return failure({ kind: "negative", got: amount });

  const { digits, places: gotDecimals } = decimalDigits(amount);
  if (gotDecimals > expectedDecimals) {
    return failure({
      kind: "too-many-decimals",
      got: amount,
      gotDecimals,
      expectedDecimals,
      currency,
    });
  }
  const minorUnits = digits * 10n ** BigInt(expectedDecimals - gotDecimals);
  if (minorUnits > largestMinorUnits) {
    const expectedAtMost = formatAmount(largestMinorUnits, expectedDecimals);
    return failure({ kind: "too-large", got: amount, expectedAtMost, currency });
  }
  return success(Number(minorUnits));
}

/**
 * A decimal in minor units, to compare amounts with.
 *
 * @param sign how amounts are compared with it: the bound is moved to the next whole minor unit, and
 *   there is none where no amount can be equal
 */
export function minorUnitsOf(
  amount: number,
  decimals: number,
  sign: "=" | ">=" | "<=",
): number | undefined {
  const { digits, places } = decimalDigits(amount);
  if (places <= decimals) return Number(digits * 10n ** BigInt(decimals - places));
  const divisor = 10n ** BigInt(places - decimals);
  if (digits % divisor === 0n) return Number(digits / divisor);
  if (sign === "=") return undefined;
  return Number(digits / divisor) + (sign === ">=" ? 1 : 0);
}

/** ECMA-262, Number::toString: digits, perhaps a fraction, perhaps an exponent. */
function decimalDigits(amount: number): { readonly digits: bigint; readonly places: number } {
  const [significand = "", exponent = "0"] = String(amount).split("e");
  const [whole = "", fraction = ""] = significand.split(".");
  return { digits: BigInt(whole + fraction), places: fraction.length - Number(exponent) };
}

/** What to tell the model of a refused amount, so that it can correct it. */
export function amountProblemText(problem: AmountProblem): string {
  switch (problem.kind) {
    case "not-finite":
      return "amount must be a finite number.";
    case "zero":
      return "amount is 0; it must be more than zero.";
    case "negative":
      return `amount is ${problem.got}; it must be more than zero.`;
    case "too-many-decimals":
      return `amount ${problem.got} has ${decimals(problem.gotDecimals)}, but ${problem.currency} has ${decimals(problem.expectedDecimals)}; round it to what was paid.`;
    case "too-large":
      return `amount ${problem.got} is too large; the largest amount is ${problem.expectedAtMost} ${problem.currency}.`;
  }
}

/**
 * An amount or a total as a decimal with all its decimals: `12.50`.
 *
 * @throws {RangeError} where `minorUnits` is not a whole number
 */
export function formatAmount(minorUnits: number | bigint, decimals: number): string {
  const whole = BigInt(minorUnits);
  const digits = String(whole < 0n ? -whole : whole).padStart(decimals + 1, "0");
  const point = digits.length - decimals;
  const fraction = decimals === 0 ? "" : `.${digits.slice(point)}`;
  return `${whole < 0n ? "-" : ""}${digits.slice(0, point)}${fraction}`;
}

/** An amount as a JSON number, which has the same digits as long as there are at most fifteen. */
export function toDecimal(minorUnits: number | bigint, decimals: number): number {
  return Number(formatAmount(minorUnits, decimals));
}

/**
 * What {@link toDecimal} gives as a person reads it, with the currency and all its decimals:
 * `12.50 USD`.
 */
export function formatDecimal(decimal: number, currency: string): string {
  const [, fraction = ""] = String(decimal).split(".");
  const decimals = Math.max(decimalsOnceOf(currency), fraction.length);
  return `${decimal.toFixed(decimals)} ${currency}`;
}

/** @throws {RangeError} where `currency` is not an ISO 4217 code */
export function decimalsOf(currency: string): number {
  const places = decimalsByCurrency.get(currency);
  if (places === undefined) throw new RangeError("Not a currency code of ISO 4217.");
  return places;
}

/**
 * The decimals of an amount that was stored without them, in a currency that may have been withdrawn
 * since: those that ISO 4217 withdrew from 2018 on all had two.
 */
export function decimalsOnceOf(currency: string): number {
  return decimalsByCurrency.get(currency) ?? 2;
}

function decimals(count: number): string {
  if (count === 0) return "no decimals";
  return count === 1 ? "1 decimal" : `${count} decimals`;
}
