import type { CallToolResult, InputRequiredResult, Tool } from "@modelcontextprotocol/server";
import type { RequestAuditEvent } from "../core/audit.ts";
import type { Caller } from "../core/caller.ts";
import type { Log } from "../core/log.ts";
import type { ApprovalChannel } from "./approvals/client-round.ts";
import type { AdministratorCheck, SignInDemand, ToolPolicy } from "./policy.ts";
import type { Quote } from "./quote.ts";

/** What a handler is given beside its input. */
export interface ToolContext {
  readonly caller: Caller;
  /** Aborts when the request's time is up. */
  readonly signal: AbortSignal;
  readonly log: Log;
  /** Writes down what this caller did, or was not let do. */
  readonly audit: (event: RequestAuditEvent) => void;
  /** Tells the client how far the work is, where it has asked for that; else it does nothing. */
  readonly progress: Progress;
}

/**
 * @param done how much is done, in the same unit as `total`; more than the last time
 * @param total where it is known
 * @param message what is being done, for people
 */
export type Progress = (done: number, total?: number, message?: string) => void;

/**
 * A failure that the model is told of. `message` reaches the model word for word, so it is written
 * for it: what is wrong and what to do, nothing internal. Where it says what people entered, it is a
 * function that quotes that. `reason` goes to the log.
 */
export interface ToolFailure extends SignInDemand {
  readonly reason: string;
  readonly message: string | ((quote: Quote) => string);
  /**
   * Something was begun that may or may not have been carried out, such as a write whose answer never
   * came. What the tool says of that (`ifUnknown`) then takes the place of `message`.
   */
  readonly isOutcomeUnknown?: boolean | undefined;
}

/** What became of a request. */
export interface Outcome<Answer> extends SignInDemand {
  readonly result: Answer;
  /** For the audit log; absent where what was done has written down itself what became of it. */
  readonly event?: RequestAuditEvent;
}

/** What became of a call. */
export type ToolOutcome = Outcome<CallToolResult | InputRequiredResult>;

/** What a server has for the calls of its tools. */
export interface ToolServices {
  readonly isAdministrator: AdministratorCheck;
  /** How the call can be approved; a tool that needs approval fails without it. */
  readonly channel?: ApprovalChannel | undefined;
}

/** A tool, ready to be listed and called. */
export interface DefinedTool {
  readonly name: string;
  readonly policy: ToolPolicy;
  /** How many JSON values a call of it may have that is alone in its request, where that is more than usual. */
  readonly inputValues?: number | undefined;
  /** Whether a call is carried out only once it is approved. */
  readonly needsApproval?: boolean;
  /** Its entry in `tools/list`, made once: converting the schemas dominates the cost of a list. */
  readonly listing: Tool;
  /** Runs one call from its unchecked arguments on. Never throws. */
  call(toolArguments: unknown, context: ToolContext, services: ToolServices): Promise<ToolOutcome>;
}
