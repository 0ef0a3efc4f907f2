import type {
  CallToolResult,
  InputRequiredResult,
  Tool,
  ToolAnnotations,
} from "@modelcontextprotocol/server";
import { z } from "zod";
import type { RequestAuditEvent } from "../core/audit.ts";
import { abortable } from "../core/deadline.ts";
import { thrown } from "../core/excerpt.ts";
import { type Result, success } from "../core/result.ts";
import {
  type ApprovalChannel,
  type ApprovalPolicy,
  createApprovalGate,
} from "./approvals/approval-gate.ts";
import { withPlainLines } from "./plain-lines.ts";
import { type AdministratorCheck, authorize, refusalText, type ToolPolicy } from "./policy.ts";
import type { ToolContext, ToolFailure } from "./tool.ts";
import { errorResult, inputProblemsText } from "./tool-result.ts";

export interface ToolSpecification<
  Input extends z.ZodObject = z.ZodObject,
  Output extends z.ZodObject = z.ZodObject,
  Affected extends z.ZodObject = z.ZodObject,
> {
  /** Snake case, as models know it. */
  readonly name: string;
  readonly title: string;
  /** For the model: what it does, when to use it, what comes back. */
  readonly description: string;
  readonly annotations: ToolAnnotations;
  readonly inputSchema: Input;
  readonly outputSchema: Output;
  /** Who may call it, and whether each call needs approval. */
  readonly policy: ToolPolicy & {
    readonly approval?: ApprovalPolicy<z.output<Input>, Affected>;
  };
  /**
   * @param approved what the person was shown and agreed to; empty where no approval is asked for. It
   *   may have changed since, so that a handler makes sure that it changes this and nothing else.
   */
  handler(
    input: z.output<Input>,
    context: ToolContext,
    approved: z.output<Affected>,
  ): Promise<Result<z.input<Output>, ToolFailure>>;
  /** The result as a person would read it, with everything in it that matters. */
  present(output: z.output<Output>): string;
}

/** A tool, ready to be listed and called. */
export interface DefinedTool {
  readonly name: string;
  readonly policy: ToolPolicy;
  /** Whether a call is carried out only once it is approved. */
  readonly needsApproval?: boolean;
  /** Its entry in `tools/list`, made once: converting the schemas dominates the cost of a list. */
  readonly listing: Tool;
  /**
   * Runs one call from its unchecked arguments on. Never throws.
   *
   * @param channel how the call can be approved; a tool that needs approval fails without it
   */
  call(
    toolArguments: unknown,
    context: ToolContext,
    isAdministrator: AdministratorCheck,
    channel?: ApprovalChannel,
  ): Promise<CallToolResult | InputRequiredResult>;
}

/**
 * Defines a tool: what it is as data, and one handler. The result alone decides who may call it,
 * has calls approved that need it, checks input and output, catches everything, and makes structured
 * content and a readable text (MCP specification, Tools). The SDK passes on whatever a tool throws
 * word for word, hence nothing may leave here but what was written for the model.
 */
export function defineTool<
  Input extends z.ZodObject,
  Output extends z.ZodObject,
  Affected extends z.ZodObject = z.ZodObject,
>(specification: ToolSpecification<Input, Output, Affected>): DefinedTool {
  const { name, title, description, annotations, inputSchema, outputSchema } = specification;
  const { approval, ...policy } = specification.policy;
  const gate = approval && createApprovalGate({ name, inputSchema, outputSchema, approval });
  return {
    name,
    policy,
    needsApproval: gate !== undefined,
    listing: {
      name,
      title,
      description,
      annotations,
      inputSchema: jsonSchema(gate?.inputSchema ?? inputSchema, "input"),
      outputSchema: jsonSchema(gate?.outputSchema ?? outputSchema, "output"),
    },
    async call(toolArguments, context, isAdministrator, channel) {
      const { log, caller, signal, audit } = context;
      const called = (outcome: RequestAuditEvent["outcome"], reason?: string) =>
        audit({ action: "tool-call", tool: name, outcome, ...(reason ? { reason } : {}) });
      const challenged = (claims: string | undefined) =>
        claims !== undefined && context.challenge({ claims });
      const failed = ({ reason, message, claims }: ToolFailure) => {
        called(challenged(claims) ? "challenged" : "failed", reason);
        return errorResult(message);
      };
      try {
        const allowed = await abortable(authorize(policy, caller, isAdministrator, signal), signal);
        if (!allowed.ok) {
          const { kind: reason, claims } = { claims: undefined, ...allowed.reason };
          const outcome = challenged(claims) ? "challenged" : "refused";
          audit({ action: "authorization", tool: name, outcome, reason });
          return errorResult(refusalText(name, allowed.reason));
        }
        const checked = (gate?.inputSchema ?? inputSchema).safeParse(toolArguments ?? {});
        if (!checked.success) {
          called("failed", "input-invalid");
          return errorResult(inputProblemsText(name, checked.error, toolArguments));
        }
        const passage = gate
          ? await abortable(gate.pass(checked.data, context, channel), signal)
          : success({
              kind: "open" as const,
              input: checked.data as z.output<Input>,
              approved: {} as z.output<Affected>,
            });
        if (!passage.ok) return failed(passage.reason);
        if (passage.value.kind === "closed") return passage.value.result;
        const { input, approved } = passage.value;
        const outcome = await abortable(specification.handler(input, context, approved), signal);
        if (!outcome.ok) return failed(outcome.reason);
        const output = outputSchema.safeParse(outcome.value);
        if (!output.success) {
          const paths = output.error.issues.map((issue) => issue.path.join(".")).join(" ");
          log("error", "tool.output-invalid", { tool: name, paths });
          called("failed", "output-invalid");
          return errorResult(internalErrorText(name));
        }
        const shown = withPlainLines(output.data);
        const text = specification.present(shown);
        called("success");
        return {
          content: [{ type: "text", text }],
          structuredContent: gate ? { outcome: "done", ...shown } : shown,
        };
      } catch (error) {
        if (signal.aborted) {
          called("failed", "timeout");
          return errorResult(`${name} took too long. Try again in a minute.`);
        }
        log("error", "tool.threw", { tool: name, cause: thrown(error) });
        called("failed", "exception");
        return errorResult(internalErrorText(name));
      }
    },
  };
}

/** How long a list waits to know whether the caller is an administrator. */
const listMilliseconds = 3_000;

export interface VisibleTools {
  readonly tools: readonly DefinedTool[];
  /** Whether nothing was left out only because it could not be known whether it may be seen. */
  readonly isCertain: boolean;
}

/** The tools that the caller may see. Where it cannot be known whether they may, they may not. */
export async function visibleTools(
  tools: readonly DefinedTool[],
  isAdministrator: AdministratorCheck,
  context: Pick<ToolContext, "caller" | "signal" | "log">,
): Promise<VisibleTools> {
  const { caller, log } = context;
  // A list that waits for an outage to end is no list.
  const signal = AbortSignal.any([context.signal, AbortSignal.timeout(listMilliseconds)]);
  const judged = await Promise.all(
    tools.map(async (tool) => {
      try {
        const allowed = authorize(tool.policy, caller, isAdministrator, signal);
        return { tool, allowed: await abortable(allowed, signal) };
      } catch (error) {
        log("error", "tool.policy-threw", { tool: tool.name, cause: thrown(error) });
        return { tool, allowed: { ok: false as const, reason: undefined } };
      }
    }),
  );
  let isCertain = true;
  for (const { tool, allowed } of judged) {
    if (allowed.ok) continue;
    if (allowed.reason?.kind === "membership-unknown") {
      log("warn", "tool.hidden", { tool: tool.name, reason: allowed.reason.cause });
    }
    isCertain &&= allowed.reason !== undefined && allowed.reason.kind !== "membership-unknown";
  }
  return { tools: judged.filter(({ allowed }) => allowed.ok).map(({ tool }) => tool), isCertain };
}

function internalErrorText(name: string): string {
  return `${name} failed because of a problem in the server. Try again; if it goes on, tell the people who run it.`;
}

/** A schema's root has to say that it is an object, which that of a union does not by itself. */
function jsonSchema(schema: z.ZodType, io: "input" | "output"): Tool["inputSchema"] {
  return { ...z.toJSONSchema(schema, { io }), type: "object" } as Tool["inputSchema"];
}
