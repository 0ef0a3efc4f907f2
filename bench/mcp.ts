import {
  CLIENT_CAPABILITIES_META_KEY,
  CLIENT_INFO_META_KEY,
  LATEST_PROTOCOL_VERSION,
  PROTOCOL_VERSION_META_KEY,
} from "@modelcontextprotocol/server";
import { z } from "zod";

/** The revisions without a handshake, and those that begin with `initialize`. */
export const eras = ["modern", "legacy"] as const;

export type Era = (typeof eras)[number];

/** The SDK's constant is the last revision of the legacy era. */
const versions = { modern: "2026-07-28", legacy: LATEST_PROTOCOL_VERSION } as const;

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
  const method = tool === undefined ? "tools/list" : "tools/call";
  const params = tool === undefined ? {} : { name: tool, arguments: toolArguments };
  const _meta = {
    [PROTOCOL_VERSION_META_KEY]: versions[era],
    [CLIENT_INFO_META_KEY]: { name: "bench", version: "1.0.0" },
    [CLIENT_CAPABILITIES_META_KEY]: {},
  };
  const isModern = era === "modern";
  return {
    method: "POST",
    path: "/mcp",
    headers: {
      authorization: `Bearer ${token}`,
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
      "mcp-protocol-version": versions[era],
      ...(isModern ? { "mcp-method": method } : {}),
      ...(isModern && tool !== undefined ? { "mcp-name": tool } : {}),
    },
    body: JSON.stringify({
      jsonrpc: "2.0",
      id: 1,
      method,
      params: isModern ? { ...params, _meta } : params,
    }),
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
