import type { JsonObject } from "../../src/core/encoding.ts";
import { asObject, type Exchange, type Header, isSuccess, jsonOf } from "./exchange.ts";
import type { OutgoingRequest } from "./http-client.ts";

/** The revisions without a handshake, from 2026-07-28 on, and those that begin with `initialize`. */
export type Era = "modern" | "legacy";

/** A JSON-RPC request as it is posted to an MCP endpoint. */
export interface McpMessage {
  readonly method: string;
  readonly headers: readonly Header[];
  readonly body: string;
}

const versions = { modern: "2026-07-28", legacy: "2025-11-25" } as const;
const clientInfo = { name: "entra-mcp-server-probe", version: "1.0.0" };
const modernMeta = {
  "io.modelcontextprotocol/protocolVersion": versions.modern,
  "io.modelcontextprotocol/clientInfo": clientInfo,
  "io.modelcontextprotocol/clientCapabilities": {},
};

/** A message in the era's shape; the modern one has headers that mirror its body. */
export function messageOf(era: Era, method: string, params: JsonObject = {}): McpMessage {
  const isModern = era === "modern";
  const headers: Header[] = [
    ["Content-Type", "application/json"],
    ["Accept", "application/json, text/event-stream"],
  ];
  if (method !== "initialize") headers.push(["MCP-Protocol-Version", versions[era]]);
  if (isModern) headers.push(["Mcp-Method", method]);
  if (isModern && typeof params.name === "string") headers.push(["Mcp-Name", params.name]);
  const sent = isModern ? { ...params, _meta: modernMeta } : params;
  return { method, headers, body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params: sent }) };
}

/** Posts a message to an MCP endpoint. */
export function postOf(message: McpMessage, url: URL, ...further: readonly Header[]) {
  const headers = [...message.headers, ...further];
  return { method: "POST", url, headers, body: message.body } satisfies OutgoingRequest;
}

export function bearer(token: string): Header {
  return ["Authorization", `Bearer ${token}`];
}

export const initialize = messageOf("legacy", "initialize", {
  protocolVersion: versions.legacy,
  capabilities: {},
  clientInfo,
});

export const discover = messageOf("modern", "server/discover");

/** What opens a conversation, needs nothing before it and changes nothing. */
export function openingMessage(era: Era): McpMessage {
  return era === "modern" ? discover : initialize;
}

/** The result of a JSON-RPC response, where there is one. */
export function resultOf(exchange: Exchange): JsonObject | undefined {
  return isSuccess(exchange) ? asObject(jsonOf(exchange)?.result) : undefined;
}

/** The tools that an answer to `tools/list` names; nothing where it is none. */
export function toolsOf(exchange: Exchange): readonly (JsonObject | undefined)[] | undefined {
  const tools = resultOf(exchange)?.tools;
  return Array.isArray(tools) ? tools.map((tool: unknown) => asObject(tool)) : undefined;
}
