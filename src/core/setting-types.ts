import { z } from "zod";

/** Entra writes ids in lower case, and compares them so. */
export const guid = z
  .guid("must be a GUID, such as 11111111-2222-3333-4444-555555555555")
  .transform((text) => text.toLowerCase());

/** A comma-separated list; blanks around entries and empty entries are dropped. */
export const list = z.string().transform((text) =>
  text
    .split(",")
    .map((entry) => entry.trim())
    .filter((entry) => entry !== ""),
);

/**
 * A list whose entries are read one by one.
 *
 * @param read brings an entry to the form in which it is compared; undefined for what is none
 * @param must what the message says of such an entry
 */
export function listOf<Entry>(read: (entry: string) => Entry | undefined, must: string) {
  return list.transform((entries, context) =>
    entries.map((entry) => {
      const written = entry.includes("*") ? undefined : read(entry);
      if (written !== undefined) return written;
      const message = entry.includes("*") ? "must have no wildcard: name each one" : must;
      context.issues.push({ code: "custom", message, input: entry });
      return z.NEVER;
    }),
  );
}

export function wholeNumber(maximum: number, minimum = 0) {
  return z
    .string()
    .refine(
      (text) => /^\d{1,9}$/.test(text) && Number(text) >= minimum && Number(text) <= maximum,
      `must be a whole number from ${minimum} to ${maximum}, such as 1`,
    )
    .transform(Number);
}

export const trueOrFalse = z
  .enum(["true", "false"], "must be true or false")
  .transform((text) => text === "true");

export const onOrOff = z
  .enum(["on", "off"], "must be on or off")
  .transform((text) => text === "on");
