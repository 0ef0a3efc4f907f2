import { describe, expect, it } from "vitest";
import { nextTime, parseSchedule } from "../../../local/functions-host/schedule.ts";
import { verifies } from "../../requirements.ts";

function next(expression: string, after: string): string | undefined {
  const time = nextTime(parseSchedule(expression), Date.parse(after));
  return time === undefined ? undefined : new Date(time).toISOString();
}

describe("a schedule", () => {
  it.each([
    ["0 */15 * * * *", "2026-11-30T02:00:00Z", "2026-11-30T02:15:00.000Z"],
    ["0 */15 * * * *", "2026-12-31T23:59:59.999Z", "2027-01-01T00:00:00.000Z"],
    ["* * * * * *", "2026-11-30T02:00:00.400Z", "2026-11-30T02:00:01.000Z"],
    ["0 0 9-17 * * 1-5", "2026-11-27T17:00:00Z", "2026-11-30T09:00:00.000Z"],
    ["30 5/20 0,12 1 * *", "2026-11-30T00:00:00Z", "2026-12-01T00:05:30.000Z"],
    // Where days and weekdays are both given, both have to hold.
    ["0 0 0 13 * 5", "2026-11-30T00:00:00Z", "2027-08-13T00:00:00.000Z"],
    ["0 0 0 29 2 *", "2026-11-30T00:00:00Z", "2028-02-29T00:00:00.000Z"],
    ["0 0 0 31 2 *", "2026-11-30T00:00:00Z", undefined],
  ])(verifies("functions-host.timers", "%s after %s is next at %s"), (expression, after, time) => {
    expect(next(expression, after)).toBe(time);
  });

  it.each(["", "* * * * *", "60 * * * * *", "a * * * * *", "5-1 * * * * *", "*/0 * * * * *"])(
    verifies("functions-host.timers", "is refused where it cannot be read: %s"),
    (expression) => {
      expect(() => parseSchedule(expression)).toThrow(/cannot be read/);
    },
  );
});
