import type { PromptMessage, ReadResourceResult } from "@modelcontextprotocol/server";
import { abortable } from "../core/deadline.ts";
import { thrown } from "../core/log.ts";
import { failure, type Result, success } from "../core/result.ts";
import type { OwnError } from "./own-words.ts";
import { withPlainLines } from "./plain-lines.ts";
import { authorize, refusalText, type SignInDemand, type ToolPolicy } from "./policy.ts";
import { failureText } from "./quote.ts";
import type { Outcome, ToolContext, ToolFailure, ToolServices } from "./tool.ts";

/** What a resource or a prompt answers, or an error of the protocol in words of this server. */
export type OfferOutcome<Answer> = Outcome<Result<Answer, OwnError>>;

type Services = Pick<ToolServices, "isAdministrator">;

/** A resource, or a template of resources, ready to be listed and read. */
export interface DefinedResource {
  readonly name: string;
  readonly policy: ToolPolicy;
  /** Its entry in `resources/list`, or in `resources/templates/list`. */
  readonly listing: ResourceListing;
  /** How many bytes its contents may have, as JSON. */
  readonly maximumBytes: number;
  /** The values of its variables where `uri` is one of its own. */
  match(uri: string): Readonly<Record<string, string>> | undefined;
  /** Reads what a URI names that matches. Never throws. */
  read(
    uri: string,
    context: ToolContext,
    services: Services,
  ): Promise<OfferOutcome<ReadResourceResult>>;
  complete: Completer;
}

export type ResourceListing = {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly mimeType?: string;
  readonly size?: number;
  readonly _meta?: Record<string, unknown>;
} & ({ readonly uri: string } | { readonly uriTemplate: string });

/** A prompt, ready to be listed and asked for. */
export interface DefinedPrompt {
  readonly name: string;
  readonly policy: ToolPolicy;
  /** Its entry in `prompts/list`. */
  readonly listing: PromptListing;
  /** Writes the messages from unchecked arguments. Never throws. */
  get(
    promptArguments: unknown,
    context: ToolContext,
    services: Services,
  ): Promise<OfferOutcome<PromptAnswer>>;
  complete: Completer;
}

export interface PromptListing {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly arguments: { name: string; description: string; required: boolean }[];
}

export interface PromptAnswer {
  readonly description: string;
  readonly messages: PromptMessage[];
  readonly [member: string]: unknown;
}

/** Completes a value that a person has begun. Never throws. */
export type Completer = (
  asked: CompletionRequest,
  context: ToolContext,
  services: Services,
) => Promise<OfferOutcome<CompletionAnswer>>;

export interface CompletionRequest {
  /** Which variable or argument. */
  readonly name: string;
  /** What the person has written of it. */
  readonly begun: string;
  /** The variables or arguments that they have chosen already. */
  readonly others: Readonly<Record<string, string>>;
}

export interface CompletionAnswer {
  readonly completion: { values: string[]; total: number; hasMore: boolean };
  readonly [member: string]: unknown;
}

/**
 * Everything that the caller may choose for a variable or an argument, best first. Of these, those are
 * shown that begin as the person has begun.
 *
 * @param others what they have chosen already, unchecked
 */
export type Choices = (
  context: ToolContext,
  others: Readonly<Record<string, string>>,
) => Promise<Result<readonly string[], ToolFailure>> | Result<readonly string[], ToolFailure>;

/** A failure to read what a URI names; `isMissing` where there is no such thing. */
export interface OfferFailure extends ToolFailure {
  readonly isMissing?: boolean;
  /** Where the caller has to correct what they sent. */
  readonly isInvalid?: boolean;
}

/** What is offered beside tools, and what is being done with it. */
export interface Offer {
  readonly action: "resource-read" | "prompt-get" | "completion";
  readonly kind: "resource" | "prompt";
  readonly name: string;
  readonly policy: ToolPolicy;
}

/** JSON-RPC: the caller has to send something else, or this server could not do it. */
export const invalidParams = -32602;
export const internalError = -32603;

/**
 * Serves an offer as `defineTool` serves a call: to those alone whom its policy allows, in the time of
 * the request, with an event for the audit log, and with no words in a failure but what was written
 * for the model.
 *
 * @param uri what was asked for, for clients that look into an error for it
 */
export async function serveOffer<Answer>(
  { action, kind, name, policy }: Offer,
  context: ToolContext,
  { isAdministrator }: Services,
  make: () => Promise<Result<Answer, OfferFailure>>,
  uri?: string,
): Promise<OfferOutcome<Answer>> {
  const { caller, signal, log } = context;
  const named = `The ${kind} ${name}`;
  try {
    return await abortable(run(), signal);
  } catch (error) {
    if (signal.aborted) return failed("timeout", `${named} took too long. Try again in a minute.`);
    log("error", `${kind}.threw`, { [kind]: name, cause: thrown(error) });
    const problem = `${named} failed because of a problem in the server. Try again; if it goes on, tell the people who run it.`;
    return failed("exception", problem);
  }

  async function run(): Promise<OfferOutcome<Answer>> {
    const allowed = await authorize(policy, caller, isAdministrator, signal);
    if (!allowed.ok) {
      const { kind: reason, ...details } = allowed.reason;
      let demand: SignInDemand = {};
      if ("cause" in details) {
        const { cause, claims, isSignInEnded } = details;
        log("warn", "membership.unknown", { [kind]: name, cause });
        demand = { claims, isSignInEnded };
      }
      return {
        result: failure({ code: internalError, message: refusalText(named, allowed.reason) }),
        event: { action: "authorization", name, outcome: "refused", reason },
        ...demand,
      };
    }
    signal.throwIfAborted();
    const made = await make();
    if (made.ok)
      return { result: success(made.value), event: { action, name, outcome: "success" } };
    const { reason, message, isMissing, isInvalid, claims, isSignInEnded } = made.reason;
    const code = isMissing || isInvalid ? invalidParams : internalError;
    const error = { code, message: failureText(message), ...(isMissing && { data: { uri } }) };
    return { ...failed(reason, error), claims, isSignInEnded };
  }

  function failed(reason: string, error: OwnError | string): OfferOutcome<Answer> {
    const own = typeof error === "string" ? { code: internalError, message: error } : error;
    return { result: failure(own), event: { action, name, outcome: "failed", reason } };
  }
}

/** As the protocol allows. */
const mostCompletions = 100;

/** Completes by what the caller may choose. */
export function completerOf(
  offer: Omit<Offer, "action">,
  choices: Readonly<Record<string, Choices | undefined>>,
): Completer {
  return ({ name, begun, others }, context, services) =>
    serveOffer({ ...offer, action: "completion" }, context, services, async () => {
      const choose = Object.hasOwn(choices, name) ? choices[name] : undefined;
      const all = choose ? await choose(context, others) : success([]);
      return all.ok ? success(completionOf(withPlainLines(all.value), begun)) : all;
    });
}

function completionOf(all: readonly string[], begun: string): CompletionAnswer {
  const start = begun.toLowerCase();
  const found = all.filter((value) => value.toLowerCase().startsWith(start));
  const values = found.slice(0, mostCompletions);
  return { completion: { values, total: found.length, hasMore: found.length > values.length } };
}
