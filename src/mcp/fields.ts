import { z } from "zod";
import { exactDigits, LongFraction, significantDigits } from "../core/exact-numbers.ts";
import { withoutInvisible } from "./plain-lines.ts";

/** Years outside are slips of the pen: 0226-11-21, 20226-11-21. */
const earliestDate = "2000-01-01";
const latestDate = "2099-12-31";

/** A day that exists, as `YYYY-MM-DD` (RFC 3339 full-date), of this century. */
export const calendarDate = z
  .string()
  .check(({ value, issues }) => {
    const problem = dateProblem(value);
    if (problem) issues.push({ code: "custom", input: value, message: problem });
  })
  .meta({ format: "date" });

export const tooManyDigits = `has more than ${exactDigits} digits, more than are kept exactly; round it`;

/**
 * A decimal that a double holds exactly as it was written: a JSON number, or the same as text. Models
 * see a number only, since some clients cut schemas with several types.
 *
 * @param limits of the number
 */
export function decimal(limits: z.ZodNumber) {
  return z.preprocess((given, { addIssue }) => {
    const written = given instanceof LongFraction ? given.source : given;
    const text = typeof written === "number" ? String(written) : written;
    if (typeof text !== "string") return given;
    if (!/^-?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(text)) {
      addIssue('must be a number, or a decimal as text, such as "12.50"');
    } else if (significantDigits(text) > exactDigits) {
      addIssue(tooManyDigits);
    }
    return Number(text);
  }, limits);
}

/**
 * One line of text, trimmed. White space of any kind becomes a space, what nobody sees is left out,
 * and composed characters are written one way (Unicode NFC), so that texts that look equal are. Left
 * out and not refused, because what people paste has marks of direction and spaces of no width in it
 * that they do not know of. Other control characters are refused: they stand for nothing.
 *
 * @param maximumLength in UTF-16 code units
 */
export function singleLine(maximumLength: number) {
  const tooLong = `must be at most ${maximumLength} characters long`;
  return (
    z
      .string()
      // Normalising takes time by the square of the length, so that what is far too long never gets
      // there; a text may become shorter by it, but not to a quarter.
      .max(4 * maximumLength, { error: tooLong, abort: true })
      .overwrite(cleaned)
      .min(1, "must not be empty")
      .max(maximumLength, tooLong)
      .refine((text) => text.isWellFormed() && !/\p{Cc}/u.test(text), {
        error: "must not contain control characters",
      })
      .refine((text) => text === "" || /[\p{L}\p{N}\p{P}\p{S}]/u.test(text), {
        error: "must have something to read in it",
      })
  );
}

/** Cleaned until nothing changes: what is cleaned once more, such as a repeated call's, stays the same. */
function cleaned(text: string): string {
  const once = withoutInvisible(text)
    .normalize("NFC")
    .replace(/[\s\u2800\u{1d159}\u{13441}\u{13442}]+/gu, " ")
    .trim();
  return once === text ? text : cleaned(once);
}

function dateProblem(text: string): string | undefined {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return "must be a date as YYYY-MM-DD, such as 2026-11-21";
  if (!exists(text)) return `${text} does not exist; use an existing date as YYYY-MM-DD`;
  if (text < earliestDate || text > latestDate) {
    return `${text} is out of range; use a date from ${earliestDate} to ${latestDate}`;
  }
  return undefined;
}

/** `Date` rolls 02-30 over into March, and takes no month 13 at all. */
function exists(date: string): boolean {
  const time = Date.parse(`${date}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(date);
}
