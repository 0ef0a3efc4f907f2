import type { Header } from "../../shared/exchange.ts";

/** The revisions without a handshake, from 2026-07-28 on, and those that begin with `initialize`. */
type Era = "modern" | "older";

/** A JSON-RPC request as it is posted to an MCP endpoint. */
export interface McpRequest {
  readonly method: string;
  readonly headers: readonly Header[];
  readonly body: string;
}

type Parameters = Readonly<Record<string, unknown>>;

const versions = { modern: "2026-07-28", older: "2025-11-25" } as const;
const client = { name: "doctor", version: "1.0.0" };

const transportHeaders: readonly Header[] = [
  ["Content-Type", "application/json"],
  ["Accept", "application/json, text/event-stream"],
];

/** A request in the era's shape; the modern one has headers that mirror its body. */
export function mcpRequest(era: Era, method: string, params: Parameters = {}): McpRequest {
  const { name } = params;
  const isModern = era === "modern";
  const version: readonly Header[] =
    method === "initialize" ? [] : [["MCP-Protocol-Version", versions[era]]];
  const mirrored: readonly Header[] = isModern
    ? [["Mcp-Method", method], ...(typeof name === "string" ? [["Mcp-Name", name] as const] : [])]
    : [];
  return {
    method,
    headers: [...transportHeaders, ...version, ...mirrored],
    body: JSON.stringify({
      jsonrpc: "2.0",
      id: 1,
      method,
      params: isModern ? { ...params, _meta: modernMeta } : params,
    }),
  };
}

const modernMeta = {
  "io.modelcontextprotocol/protocolVersion": versions.modern,
  "io.modelcontextprotocol/clientInfo": client,
  "io.modelcontextprotocol/clientCapabilities": {},
};

export const initialize = mcpRequest("older", "initialize", {
  protocolVersion: versions.older,
  capabilities: {},
  clientInfo: client,
});

export const discover = mcpRequest("modern", "server/discover");
