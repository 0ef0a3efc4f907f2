import type { CallToolResult, InputRequiredResult } from "@modelcontextprotocol/server";
import type { z } from "zod";
import type { RequestAuditEvent } from "../../core/audit.ts";
import { failure, type Result, success } from "../../core/result.ts";
import { withEscapes } from "../plain-lines.ts";
import { type Quote, unquoted, withQuotations } from "../quote.ts";
import type { ToolContext, ToolFailure } from "../tool.ts";
import type { Evidence } from "./approvals.ts";
import type { ApprovalChannel, ClientRound } from "./client-round.ts";
import type { ApprovedCall } from "./handles.ts";
import { shownDigest } from "./handles.ts";
import type { ApprovalWay } from "./refusal.ts";
import { type ApprovalRefusal, approvalRefusalText } from "./refusal.ts";
import {
  confirmationField,
  notDoneResult,
  outcomes,
  previewResult,
  questionResult,
} from "./results.ts";

/** That a tool's calls need approval, and what the person is shown. */
export interface ApprovalPolicy<Input, Affected extends z.ZodObject> {
  /** What a call would change, as the preview shows it. */
  readonly affectedSchema: Affected;
  /**
   * Reads what the call would change, before it is asked for and again before it is done. Both times
   * have to find the same, so it leaves out what changes by itself.
   */
  affected(input: Input, context: ToolContext): Promise<Result<z.input<Affected>, ToolFailure>>;
  /**
   * The question to the person: what would be done, to what, and whether it can be undone.
   *
   * @param quote for what people entered; it stays as it is where no model reads the question
   */
  question(affected: z.output<Affected>, quote: Quote): string;
}

export type Passage<Input, Affected> =
  /** Approved: the call may be carried out with this input, on this. */
  | { readonly kind: "open"; readonly input: Input; readonly approved: Affected }
  /** Nothing is to be done; this is the answer. */
  | { readonly kind: "closed"; readonly result: CallToolResult | InputRequiredResult };

/** Stands between a tool's checked input and its handler. */
export interface ApprovalGate<Input, Affected> {
  /** The tool's input, and the confirmation that a second call may carry. */
  readonly inputSchema: z.ZodObject;
  /** All that the tool's structured content can be. */
  readonly outputSchema: z.ZodType;
  /** @throws {Error} without a channel: the server has to be put together with approvals */
  pass(
    checked: Readonly<Record<string, unknown>>,
    context: ToolContext,
    channel: ApprovalChannel | undefined,
  ): Promise<Result<Passage<Input, Affected>, ToolFailure>>;
}

export interface GatedTool<
  Input extends z.ZodObject,
  Output extends z.ZodObject,
  Affected extends z.ZodObject,
> {
  readonly name: string;
  readonly inputSchema: Input;
  readonly outputSchema: Output;
  readonly approval: ApprovalPolicy<z.output<Input>, Affected>;
  /** Names of the fields with text that people entered, which the output schema then tells of. */
  readonly freeText?: readonly string[] | undefined;
}

/** @throws {TypeError} where the tool has a field of its own with a name that approvals use */
export function createApprovalGate<
  Input extends z.ZodObject,
  Output extends z.ZodObject,
  Affected extends z.ZodObject,
>(tool: GatedTool<Input, Output, Affected>): ApprovalGate<z.output<Input>, z.output<Affected>> {
  const { name, inputSchema, outputSchema, approval, freeText } = tool;
  if ("confirmation" in inputSchema.shape || "outcome" in outputSchema.shape) {
    throw new TypeError(`${name}: confirmation and outcome are names that approvals use.`);
  }

  async function readAffected(
    input: z.output<Input>,
    context: ToolContext,
  ): Promise<Result<z.output<Affected>, ToolFailure>> {
    const affected = await approval.affected(input, context);
    if (!affected.ok) return affected;
    return success(approval.affectedSchema.parse(affected.value));
  }

  return {
    inputSchema: inputSchema.safeExtend(confirmationField),
    outputSchema: outcomes(outputSchema, approval.affectedSchema, freeText !== undefined),

    async pass(checked, context, channel) {
      if (!channel) throw new Error("A tool that needs approval, without a way to get it.");
      const { approvals, client } = channel;
      const { confirmation: handle, ...rest } = checked;
      // What is left once the one further field is taken out was checked as this.
      const input = rest as z.output<Input>;
      const call: ApprovedCall = { caller: context.caller, tool: name, input };
      const note = (way: ApprovalWay, outcome: RequestAuditEvent["outcome"], reason?: string) =>
        context.audit({
          action: "approval",
          tool: name,
          way,
          outcome,
          ...(reason ? { reason } : {}),
        });
      const refuse = (way: ApprovalWay, refusal: ApprovalRefusal) => {
        const { kind } = refusal;
        if (kind === "unavailable") {
          context.log("error", "approval.unavailable", { tool: name, cause: refusal.cause });
        }
        note(way, kind === "unavailable" ? "failed" : "refused", kind);
        return failure({
          reason: `approval-${kind}`,
          message: approvalRefusalText(name, way, refusal),
        });
      };

      const allowed = approvals.wayOf(client);
      if (!allowed.ok) return refuse("question", allowed.reason);
      const way = allowed.value;
      const evidence = evidenceOf(way, client, handle);
      if (!evidence) {
        const affected = await readAffected(input, context);
        if (!affected.ok) return affected;
        const asked = await approvals.ask(way, call, affected.value);
        if (!asked.ok) return refuse(way, asked.reason);
        note(way, "challenged", "asked");
        const shown = withEscapes(affected.value);
        const question = (quote: Quote) => approval.question(shown, quote);
        const result =
          way === "question"
            ? questionResult(question(unquoted), asked.value.handle)
            : previewResult(
                name,
                withQuotations(question),
                { affected: shown, freeText },
                asked.value,
              );
        return success({ kind: "closed", result });
      }

      const settled = await approvals.settle(way, call, evidence);
      if (!settled.ok) return refuse(way, settled.reason);
      if (settled.value.kind !== "approved") {
        note(way, "refused", settled.value.kind);
        return success({ kind: "closed", result: notDoneResult(settled.value.kind) });
      }
      const affected = await readAffected(input, context).catch((error: unknown) => {
        note(way, "failed", "exception");
        throw error;
      });
      if (!affected.ok) {
        note(way, "failed", affected.reason.reason);
        return affected;
      }
      if (shownDigest(affected.value) !== settled.value.shown) {
        return refuse(way, { kind: "affected-changed" });
      }
      note(way, "success");
      return success({ kind: "open", input, approved: affected.value });
    },
  };
}

/** What a call brings for its way of being approved; nothing on a first call. */
function evidenceOf(
  way: ApprovalWay,
  { requestState, answer }: ClientRound,
  handle: unknown,
): Evidence | undefined {
  if (way === "confirmation") {
    return typeof handle === "string" ? { handle, answer: "accept" } : undefined;
  }
  return requestState !== undefined && answer ? { handle: requestState, answer } : undefined;
}
