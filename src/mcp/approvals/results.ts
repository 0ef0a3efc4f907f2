import {
  type CallToolResult,
  type InputRequiredResult,
  inputRequired,
} from "@modelcontextprotocol/server";
import { z } from "zod";
import { freeTextField } from "../quote.ts";
import { questionName } from "./client-round.ts";
import type { ApprovalHandle } from "./handles.ts";

/** What an approval adds to a tool's input. */
export const confirmationField = {
  confirmation: z
    .string()
    .optional()
    .describe(
      "Leave out at first. Where the answer is confirmation_required, show the person what it says, and only if they agree repeat the call with the confirmation from it.",
    ),
} as const;

/**
 * All that the structured content of a tool that needs approval can be.
 *
 * @param hasFreeText whether it tells which fields hold text that people entered
 */
export function outcomes(
  outputSchema: z.ZodObject,
  affected: z.ZodObject,
  hasFreeText: boolean,
): z.ZodType {
  return z.discriminatedUnion("outcome", [
    outputSchema.safeExtend({ outcome: z.literal("done").describe("The call was carried out.") }),
    z.object({
      outcome: z.literal("confirmation_required").describe("Nothing has been done yet."),
      question: z.string().describe("What to ask the person."),
      affected: isPartOf(affected, outputSchema)
        ? z
            .looseObject({})
            .describe("What the call would change: fields as of the answer once done.")
        : affected.describe("What the call would change."),
      confirmation: z.string().describe("For the second call. Good once."),
      expires_at: z.string().describe("Of the confirmation (UTC)."),
      ...(hasFreeText && freeTextField),
    }),
    z.object({
      outcome: z
        .enum(["declined", "cancelled"])
        .describe("Not done: the person said no, or closed the question."),
    }),
  ]);
}

/** Whether the same fields are described twice, which a model would pay for and learn nothing from. */
function isPartOf(affected: z.ZodObject, output: z.ZodObject): boolean {
  return Object.entries(affected.shape).every(([name, field]) => output.shape[name] === field);
}

/**
 * The form has no fields: the person accepts, declines or closes it, and clients show that with
 * buttons. A field to tick could only contradict the button.
 */
export function questionResult(question: string, requestState: string): InputRequiredResult {
  return inputRequired({
    inputRequests: {
      [questionName]: inputRequired.elicit({
        message: question,
        requestedSchema: { type: "object", properties: {} },
      }),
    },
    requestState,
  });
}

/** What would be done, for a client that cannot put the question, and how to go on. */
export function previewResult(
  tool: string,
  question: string,
  { affected, freeText }: { affected: object; freeText?: readonly string[] | undefined },
  { handle, expiresAt }: ApprovalHandle,
): CallToolResult {
  const expires_at = new Date(expiresAt).toISOString();
  const text = `${question}

Nothing has been done yet. Show this to the person. Only if they agree, call ${tool} again with the same arguments and this confirmation, good once and until ${expires_at}:
${handle}`;
  return {
    content: [{ type: "text", text }],
    structuredContent: {
      outcome: "confirmation_required",
      question,
      affected,
      confirmation: handle,
      expires_at,
      ...(freeText && { free_text: freeText }),
    },
  };
}

export function notDoneResult(outcome: "declined" | "cancelled"): CallToolResult {
  const text =
    outcome === "declined"
      ? "Nothing was done: the person declined."
      : "Nothing was done: the person closed the question without an answer.";
  return { content: [{ type: "text", text }], structuredContent: { outcome } };
}
