import type { CallToolResult } from "@modelcontextprotocol/server";
import { z } from "zod";
import { LongFraction } from "../core/exact-numbers.ts";
import { valueAt, type WrongArguments } from "./arguments.ts";
import { tooManyDigits } from "./fields.ts";
import { withPlainLines } from "./plain-lines.ts";

/** A tool error that the model can read and act on (MCP specification, Tools, error handling). */
export function errorResult(text: string): CallToolResult {
  return { content: [{ type: "text", text }], isError: true };
}

/** What a reading tool's structured content says of arguments that there are not. */
export const ignoredArgumentsField = {
  ignored_arguments: z
    .array(z.string())
    .optional()
    .describe("Arguments that do not exist: they had no effect."),
} as const;

/** The result, saying first which arguments had no effect: a misspelled filter filters nothing. */
export function withIgnoredArguments(
  result: CallToolResult,
  ignored: readonly string[],
): CallToolResult {
  if (ignored.length === 0) return result;
  const names = firstOf(ignored).map(shown);
  const [first, ...others] = result.content;
  const note = `Ignored, since there is no such argument: ${quoted(names)}.`;
  const text = first?.type === "text" ? `${note}\n${first.text}` : note;
  return {
    ...result,
    content: [{ type: "text", text }, ...others],
    ...(!result.isError && {
      structuredContent: { ...(result.structuredContent as object), ignored_arguments: names },
    }),
  };
}

/** What a call of nothing but mistakes may have its answer say of them. */
const longestList = 20;
const longestName = 100;

/** Says of every wrong field what is wrong, so that the model can correct all of them at once. */
export function inputProblemsText(toolName: string, { issues, given }: WrongArguments): string {
  const problems = firstOf(issues).map((issue) => {
    const field = shown(issue.path.join("."));
    return field === "" ? problemText(issue, given) : `${field}: ${problemText(issue, given)}`;
  });
  return `The arguments of ${toolName} need correction:\n${problems.map((problem) => `- ${problem}`).join("\n")}`;
}

/** In words for whoever wrote the call, where the validator's are for whoever wrote the schema. */
function problemText(issue: z.core.$ZodIssue, input: unknown): string {
  switch (issue.code) {
    case "invalid_type": {
      const value = valueAt(input, issue.path);
      if (issue.path.length > 0 && value === undefined) return "is missing";
      if (issue.expected === "int") return "must be a whole number";
      const isRounded = value instanceof LongFraction && issue.expected === "number";
      return isRounded ? tooManyDigits : `must be of the type ${issue.expected}`;
    }
    case "invalid_value": {
      const isMissing = issue.path.length > 0 && valueAt(input, issue.path) === undefined;
      const choice = issue.values.map(String).join(", ");
      return isMissing ? `is missing; use one of ${choice}` : `must be one of ${choice}`;
    }
    case "unrecognized_keys":
      if (valueAt(input, issue.path) instanceof LongFraction) return "must be of the type object";
      return `there is no argument ${quoted(firstOf(issue.keys))}`;
    default:
      return issue.message;
  }
}

function quoted(names: readonly string[]): string {
  return names.map((name) => JSON.stringify(shown(name))).join(", ");
}

/** A name is what the call says it is: whatever there may be in a text. */
function shown(name: string): string {
  return withPlainLines(name.slice(0, longestName));
}

function firstOf<Value>(values: readonly Value[]): readonly Value[] {
  return values.slice(0, longestList);
}
