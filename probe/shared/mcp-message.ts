import type { Header } from "./exchange.ts";

/** The revisions without a handshake, from 2026-07-28 on, and those that begin with `initialize`. */
export type Era = "modern" | "older";

/** A JSON-RPC request as it is posted to an MCP endpoint. */
export interface McpMessage {
  readonly method: string;
  readonly headers: readonly Header[];
  readonly body: string;
}

const modernVersion = "2026-07-28";
const olderVersion = "2025-11-25";
const client = { name: "authsuite", version: "1.0.0" };

const transportHeaders: readonly Header[] = [
  ["Content-Type", "application/json"],
  ["Accept", "application/json, text/event-stream"],
];

/** A request of 2026-07-28, with the headers that mirror its body. */
export function modernMessage(
  method: string,
  params: Readonly<Record<string, unknown>> = {},
): McpMessage {
  const name = params.name;
  return {
    method,
    headers: [
      ...transportHeaders,
      ["MCP-Protocol-Version", modernVersion],
      ["Mcp-Method", method],
      ...(typeof name === "string" ? [["Mcp-Name", name] as const] : []),
    ],
    body: JSON.stringify({
      jsonrpc: "2.0",
      id: 1,
      method,
      params: {
        ...params,
        _meta: {
          "io.modelcontextprotocol/protocolVersion": modernVersion,
          "io.modelcontextprotocol/clientInfo": client,
          "io.modelcontextprotocol/clientCapabilities": {},
        },
      },
    }),
  };
}

/** A request of the older revisions. */
export function olderMessage(
  method: string,
  params: Readonly<Record<string, unknown>> = {},
): McpMessage {
  return {
    method,
    headers: [
      ...transportHeaders,
      ...(method === "initialize" ? [] : [["MCP-Protocol-Version", olderVersion] as const]),
    ],
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
  };
}

export const initialize = olderMessage("initialize", {
  protocolVersion: olderVersion,
  capabilities: {},
  clientInfo: client,
});

export const discover = modernMessage("server/discover");

/** What opens a conversation, needs nothing before it and changes nothing. */
export function openingMessage(era: Era): McpMessage {
  return era === "modern" ? discover : initialize;
}

export function messageOf(
  era: Era,
  method: string,
  params?: Readonly<Record<string, unknown>>,
): McpMessage {
  return era === "modern" ? modernMessage(method, params) : olderMessage(method, params);
}
