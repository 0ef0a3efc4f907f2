import type { PromptMessage } from "@modelcontextprotocol/server";
import type { z } from "zod";
import { failure, type Result, success } from "../core/result.ts";
import { checkArguments } from "./arguments.ts";
import {
  type Choices,
  completerOf,
  type DefinedPrompt,
  type PromptAnswer,
  serveOffer,
} from "./offer.ts";
import { howToAskForLess, maximumResultBytes } from "./own-words.ts";
import type { ToolPolicy } from "./policy.ts";
import { type Quote, withQuotations } from "./quote.ts";
import type { ToolContext, ToolFailure } from "./tool.ts";
import { inputProblemsText } from "./tool-result.ts";

export interface PromptSpecification<Input extends z.ZodObject = z.ZodObject> {
  /** Snake case. Clients show it as a command. */
  readonly name: string;
  readonly title: string;
  /** For people, who choose it: what it does. */
  readonly description: string;
  /** Each a text, described; optional ones may be left out, or be empty. */
  readonly arguments: Input;
  readonly policy: ToolPolicy;
  /** What the caller may choose for an argument. */
  readonly complete?: { readonly [Name in keyof z.input<Input>]?: Choices };
  /**
   * Writes what is put to the model: a text, or texts and resources in turn. What people entered is
   * quoted.
   */
  messages(
    input: z.output<Input>,
    context: ToolContext,
  ): Promise<Result<PromptText | readonly PromptMessage[], ToolFailure>>;
}

/** A message of the person, given what quotes the texts that people entered. */
export type PromptText = string | ((quote: Quote) => string);

/**
 * Defines a prompt: something that a person chooses in their client, such as a report, and that tells
 * the model what to do. The result alone decides who may, checks the arguments and catches everything.
 *
 * @example
 * definePrompt({
 *   name: "summarise_topic",
 *   title: "Summarise a topic",
 *   description: "Summarises your notes about a topic.",
 *   arguments: z.strictObject({ topic: singleLine(50).describe("What the notes are about.") }),
 *   policy: everyone,
 *   messages: async ({ topic }) =>
 *     success((quote) => `Summarise my notes about ${quote(topic)}: read them with get_notes.`),
 * });
 */
export function definePrompt<Input extends z.ZodObject>(
  specification: PromptSpecification<Input>,
): DefinedPrompt {
  const { name, title, description, arguments: given, policy, complete = {} } = specification;
  const schema = given.def.catchall ? given : (given.strict() as unknown as Input);
  const offer = { kind: "prompt", name, policy } as const;
  return {
    name,
    policy,
    listing: {
      name,
      title,
      description,
      arguments: Object.entries(schema.shape).map(([argument, field]) => ({
        name: argument,
        description: (field as z.ZodType).description ?? "",
        required: !(field as z.ZodType).safeParse(undefined).success,
      })),
    },
    get: (promptArguments, context, services) =>
      serveOffer({ ...offer, action: "prompt-get" }, context, services, async () => {
        const checked = checkArguments(schema, withoutEmpty(promptArguments, schema), false);
        if (!checked.ok) {
          const message = inputProblemsText(name, checked.reason);
          // Each problem has a line of its own, in which what the caller wrote is plain already.
          return failure({ reason: "input-invalid", message: () => message, isInvalid: true });
        }
        const written = await specification.messages(checked.value.input, context);
        if (!written.ok) return written;
        const answer = { description, messages: messagesOf(written.value) };
        if (Buffer.byteLength(JSON.stringify(answer)) <= maximumResultBytes) {
          return success<PromptAnswer>(answer);
        }
        const message = `The prompt is too large. ${howToAskForLess}`;
        return failure({ reason: "output-too-large", message });
      }),
    complete: completerOf(offer, complete as Readonly<Record<string, Choices>>),
  };
}

function messagesOf(written: PromptText | readonly PromptMessage[]): PromptMessage[] {
  if (typeof written === "object") return [...written];
  const text = typeof written === "string" ? written : withQuotations(written);
  return [{ role: "user", content: { type: "text", text } }];
}

/** A client's form has an empty text for what its person leaves out. */
function withoutEmpty(given: unknown, schema: z.ZodObject): unknown {
  if (typeof given !== "object" || given === null) return given ?? {};
  const isOptional = (name: string) =>
    Object.hasOwn(schema.shape, name) &&
    (schema.shape[name] as z.ZodType).safeParse(undefined).success;
  return Object.fromEntries(
    Object.entries(given).filter(([name, value]) => value !== "" || !isOptional(name)),
  );
}
