import type { Format } from "./parts/format.ts";

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

/** What a chart has a column for. */
export type PeriodKind = "day" | "month" | "year";

/** The days of a period by its name. */
export function periodSpan(kind: PeriodKind, name: string): Span {
  if (kind === "day") return { from: name, to: name };
  const year = Number(name.slice(0, 4));
  return kind === "year" ? monthsFrom(year, 0, 12) : monthsFrom(year, Number(name.slice(5)) - 1, 1);
}

/** How a period is called in full, and below its column. */
export function periodNames(kind: PeriodKind, name: string, isFirst: boolean, format: Format) {
  if (kind === "year") return { name };
  if (kind === "day") return { name: format.day(name), label: String(Number(name.slice(8))) };
  // The first has its year as well, unless the next one's would leave it no room.
  const hasYear = name.endsWith("-01") || (isFirst && !name.endsWith("-12"));
  return {
    name: format.month(name),
    label: format.month(name, "short"),
    ...(hasYear && { sublabel: name.slice(0, 4) }),
  };
}

function monthsFrom(year: number, month: number, count: number): { from: string; to: string } {
  return { from: dayOf(Date.UTC(year, month, 1)), to: dayOf(Date.UTC(year, month + count, 0)) };
}

function dayOf(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}
