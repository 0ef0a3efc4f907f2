import { describe, expect, it } from "vitest";
import { nextTime, parseSchedule } from "../../../local/functions-host/schedule.ts";
import { verifies } from "../../requirements.ts";

function next(expression: string, after: string): string {
  return new Date(nextTime(parseSchedule(expression), Date.parse(after))).toISOString();
}

describe("a schedule", () => {
  it.each([
    ["0 */15 * * * *", "2026-11-30T02:00:00Z", "2026-11-30T02:15:00.000Z"],
    ["0 */15 * * * *", "2026-12-31T23:59:59.999Z", "2027-01-01T00:00:00.000Z"],
    ["* * * * * *", "2026-11-30T02:00:00.400Z", "2026-11-30T02:00:01.000Z"],
    ["30 5,25 0,12 * * *", "2026-11-30T12:25:30Z", "2026-12-01T00:05:30.000Z"],
  ])(verifies("functions-host.timers", "%s after %s is next at %s"), (expression, after, time) => {
    expect(next(expression, after)).toBe(time);
  });

  it.each([
    "",
    "* * * * *",
    "60 * * * * *",
    "a * * * * *",
    "0,60 * * * * *",
    "*/0 * * * * *",
    "0 0 0 1 * *",
  ])(verifies("functions-host.timers", "is refused where it cannot be read: %s"), (expression) => {
    expect(() => parseSchedule(expression)).toThrow(/cannot be read/);
  });
});
