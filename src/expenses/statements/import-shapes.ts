import { z } from "zod";
import { category, currency, paymentMethod } from "../expense.ts";
import { importId } from "./kept-imports.ts";
import { purchaseSigns } from "./statement.ts";
import { decimalMarks } from "./statement-amount.ts";
import { dateOrders } from "./statement-date.ts";

/** Of a text, which a model has to write. */
export const largestText = 200;
const largestTextLength = 100_000;
/** From programs. */
export const largestRows = 5_000;

/** Their limits are in words of ours: the list of tools is short. */
const lineNumbers = z.array(z.int()).refine((lines) => lines.length <= largestRows, "has too many");

const statementFields = {
  text: z
    .string()
    .optional()
    .describe(
      `Up to ${largestText} pasted lines: CSV with names of columns, or date, description, amount.`,
    ),
  rows: z
    .array(z.record(z.string(), z.unknown()))
    .refine((rows) => rows.length > 0, "has no row")
    .refine((rows) => rows.length <= largestRows, `has more than ${largestRows}; import parts`)
    .optional()
    .describe(
      `From programs: up to ${largestRows} objects with members such as date, description, amount.`,
    ),
  date_order: z.enum(dateOrders).optional().describe("Of dates."),
  decimal: z.enum(decimalMarks).optional().describe("Decimal mark."),
  purchase_sign: z.enum(purchaseSigns).optional().describe("The other is refunds."),
  currency: currency.optional().describe("Of amounts without one."),
  category: category.optional().describe("Of lines without one."),
  payment_method: paymentMethod.optional().describe("Of lines without one."),
} as const;

const secondStepFields = {
  import_id: importId.optional().describe("Step 2: adds what was checked."),
  leave_out: lineNumbers.optional().describe("Step 2: numbers of lines."),
  leave_out_stored: z.boolean().optional().describe("Step 2: leave out likely duplicates."),
} as const;

export const importInput = z
  .strictObject({ ...statementFields, ...secondStepFields })
  .check(({ value, issues }) => {
    const refuse = (name: string, message: string) =>
      issues.push({ code: "custom", input: value, path: [name], message });
    const { text, rows, import_id: id, leave_out: lines, leave_out_stored: stored } = value;
    const sources = [text, rows, id].filter((source) => source !== undefined);
    if (sources.length !== 1) {
      refuse("text", "give either the statement (text or rows), or import_id of its check");
    } else if (id === undefined && (lines !== undefined || stored !== undefined)) {
      refuse("leave_out", "belongs to the second step, with import_id");
    } else if (id !== undefined) {
      const names = Object.keys(statementFields) as (keyof typeof statementFields)[];
      const further = names.find((name) => value[name] !== undefined);
      const message = "has no effect with import_id; to read it differently, check it again";
      if (further !== undefined) refuse(further, message);
    }
    if ((text?.length ?? 0) > largestTextLength) refuse("text", "is too long; import it in parts");
    const lineCount = text?.split(/\r\n|\r|\n/).filter((line) => line.trim() !== "").length ?? 0;
    if (lineCount > largestText) {
      refuse(
        "text",
        `has ${lineCount} lines; at most ${largestText} can be pasted: import it in parts`,
      );
    }
  });

export type ImportInput = z.output<typeof importInput>;

const texts = z.array(z.string());

export const importOutput = z.object({
  state: z.enum(["checked", "stopped", "done"]).describe("How far it is."),
  next: z.string().describe("What to do now."),
  import_id: z.string().optional().describe("For step 2."),
  expires_at: z.string().optional().describe("Of import_id (UTC)."),
  count: z.int().describe("Lines to add; in step 2, lines that are stored."),
  sums: texts.describe("Of these, per currency."),
  added_now: z.int().optional().describe("By this call."),
  already_there: z.int().optional().describe("Added before; unchanged."),
  remaining: z.int().optional().describe("Lines to go."),
  left_out: z.int().optional().describe("Lines left out."),
  first: texts.optional().describe("The first lines."),
  stored: z.string().optional().describe("Lines that look like expenses stored before."),
  equal: z.string().optional().describe("Lines that say the same as one above."),
  in_doubt: z.string().optional().describe("Lines that are not in the import."),
  decided_by: texts.optional().describe("Arguments that decide lines in doubt."),
  examples: texts.optional().describe("Of lines stored before or in doubt."),
  notes: texts.optional().describe("What was not read."),
});

export type ImportOutput = z.output<typeof importOutput>;
