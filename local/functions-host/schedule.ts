import { StartFailure } from "./messages.ts";

/** When a timer fires on every day: at these seconds, minutes and hours, in UTC. */
export type Schedule = readonly [
  seconds: ReadonlySet<number>,
  minutes: ReadonlySet<number>,
  hours: ReadonlySet<number>,
];

/**
 * Reads an NCRONTAB expression of six fields: numbers, lists, `*` and steps of it for the time of the
 * day, and `* * *` for the day. What else the platform knows, no timer of the server uses.
 *
 * @throws {StartFailure} for anything else
 * @see https://learn.microsoft.com/azure/azure-functions/functions-bindings-timer#ncrontab-expressions
 */
export function parseSchedule(expression: string): Schedule {
  const [second = "", minute = "", hour = "", ...day] = expression.trim().split(/\s+/);
  const read = [valuesOf(second, 60), valuesOf(minute, 60), valuesOf(hour, 24)] as const;
  if (day.join(" ") === "* * *" && read.every(({ size }) => size > 0)) return read;
  throw new StartFailure(
    `The schedule "${expression}" cannot be read. This host knows numbers, lists, * and */n for second, minute and hour, and * for day, month and weekday, such as "0 */15 * * * *".`,
  );
}

/** Nothing for what cannot be read. */
function valuesOf(field: string, limit: number): ReadonlySet<number> {
  const all = Array.from({ length: limit }, (_, value) => value);
  const every = /^\*(?:\/([1-9]\d?))?$/.exec(field);
  if (every) return new Set(all.filter((value) => value % Number(every[1] ?? 1) === 0));
  const named = field.split(",");
  const values = all.filter((value) => named.includes(String(value)));
  return new Set(values.length === named.length ? values : []);
}

/**
 * The first time after `after` at which the schedule fires.
 *
 * @param after milliseconds since the epoch, as the result is
 */
export function nextTime([seconds, minutes, hours]: Schedule, after: number): number {
  const time = new Date(after);
  time.setUTCMilliseconds(0);
  do time.setUTCSeconds(time.getUTCSeconds() + 1);
  while (
    !hours.has(time.getUTCHours()) ||
    !minutes.has(time.getUTCMinutes()) ||
    !seconds.has(time.getUTCSeconds())
  );
  return time.getTime();
}
