import type { CallToolResult, ResourceLink, ToolAnnotations } from "@modelcontextprotocol/server";
import type { z } from "zod";
import { abortable } from "../core/deadline.ts";
import { type Log, thrown } from "../core/log.ts";
import type { Result } from "../core/result.ts";
import { advertisedSchema } from "./advertised-schema.ts";
import { type ApprovalPolicy, createApprovalGate } from "./approvals/gate.ts";
import { checkArguments } from "./arguments.ts";
import { howToAskForLess, maximumResultBytes } from "./own-words.ts";
import { withPlainLines } from "./plain-lines.ts";
import {
  authorize,
  type PolicyRefusal,
  refusalText,
  type SignInDemand,
  type ToolPolicy,
} from "./policy.ts";
import { failureText, freeTextField, type Quote, withQuotations } from "./quote.ts";
import type { DefinedTool, ToolContext, ToolFailure, ToolOutcome } from "./tool.ts";
import {
  errorResult,
  ignoredArgumentsField,
  inputProblemsText,
  withIgnoredArguments,
} from "./tool-result.ts";

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
  /** How many JSON values a call may have, where that is more than an ordinary message has (500). */
  readonly inputValues?: number;
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
  /**
   * For a tool that writes: what to do where it is not known whether a call was carried out, because
   * time was up or an answer was lost. To look, with which tool; or to repeat the call, and how.
   */
  readonly ifUnknown?: string;
  /**
   * The result as a person would read it, with everything in it that matters.
   *
   * @param quote for what people entered, such as a description
   */
  present(output: z.output<Output>, quote: Quote): string;
  /**
   * Names of the fields, at any depth, that hold text which people entered. The structured content
   * says so in `free_text`.
   */
  readonly freeText?: readonly string[];
  /**
   * Resources that the result leads to. Each is a block of its own, and its URI stands in the text; as
   * some clients hand on nothing but the structured content, it is to be a field of that as well.
   */
  links?(output: z.output<Output>): readonly Link[];
  /** `_meta` of its entry in `tools/list`, such as `{ ui: { resourceUri } }`. */
  readonly meta?: Readonly<Record<string, unknown>>;
}

/** A resource that a result leads to: `resource_link` of the protocol. */
export type Link = Omit<ResourceLink, "type">;

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
  const { name, title, description, annotations, outputSchema, freeText, meta } = specification;
  if (["free_text", "ignored_arguments"].some((field) => field in outputSchema.shape)) {
    throw new TypeError(`${name}: free_text and ignored_arguments are names that every tool uses.`);
  }
  const fullOutput = freeText ? outputSchema.safeExtend(freeTextField) : outputSchema;
  // Members that a schema says nothing of would be dropped in silence.
  const { inputSchema: given } = specification;
  const inputSchema = given.def.catchall ? given : (given.strict() as unknown as Input);
  const { approval, ...policy } = specification.policy;
  const gate =
    approval &&
    createApprovalGate({ name, inputSchema, outputSchema: fullOutput, approval, freeText });
  const writes = annotations.readOnlyHint !== true;
  const onlyReads = !writes && !gate;
  const acceptedInput = gate?.inputSchema ?? inputSchema;
  const shownOutput =
    gate?.outputSchema ?? (onlyReads ? fullOutput.safeExtend(ignoredArgumentsField) : fullOutput);
  return {
    name,
    policy,
    inputValues: specification.inputValues,
    needsApproval: gate !== undefined,
    listing: {
      name,
      title,
      description,
      annotations,
      inputSchema: advertisedSchema(acceptedInput, "input"),
      outputSchema: advertisedSchema(shownOutput, "output"),
      ...(meta && { _meta: meta }),
    },
    async call(toolArguments, context, { isAdministrator, channel }) {
      const { log, caller, signal } = context;
      // Whether something may have been written without the caller knowing of it.
      let isUnderWay = false;
      try {
        return await abortable(run(), signal);
      } catch (error) {
        if (!signal.aborted) log("error", "tool.threw", { tool: name, cause: thrown(error) });
        const reason = signal.aborted ? "timeout" : "exception";
        if (isUnderWay) return unknown(reason);
        const text = signal.aborted ? timeoutText(name, writes) : internalErrorText(name);
        return failed(reason, text);
      }

      async function run(): Promise<ToolOutcome> {
        const allowed = await authorize(policy, caller, isAdministrator, signal);
        if (!allowed.ok) return refused(allowed.reason, log);
        // Whoever waited has been told that the time was up: nothing may be done behind their back.
        signal.throwIfAborted();
        const checked = checkArguments(acceptedInput, toolArguments ?? {}, onlyReads);
        if (!checked.ok) return failed("input-invalid", inputProblemsText(name, checked.reason));
        const { input, ignored } = checked.value;
        if (!gate) {
          const done = await carryOut(input as z.output<Input>, {} as z.output<Affected>);
          return { ...done, result: withIgnoredArguments(done.result, ignored) };
        }
        const passage = await gate.pass(input, context, channel);
        if (!passage.ok) return failedWith(passage.reason);
        if (passage.value.kind === "closed") return { result: passage.value.result };
        signal.throwIfAborted();
        return carryOut(passage.value.input, passage.value.approved);
      }

      async function carryOut(
        input: z.output<Input>,
        approved: z.output<Affected>,
      ): Promise<FinishedCall> {
        isUnderWay = writes;
        const outcome = await specification.handler(input, context, approved);
        if (!outcome.ok) return failedWith(outcome.reason);
        const output = outputSchema.safeParse(outcome.value);
        if (!output.success) {
          const paths = output.error.issues.map((issue) => issue.path.join(".")).join(" ");
          log("error", "tool.output-invalid", { tool: name, paths });
          const reason = "output-invalid";
          return writes ? unknown(reason) : failed(reason, internalErrorText(name));
        }
        const shown = withPlainLines(output.data);
        const links = specification.links?.(shown) ?? [];
        const text = withQuotations((quote) => specification.present(shown, quote));
        const result: CallToolResult = {
          content: [{ type: "text", text: withUris(text, links) }, ...links.map(linkBlock)],
          structuredContent: {
            ...(gate && { outcome: "done" }),
            ...shown,
            ...(freeText && { free_text: freeText }),
          },
        };
        const event = { action: "tool-call", tool: name, outcome: "success" } as const;
        if (Buffer.byteLength(JSON.stringify(result)) <= maximumResultBytes) {
          return { result, event };
        }
        return writes
          ? { result: errorResult(doneText), event }
          : failed("output-too-large", `The answer is too large. ${howToAskForLess}`);
      }
    },
  };

  function failed(reason: string, message: string, demand: SignInDemand = {}): FinishedCall {
    return {
      result: errorResult(message),
      event: { action: "tool-call", tool: name, outcome: "failed", reason },
      ...demand,
    };
  }

  function failedWith({ reason, message, isOutcomeUnknown, ...demand }: ToolFailure): FinishedCall {
    if (isOutcomeUnknown) return unknown(reason);
    return failed(reason, failureText(message), demand);
  }

  function unknown(reason: string): FinishedCall {
    const { ifUnknown = "Look whether it was before you repeat the call." } = specification;
    return {
      result: errorResult(`It is not known whether ${name} was carried out. ${ifUnknown}`),
      event: { action: "tool-call", tool: name, outcome: "unknown", reason },
    };
  }

  function refused(refusal: PolicyRefusal, log: Log): ToolOutcome {
    const { kind: reason } = refusal;
    let demand: SignInDemand = {};
    if (refusal.kind === "membership-unknown") {
      const { cause, claims, isSignInEnded } = refusal;
      log("warn", "membership.unknown", { tool: name, cause });
      demand = { claims, isSignInEnded };
    }
    return {
      result: errorResult(refusalText(name, refusal)),
      event: { action: "authorization", tool: name, outcome: "refused", reason },
      ...demand,
    };
  }
}

/** What became of a call that asks nothing more. */
type FinishedCall = ToolOutcome & { readonly result: CallToolResult };

function linkBlock(link: Link): ResourceLink {
  return { type: "resource_link", ...link };
}

/** Some clients hand on nothing but the text. */
function withUris(text: string, links: readonly Link[]): string {
  const missing = links.filter(({ uri }) => !text.includes(uri));
  return [text, ...missing.map(({ title, name, uri }) => `${title ?? name}: ${uri}`)].join("\n");
}

function timeoutText(name: string, writes: boolean): string {
  const nothing = writes ? ", and nothing was done" : "";
  return `${name} took too long${nothing}. Try again in a minute.`;
}

function internalErrorText(name: string): string {
  return `${name} failed because of a problem in the server. Try again; if it goes on, tell the people who run it.`;
}

const doneText =
  "It has been done, but the answer is too large to be shown. Do not repeat the call.";
