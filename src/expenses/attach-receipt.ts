import { z } from "zod";
import { failure, type Result, success } from "../core/result.ts";
import { defineTool } from "../mcp/define-tool.ts";
import { singleLine } from "../mcp/fields.ts";
import { everyone } from "../mcp/policy.ts";
import type { DefinedTool, ToolFailure } from "../mcp/tool.ts";
import { type Expense, expenseId, shownExpense, shownExpenseFields } from "./expense.ts";
import { receiptUri } from "./receipt.ts";
import { receiptKinds, receiptMediaType } from "./receipt-media-type.ts";
import {
  largestReceipt,
  type ReceiptFile,
  type ReceiptFiles,
  receiptsPerExpense,
  receiptsPerPerson,
  receiptToolFailure,
} from "./receipts/receipt-files.ts";
import { noSuchExpense } from "./store/store.ts";
import { forViewAlone } from "./view-resource.ts";

const largest = `${largestReceipt / 1024 / 1024} MiB`;

const inputSchema = z.strictObject({
  id: expenseId.describe("Names the expense, as get_user_expenses shows it."),
  data: z.string().describe("The whole file as base64, encoded by a program."),
  name: singleLine(200).optional().describe("What the file is called."),
});

const { id: shownId, version, receipts } = shownExpenseFields;

const outputSchema = z.object({
  expense: z
    .object({ id: shownId, version, receipts })
    .describe("What has changed of the expense: its receipts, and so its version."),
  receipt_uri: z.string().describe("Resource to read this receipt from."),
  already_attached: z.boolean().describe("It had this file already; nothing new was stored."),
});

/** Adds a receipt to one expense of the caller's own. Policy: everyone. */
export function attachReceipt(files: Pick<ReceiptFiles, "attach">): DefinedTool {
  return defineTool({
    name: "attach_receipt",
    title: "Attach a receipt",
    description: `Attaches a receipt (${receiptKinds}, up to ${largest}) to one of the signed-in person's own expenses. For the expenses view and for client code, which have the file: in a chat, ask the person to drop it in the view, and never write base64 yourself. At most ${receiptsPerExpense} per expense. The same file again changes nothing.`,
    annotations: {
      readOnlyHint: false,
      destructiveHint: false,
      idempotentHint: true,
      openWorldHint: false,
    },
    inputSchema,
    outputSchema,
    policy: everyone,
    meta: forViewAlone,

    async handler({ id, data, name }, { caller, signal, log }) {
      const file = fileOf(data, name);
      if (!file.ok) return file;
      const attached = await files.attach(caller.objectId, id, file.value, { signal, log });
      if (!attached.ok) return receiptToolFailure(attached.reason, log);
      const outcome = attached.value;
      switch (outcome?.kind) {
        case undefined:
          return noSuchExpense;
        case "expense-full":
          return failure({
            reason: "expense-full",
            message: `Nothing was attached: the expense has ${receiptsPerExpense} receipts, as many as one may have.`,
          });
        case "person-full":
          return failure({
            reason: "receipts-full",
            message: `Nothing was attached: one person may keep ${receiptsPerPerson.files} receipts with ${receiptsPerPerson.bytes / 1024 / 1024} MiB in all. Delete expenses whose receipts are no longer needed.`,
          });
        case "attached":
        case "already-attached":
          return success({
            expense: changedOf(outcome.expense),
            receipt_uri: receiptUri(id, outcome.receipt.id),
            already_attached: outcome.kind === "already-attached",
          });
      }
    },

    ifUnknown: "Repeat the call unchanged: the same file is attached once.",

    links: ({ expense: { receipts = [] }, receipt_uri }) =>
      receipts
        .filter(({ uri }) => uri === receipt_uri)
        .map(({ uri, media_type, bytes }) => ({
          uri,
          name: "receipt",
          title: "Receipt",
          mimeType: media_type,
          size: bytes,
        })),

    present({ expense: { id, version }, receipt_uri, already_attached }) {
      const what = already_attached
        ? "Already attached, nothing new was stored"
        : "Receipt attached";
      return `${what}: ${receipt_uri} (expense ${id}, now version ${version})`;
    },
  });
}

function changedOf(expense: Expense) {
  const { id, version, receipts } = shownExpense(expense);
  return { id, version, receipts };
}

/** The file that base64 stands for, if it may be a receipt. */
function fileOf(data: string, name: string | undefined): Result<ReceiptFile, ToolFailure> {
  const bytes = Buffer.from(data, "base64");
  // `Buffer` skips what is no base64, and what came then would be another file.
  if (bytes.toString("base64") !== data) {
    return refused(
      "receipt-not-base64",
      "`data` is not the base64 of a file: the standard alphabet, padded, without line breaks",
    );
  }
  if (bytes.byteLength > largestReceipt) {
    // Rounded up, so that what is too large does not seem to fit.
    const size = (Math.ceil((bytes.byteLength * 100) / 1024 / 1024) / 100).toFixed(2);
    return refused(
      "receipt-too-large",
      `the file has ${size} MiB, and a receipt may have ${largest}. Make the picture smaller`,
    );
  }
  const mediaType = receiptMediaType(bytes);
  if (mediaType === undefined) {
    return refused(
      "receipt-kind",
      `the file is not a ${receiptKinds}; its content counts, not its name`,
    );
  }
  return success({ bytes, mediaType, name });
}

function refused(reason: string, why: string) {
  return failure({ reason, message: `Nothing was attached: ${why}.` });
}
