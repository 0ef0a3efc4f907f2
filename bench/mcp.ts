import { z } from "zod";
import { bearer, type Era, messageOf } from "../probe/shared/mcp-message.ts";

/** Both, as the scenarios measure them. */
export const eras = ["modern", "legacy"] as const satisfies Era[];

export interface Answer {
  readonly status: number;
  readonly body: string;
}

/** An HTTP request, and what is wrong with an answer to it, if anything is. */
export interface CheckedRequest {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
  readonly problem: (answer: Answer) => string | undefined;
}

export interface McpCall {
  /** The tool to call; without one, the tools are listed. */
  readonly tool?: string;
  readonly arguments?: Readonly<Record<string, unknown>>;
  readonly isExpected: (result: McpResult) => boolean;
}

/** A call of the MCP server, as a client of an era sends it. */
export function mcpRequest(era: Era, token: string, call: McpCall): CheckedRequest {
  const { tool, arguments: toolArguments = {}, isExpected } = call;
  const { headers, body } =
    tool === undefined
      ? messageOf(era, "tools/list")
      : messageOf(era, "tools/call", { name: tool, arguments: toolArguments });
  return {
    method: "POST",
    path: "/mcp",
    headers: Object.fromEntries([...headers, bearer(token)]),
    body,
    problem(answer) {
      const result = readResult(answer);
      if (typeof result === "string") return result;
      return isExpected(result) ? undefined : `unexpected: ${answer.body.slice(0, 300)}`;
    },
  };
}

const answerSchema = z.object({
  result: z.looseObject({
    isError: z.literal(false).optional(),
    structuredContent: z.record(z.string(), z.unknown()).optional(),
    tools: z.array(z.object({ name: z.string() })).optional(),
  }),
});

export type McpResult = z.output<typeof answerSchema>["result"];

/**
 * The result in an answer of an MCP server, of either era: JSON, or one event of a stream.
 *
 * @returns words that say what is wrong, where there is no result
 */
export function readResult({ status, body }: Answer): McpResult | string {
  const wrong = `answered ${status}: ${body.slice(0, 300)}`;
  if (status !== 200) return wrong;
  try {
    const json = /^data: (\{.*)$/m.exec(body)?.[1] ?? body;
    return answerSchema.parse(JSON.parse(json)).result;
  } catch {
    return wrong;
  }
}
