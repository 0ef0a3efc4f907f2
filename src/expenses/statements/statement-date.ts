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
const monthName = String.raw`(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\.?`;

/** How a date may be written. */
function formsWith(year: string) {
  return {
    numeric: String.raw`(\d{1,4})([-/.])(\d{1,2})\2(\d{4}|\d{1,2})\.?`,
    compact: String.raw`(\d{8})`,
    dayFirst: String.raw`(\d{1,2})[-/. ]*(${monthName})[-/., ]*(${year})`,
    monthFirst: String.raw`(${monthName})[-/. ]*(\d{1,2})(?:st|nd|rd|th)?[-/., ]+(${year})`,
  };
}

/** A day of the calendar is wanted: what time of the day it was is left out. */
const time = String.raw`(?:[T ]\d{1,2}:\d{2}(?::\d{2})?(?:\.\d+)?(?:Z|[+-]\d{2}:?\d{2})?)?`;

/**
 * A date at the beginning of a line, and what follows it. Behind a month's name a year has four digits
 * there: `3 Nov 12 bagels`.
 */
export const leadingDate = new RegExp(
  String.raw`^\s*((?:${Object.values(formsWith(String.raw`\d{4}`))
    .map((form) => `(?:${form.replace(/\((?!\?)/g, "(?:").replace("\\2", "[-/.]")})`)
    .join("|")})${time})[\s,;:]+(.*)$`,
  "is",
);

function whole(form: string): RegExp {
  return new RegExp(String.raw`^\s*${form}${time}\s*$`, "i");
}

const forms = formsWith(String.raw`\d{4}|\d{2}`);
const [numeric, compact, dayFirst, monthFirst] = [
  whole(forms.numeric),
  whole(forms.compact),
  whole(forms.dayFirst),
  whole(forms.monthFirst),
];

/** In characters, with a time of the day. */
const longestDate = 60;

/**
 * Reads a date of this century. Never guesses: `03/04/2026` is two days, unless `order` says which. A
 * year of four digits in front, or the name of a month (in English), leaves no doubt.
 */
export function readDate(text: string, order?: DateOrder): ReadDate {
  if (text.length > longestDate) return { kind: "none" };
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
  if (day && name && ofYear) return [ofYear, monthOf(name), day];
  const [, nameFirst, dayAfter, yearAfter] = monthFirst.exec(text) ?? [];
  if (nameFirst && dayAfter && yearAfter) return [yearAfter, monthOf(nameFirst), dayAfter];
  return undefined;
}

function monthOf(name: string): string {
  return String(months.indexOf(name.slice(0, 3).toLowerCase()) + 1);
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
