import { StartFailure } from "./messages.ts";

/** When a timer fires: the values that each part of a time may have, in UTC. */
export interface Schedule {
  readonly seconds: ReadonlySet<number>;
  readonly minutes: ReadonlySet<number>;
  readonly hours: ReadonlySet<number>;
  readonly days: ReadonlySet<number>;
  /** From 1. */
  readonly months: ReadonlySet<number>;
  /** From 0, Sunday. */
  readonly weekdays: ReadonlySet<number>;
}

/** First and last value of each field, in their order. */
const ranges = [
  ["seconds", 0, 59],
  ["minutes", 0, 59],
  ["hours", 0, 23],
  ["days", 1, 31],
  ["months", 1, 12],
  ["weekdays", 0, 6],
] as const;

/**
 * Reads an NCRONTAB expression of six fields: numbers, ranges, steps, lists and `*`. Names of months and
 * days, and the further forms that only some plans take, are left out.
 *
 * @throws {StartFailure} for anything else
 * @see https://learn.microsoft.com/azure/azure-functions/functions-bindings-timer#ncrontab-expressions
 */
export function parseSchedule(expression: string): Schedule {
  const fields = expression.trim().split(/\s+/);
  if (fields.length !== ranges.length) throw unreadable(expression);
  const read = ranges.map(([name, first, last], index) => {
    const values = (fields[index] ?? "").split(",").flatMap((part) => valuesOf(part, first, last));
    if (values.some((value) => !(value >= first && value <= last))) throw unreadable(expression);
    return [name, new Set(values)];
  });
  return Object.fromEntries(read);
}

/** `NaN` for what cannot be read. */
function valuesOf(part: string, first: number, last: number): number[] {
  const match = /^(?:\*|(\d+)(?:-(\d+))?)(?:\/(\d+))?$/.exec(part);
  if (!match) return [Number.NaN];
  const [, from, to, step] = match;
  const begin = from === undefined ? first : Number(from);
  const end = Number(to ?? (from === undefined || step !== undefined ? last : from));
  const width = Number(step ?? 1);
  if (end < begin || width < 1) return [Number.NaN];
  return Array.from(
    { length: Math.floor((end - begin) / width) + 1 },
    (_, index) => begin + index * width,
  );
}

/** Leap days come every four years, or eight; a schedule that names no existing day never fires. */
const longestWaitYears = 9;

/**
 * The first time after `after` at which the schedule fires; undefined where it never does.
 *
 * @param after milliseconds since the epoch, as the result is
 */
export function nextTime(schedule: Schedule, after: number): number | undefined {
  const time = new Date(after);
  time.setUTCMilliseconds(0);
  time.setUTCSeconds(time.getUTCSeconds() + 1);
  const last = time.getUTCFullYear() + longestWaitYears;
  while (time.getUTCFullYear() <= last) {
    if (!schedule.months.has(time.getUTCMonth() + 1)) {
      time.setUTCMonth(time.getUTCMonth() + 1, 1);
      time.setUTCHours(0, 0, 0);
    } else if (!schedule.days.has(time.getUTCDate()) || !schedule.weekdays.has(time.getUTCDay())) {
      time.setUTCHours(24, 0, 0);
    } else if (!schedule.hours.has(time.getUTCHours())) time.setUTCMinutes(60, 0);
    else if (!schedule.minutes.has(time.getUTCMinutes())) time.setUTCSeconds(60);
    else if (!schedule.seconds.has(time.getUTCSeconds())) {
      time.setUTCSeconds(time.getUTCSeconds() + 1);
    } else return time.getTime();
  }
  return undefined;
}

function unreadable(expression: string): StartFailure {
  return new StartFailure(
    `The schedule "${expression}" cannot be read. This host knows six fields of numbers, ranges, lists, steps and *, such as "0 */15 * * * *".`,
  );
}
