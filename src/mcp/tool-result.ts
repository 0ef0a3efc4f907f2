import type { CallToolResult } from "@modelcontextprotocol/server";
import type { z } from "zod";

/** A tool error that the model can read and act on (MCP specification, Tools, error handling). */
export function errorResult(text: string): CallToolResult {
  return { content: [{ type: "text", text }], isError: true };
}

/** Says of every wrong field what is wrong, so that the model can correct all of them at once. */
export function inputProblemsText(toolName: string, error: z.ZodError): string {
  const problems = error.issues.map((issue) => {
    const field = issue.path.join(".");
    return field === "" ? issue.message : `${field}: ${issue.message}`;
  });
  return `The arguments of ${toolName} need correction:\n${problems.map((problem) => `- ${problem}`).join("\n")}`;
}
