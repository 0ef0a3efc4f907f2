import { z } from "zod";
import { calendarDate, singleLine } from "../../src/mcp/fields.ts";
import type { Quote } from "../../src/mcp/quote.ts";

const fields = {
  first_day: calendarDate.describe("The first day off, as YYYY-MM-DD. It names the vacation."),
  last_day: calendarDate.describe(
    "The last day off, as YYYY-MM-DD: the same day or later, in the same year.",
  ),
  note: singleLine(200).optional().describe("What to say to whoever decides. One line."),
} as const;

/** What a person asks for. Its messages are read, and acted on, by a model. */
export const vacationRequest = z.strictObject(fields).check(({ value, issues }) => {
  const problem = rangeProblem(value);
  if (problem) issues.push({ code: "custom", input: value, path: ["last_day"], message: problem });
});

/** A vacation as it is stored and as the tools show it, whatever would be accepted of a new one by now. */
export const vacation = z.object({
  first_day: z.string().describe("The first day off, as YYYY-MM-DD. It names the vacation."),
  last_day: z.string().describe("The last day off, as YYYY-MM-DD."),
  note: z.string().optional().describe("What to say to whoever decides."),
  working_days: z.int().describe("How many days from Monday to Friday it takes."),
});

export type Vacation = z.output<typeof vacation>;

type DayRange = Pick<Vacation, "first_day" | "last_day">;

/** A checked request as a vacation. */
export function vacationOf(request: z.output<typeof vacationRequest>): Vacation {
  return { ...request, working_days: workingDays(request) };
}

export function isSame(one: Vacation, other: Vacation): boolean {
  return (
    one.first_day === other.first_day && one.last_day === other.last_day && one.note === other.note
  );
}

export function overlaps(one: DayRange, other: DayRange): boolean {
  return one.first_day <= other.last_day && other.first_day <= one.last_day;
}

/** What is left of a year's working days after the vacations in it. */
export function daysLeft(daysPerYear: number, vacations: readonly Vacation[]): number {
  return vacations.reduce((left, { working_days }) => left - working_days, daysPerYear);
}

export function yearOf({ first_day }: Pick<DayRange, "first_day">): number {
  return Number(first_day.slice(0, 4));
}

/**
 * A vacation as a person would read it, on one line.
 *
 * @param quote for the note, which is the person's own text
 */
export function vacationLine(
  { first_day, last_day, working_days, note }: Vacation,
  quote: Quote,
): string {
  const days = working_days === 1 ? "1 working day" : `${working_days} working days`;
  return `${first_day} to ${last_day}, ${days}${note === undefined ? "" : `: ${quote(note)}`}`;
}

function rangeProblem(range: DayRange): string | undefined {
  if (range.last_day < range.first_day) return "is before first_day; swap the two dates";
  if (yearOf(range) !== yearOf({ first_day: range.last_day })) {
    return "is in another year than first_day; request the days of each year by themselves";
  }
  return workingDays(range) === 0 ? "leaves no day from Monday to Friday" : undefined;
}

function workingDays({ first_day, last_day }: DayRange): number {
  let count = 0;
  for (let day = Date.parse(first_day); day <= Date.parse(last_day); day += 24 * 60 * 60 * 1000) {
    const weekday = new Date(day).getUTCDay();
    if (weekday > 0 && weekday < 6) count += 1;
  }
  return count;
}
