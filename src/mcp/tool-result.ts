import type { CallToolResult } from "@modelcontextprotocol/server";
import type { z } from "zod";

/** A tool error that the model can read and act on (MCP specification, Tools, error handling). */
export function errorResult(text: string): CallToolResult {
  return { content: [{ type: "text", text }], isError: true };
}

/** What a call of nothing but mistakes may have its answer say of them. */
const longestList = 20;
const longestName = 100;

/** Says of every wrong field what is wrong, so that the model can correct all of them at once. */
export function inputProblemsText(toolName: string, error: z.ZodError, input: unknown): string {
  const problems = firstOf(error.issues).map((issue) => {
    const field = issue.path.join(".").slice(0, longestName);
    return field === "" ? problemText(issue, input) : `${field}: ${problemText(issue, input)}`;
  });
  return `The arguments of ${toolName} need correction:\n${problems.map((problem) => `- ${problem}`).join("\n")}`;
}

/** In words for whoever wrote the call, where the validator's are for whoever wrote the schema. */
function problemText(issue: z.core.$ZodIssue, input: unknown): string {
  switch (issue.code) {
    case "invalid_type": {
      const isMissing = issue.path.length > 0 && valueAt(input, issue.path) === undefined;
      return isMissing ? "is missing" : `must be of the type ${issue.expected}`;
    }
    case "invalid_value": {
      const isMissing = issue.path.length > 0 && valueAt(input, issue.path) === undefined;
      const choice = issue.values.map(String).join(", ");
      return isMissing ? `is missing; use one of ${choice}` : `must be one of ${choice}`;
    }
    case "unrecognized_keys":
      return `there is no argument ${firstOf(issue.keys)
        .map((key) => JSON.stringify(key.slice(0, longestName)))
        .join(", ")}`;
    default:
      return issue.message;
  }
}

function firstOf<Value>(values: readonly Value[]): readonly Value[] {
  return values.slice(0, longestList);
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) =>
      typeof value === "object" && value !== null && Object.hasOwn(value, key)
        ? (value as Record<PropertyKey, unknown>)[key]
        : undefined,
    input,
  );
}
