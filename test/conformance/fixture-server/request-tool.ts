import type {
  CallToolResult,
  ClientCapabilities,
  InputRequiredResult,
  ServerContext,
} from "@modelcontextprotocol/server";

export type McpRequest = ServerContext["mcpReq"];

/** A fixture tool that needs the request it answers: to notify the client, or to ask it. */
export interface RequestTool {
  readonly name: string;
  readonly description: string;
  call(
    request: McpRequest,
    capabilities: ClientCapabilities | undefined,
  ): Promise<CallToolResult | InputRequiredResult>;
}

export function text(text: string): CallToolResult {
  return { content: [{ type: "text", text }] };
}
