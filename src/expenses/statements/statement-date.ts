/** In which order a statement writes year, month and day. */
export const dateOrders = ["ymd", "dmy", "mdy"] as const;

export type DateOrder = (typeof dateOrders)[number];

/** What a text says as a date. */
export type ReadDate =
  /** `YYYY-MM-DD`. */
  | { readonly kind: "date"; readonly date: string }
  /** It is a different day in another order. */
  | { readonly kind: "ambiguous" }
  | { readonly kind: "none" };

const months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

const numeric = /^(\d{1,4})([-/.])(\d{1,2})\2(\d{4}|\d{1,2})\.?$/;
const compact = /^(\d{8})$/;
const dayFirst = /^(\d{1,2})[-/. ]*([a-z]{3,9})\.?[-/., ]*(\d{4}|\d{2})$/i;
const monthFirst = /^([a-z]{3,9})\.?[-/. ]*(\d{1,2})(?:st|nd|rd|th)?[-/., ]+(\d{4}|\d{2})$/i;

/** A day of the calendar is wanted: what time of the day it was is left out. */
const timeOfDay = /[T ]\d{1,2}:\d{2}(?::\d{2})?(?:\.\d+)?(?:Z|[+-]\d{2}:?\d{2})?$/i;

/**
 * What may be a date, at the beginning of a line without runs of spaces, and what follows it. Behind a
 * month's name a year has four digits there: `3 Nov 12 bagels`.
 */
export const leadingDate =
  /^ ?((?:\d{1,4}[-/.]\d{1,2}[-/.](?:\d{4}|\d{1,2})\.?|\d{8}|\d{1,2}[-/. ]*[a-z]{3,9}\.?[-/., ]*\d{4}|[a-z]{3,9}\.?[-/. ]*\d{1,2}(?:st|nd|rd|th)?[-/., ]+\d{4})(?:[T ]\d{1,2}:\d{2}(?::\d{2})?(?:\.\d+)?(?:Z|[+-]\d{2}:?\d{2})?)?)[ ,;:](.*)$/is;

/** In characters, with a time of the day. */
const longestDate = 60;

/**
 * Reads a date of this century. Never guesses: `03/04/2026` is two days, unless `order` says which. A
 * year of four digits in front, or the name of a month (in English), leaves no doubt.
 */
export function readDate(given: string, order?: DateOrder): ReadDate {
  if (given.length > longestDate) return { kind: "none" };
  const text = given.trim().replace(timeOfDay, "").trim();
  const named = namedParts(text);
  if (named) return oneOf([dateOf(...named)]);
  const [, first, , second, third] = numeric.exec(text) ?? [];
  if (first !== undefined && second !== undefined && third !== undefined) {
    return oneOf(numericDates(first, second, third, order));
  }
  const [, digits] = compact.exec(text) ?? [];
  if (digits === undefined) return { kind: "none" };
  const parts = (...lengths: [number, number, number]) => {
    const [a, b] = lengths;
    return [digits.slice(0, a), digits.slice(a, a + b), digits.slice(a + b)] as const;
  };
  return oneOf([
    ...(order === undefined || order === "ymd" ? numericDates(...parts(4, 2, 2), "ymd") : []),
    ...(order === "ymd" ? [] : numericDates(...parts(2, 2, 4), order)),
  ]);
}

function namedParts(text: string): [string, string, string] | undefined {
  const [, day, name, ofYear] = dayFirst.exec(text) ?? [];
  if (day && monthOf(name) && ofYear) return [ofYear, monthOf(name), day];
  const [, nameFirst, dayAfter, yearAfter] = monthFirst.exec(text) ?? [];
  if (!monthOf(nameFirst) || !dayAfter || !yearAfter) return undefined;
  return [yearAfter, monthOf(nameFirst), dayAfter];
}

/** Empty where it is none. */
function monthOf(name = ""): string {
  const index = months.indexOf(name.slice(0, 3).toLowerCase());
  return index < 0 ? "" : String(index + 1);
}

function numericDates(first: string, second: string, third: string, order?: DateOrder) {
  const isYearFirst = first.length > 2;
  // Nobody writes the day before the month behind a year.
  const orders = isYearFirst ? (["ymd"] as const) : order === undefined ? dateOrders : [order];
  return orders.map((candidate) => {
    if (candidate === "ymd") return dateOf(first, second, third);
    const [day, month] = candidate === "dmy" ? [first, second] : [second, first];
    return dateOf(third, month, day);
  });
}

function oneOf(dates: readonly (string | undefined)[]): ReadDate {
  const [date, another] = new Set(dates.filter((candidate) => candidate !== undefined));
  if (date === undefined) return { kind: "none" };
  return another === undefined ? { kind: "date", date } : { kind: "ambiguous" };
}

/** Undefined where there is no such day in this century. */
function dateOf(ofYear: string, month: string, day: string): string | undefined {
  if (day.length > 2 || (ofYear.length !== 2 && !/^20\d\d$/.test(ofYear))) return undefined;
  const fullYear = ofYear.length === 2 ? `20${ofYear}` : ofYear;
  const date = `${fullYear}-${month.padStart(2, "0")}-${day.padStart(2, "0")}`;
  const parsed = Date.parse(`${date}T00:00:00Z`);
  const exists = !Number.isNaN(parsed) && new Date(parsed).toISOString().startsWith(date);
  return exists ? date : undefined;
}
