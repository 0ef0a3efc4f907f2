/** A span of days, both of which belong to it. Open where one is absent. */
export interface Span {
  readonly from?: string;
  readonly to?: string;
}

/** The spans that the view offers by name. */
export const periods = {
  "this-month": "This month",
  "last-month": "Last month",
  "last-12-months": "Last 12 months",
  "this-year": "This year",
  "last-year": "Last year",
  all: "All time",
  custom: "Between two days…",
} as const;

export type Period = keyof typeof periods;

/** The days of a period; none of `custom`, which has its own. */
export function spanOf(period: Period, today: string): Span {
  const year = Number(today.slice(0, 4));
  const month = Number(today.slice(5, 7)) - 1;
  switch (period) {
    case "this-month":
      return monthsFrom(year, month, 1);
    case "last-month":
      return monthsFrom(year, month - 1, 1);
    case "last-12-months":
      return monthsFrom(year, month - 11, 12);
    case "this-year":
      return monthsFrom(year, 0, 12);
    case "last-year":
      return monthsFrom(year - 1, 0, 12);
    default:
      return {};
  }
}

/** The days of a month, `YYYY-MM`. */
export function monthSpan(month: string): { from: string; to: string } {
  return monthsFrom(Number(month.slice(0, 4)), Number(month.slice(5, 7)) - 1, 1);
}

/** The months, `YYYY-MM`, that have days in a span, in the order of time. */
export function monthsBetween(from: string, to: string): string[] {
  const months: string[] = [];
  for (let month = from.slice(0, 7); month <= to.slice(0, 7); month = monthAfter(month)) {
    months.push(month);
  }
  return months;
}

function monthAfter(month: string): string {
  const next = Date.UTC(Number(month.slice(0, 4)), Number(month.slice(5, 7)), 1);
  return new Date(next).toISOString().slice(0, 7);
}

function monthsFrom(year: number, month: number, count: number): { from: string; to: string } {
  const day = (time: number) => new Date(time).toISOString().slice(0, 10);
  return { from: day(Date.UTC(year, month, 1)), to: day(Date.UTC(year, month + count, 0)) };
}
