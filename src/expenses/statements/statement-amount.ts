/** Which mark stands before the decimals. */
export const decimalMarks = ["point", "comma"] as const;

export type DecimalMark = (typeof decimalMarks)[number];

/** An amount as a statement writes it. */
export interface WrittenAmount {
  /** Without a sign, with a point before the decimals: `1234.50`. */
  readonly decimal: string;
  readonly sign: "minus" | "plus" | "none";
  /** What `DR` (debit) or `CR` (credit) behind it says. */
  readonly direction?: "purchase" | "refund";
  /** ISO 4217, or a sign such as `$` that several currencies share. */
  readonly currency?: string;
}

export type ReadAmount =
  | { readonly kind: "amount"; readonly amount: WrittenAmount }
  /** `1,234` is a thousand and more, or a little more than one. */
  | { readonly kind: "ambiguous" }
  | { readonly kind: "none" };

/** Signs that stand for one currency alone. */
const currencyOfSign: Readonly<Record<string, string>> = { "€": "EUR", "£": "GBP", "₹": "INR" };

/** Of a text whose runs of spaces are one space, as of the other: else a run could be divided in many ways. */
const whole =
  /^(\()? ?([A-Z]{3}|\p{Sc})? ?([-+])? ?([A-Z]{3}|\p{Sc})? ?(\d[\d.,' ]*|[.,]\d+) ?([-+])? ?([A-Z]{3}|\p{Sc})? ?(\))? ?([-+])? ?(CR|DR)?$/u;

/** An amount at the end of a line: one word, perhaps with its currency before or behind. */
export const trailingAmount =
  /^(.*?) ((?:(?:[A-Z]{3}|\p{Sc}) ?)?[-+(]? ?\p{Sc}?(?:\d[\d.,']*|[.,]\d+)[-+]?\)?(?: ?(?:[A-Z]{3}|\p{Sc}))?(?: ?(?:CR|DR))?) ?$/su;

/** In characters, with its currency; what is longer is none. */
const longestAmount = 60;

/**
 * Reads an amount. Never guesses: where one mark stands before exactly three digits, `decimal` has to
 * say what it is.
 */
export function readAmount(text: string, decimal?: DecimalMark): ReadAmount {
  if (text.length > longestAmount) return none;
  const plain = text
    .replace(/\s+/g, " ")
    .trim()
    .toUpperCase()
    .replace(/[\u2212\u2012\u2013]/g, "-")
    .replace(/[\u2019\u02bc]/g, "'");
  const [, opening, c1, s1, c2, number, s2, c3, closing, s3, credit] = whole.exec(plain) ?? [];
  const signs = [s1, s2, s3, opening].filter((sign) => sign !== undefined);
  const currencies = [c1, c2, c3].filter((sign) => sign !== undefined);
  if (number === undefined || (opening === undefined) !== (closing === undefined)) return none;
  if (signs.length > 1 || currencies.length > 1) return none;
  const read = readNumber(number.trim(), decimal);
  if (typeof read !== "object") return read === undefined ? none : { kind: "ambiguous" };
  const [sign] = signs;
  const [currency] = currencies;
  return {
    kind: "amount",
    amount: {
      decimal: read.decimal,
      sign: sign === undefined ? "none" : sign === "+" ? "plus" : "minus",
      ...(credit && { direction: credit === "CR" ? "refund" : "purchase" }),
      ...(currency && { currency: currencyOfSign[currency] ?? currency }),
    },
  };
}

const none = { kind: "none" } as const;

/** Without any mark, or with groups of three digits between marks of one kind. */
const grouped = /^\d+$|^\d{1,3}(?:([.,' ])\d{3})(?:\1\d{3})*$/;

function readNumber(
  text: string,
  decimal: DecimalMark | undefined,
): { decimal: string } | "ambiguous" | undefined {
  const stated = decimal && (decimal === "point" ? "." : ",");
  const marks = text.replace(/[^.,]/g, "");
  const last = marks.at(-1);
  const isWhole = { decimal: text.replace(/\D/g, "") };
  if (last === undefined) return grouped.test(text) ? isWhole : undefined;

  const [before = "", after = ""] = split(text, last);
  const canBeMark =
    /^\d+$/.test(after) && (before === "" || grouped.test(before)) && !before.includes(last);
  const canBeGroups = marks === last.repeat(marks.length) && grouped.test(text);
  const isMark = canBeMark && (stated === undefined || stated === last);
  const isGroups = canBeGroups && stated !== last;
  // No number of several groups begins with 0.
  if (isMark && isGroups && stated === undefined && !/^0/.test(text)) return "ambiguous";
  if (isMark) return { decimal: `${before.replace(/\D/g, "") || "0"}.${after}` };
  return isGroups && !/^0/.test(text) ? isWhole : undefined;
}

function split(text: string, mark: string): [string, string] {
  const at = text.lastIndexOf(mark);
  return [text.slice(0, at), text.slice(at + 1)];
}
