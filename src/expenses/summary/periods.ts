/** Days are `YYYY-MM-DD` throughout, so that they compare as text; all arithmetic is in UTC. */

export const periodKinds = ["day", "week", "month", "quarter", "year"] as const;

export type PeriodKind = (typeof periodKinds)[number];

/** Both days belong to it. */
export interface Span {
  readonly from: string;
  readonly to: string;
}

const millisecondsOfDay = 86_400_000;

/**
 * The period that a day is in: `2026-11-20`, `2026-W47` (ISO 8601: weeks begin on Monday, and the first
 * has the year's first Thursday), `2026-11`, `2026-Q4` or `2026`. Names of one kind compare as text in
 * the order of time.
 */
export function periodOf(kind: PeriodKind, day: string): string {
  const year = day.slice(0, 4);
  switch (kind) {
    case "day":
      return day;
    case "week":
      return weekOf(day);
    case "month":
      return day.slice(0, 7);
    case "quarter":
      return `${year}-Q${Math.ceil(Number(day.slice(5, 7)) / 3)}`;
    case "year":
      return year;
  }
}

/** The periods of which at least one day is in the span, in the order of time. */
export function periodsIn(kind: PeriodKind, { from, to }: Span): string[] {
  const periods = new Set<string>();
  for (let day = from; day < to; day = addDays(day, shortest[kind])) {
    periods.add(periodOf(kind, day));
  }
  return [...periods.add(periodOf(kind, to))];
}

/** Days of the shortest period of each kind: steps of so many miss none. */
const shortest: Readonly<Record<PeriodKind, number>> = {
  day: 1,
  week: 7,
  month: 28,
  quarter: 90,
  year: 365,
};

/**
 * What a span is compared with: as many whole months before where it consists of whole months (so a
 * quarter has the quarter before, a year the year before), as many days before otherwise.
 */
export function spanBefore({ from, to }: Span): Span {
  const dayBefore = addDays(from, -1);
  if (from.endsWith("-01") && addDays(to, 1).endsWith("-01")) {
    const months = monthNumber(to) - monthNumber(from) + 1;
    return { from: firstOfMonth(monthNumber(from) - months), to: dayBefore };
  }
  const days = Math.round((timeOf(to) - timeOf(from)) / millisecondsOfDay) + 1;
  return { from: addDays(from, -days), to: dayBefore };
}

/** @param days may be negative */
export function addDays(day: string, days: number): string {
  return dayOf(timeOf(day) + days * millisecondsOfDay);
}

function weekOf(day: string): string {
  const time = timeOf(day);
  // Monday is the first day of a week, not Sunday.
  const weekday = (new Date(time).getUTCDay() + 6) % 7;
  const thursday = dayOf(time + (3 - weekday) * millisecondsOfDay);
  const year = thursday.slice(0, 4);
  const dayOfYear = Math.round((timeOf(thursday) - timeOf(`${year}-01-01`)) / millisecondsOfDay);
  return `${year}-W${String(Math.floor(dayOfYear / 7) + 1).padStart(2, "0")}`;
}

function monthNumber(day: string): number {
  return Number(day.slice(0, 4)) * 12 + Number(day.slice(5, 7)) - 1;
}

function firstOfMonth(number: number): string {
  return dayOf(Date.UTC(Math.floor(number / 12), number % 12, 1));
}

function timeOf(day: string): number {
  return Date.parse(`${day}T00:00:00Z`);
}

function dayOf(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}
