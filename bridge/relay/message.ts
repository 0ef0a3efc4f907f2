import { isObject, type JsonObject, parseJson } from "../../src/core/encoding.ts";
import { printable } from "../log.ts";

export type MessageId = string | number;

/** A JSON-RPC message with the text that it came as, which is what is passed on. */
export interface Message {
  /** One line of JSON. */
  readonly text: string;
  readonly json: JsonObject;
}

export interface RequestMessage extends Message {
  readonly id: MessageId;
  readonly method: string;
  readonly params: JsonObject;
}

export function isId(value: unknown): value is MessageId {
  return typeof value === "string" || Number.isInteger(value);
}

/** A key by which ids can be told apart: 1 is not "1". */
export function keyOf(id: MessageId): string {
  return JSON.stringify(id);
}

/**
 * JSON as one line, otherwise to the letter: numbers that no double holds, and the order of members.
 * Outside of strings a line break means nothing, and inside of one JSON has none.
 */
export function asLine(text: string): string {
  return text.replace(/[\r\n]+/g, " ").trim();
}

/** Of arrays and objects within each other. Reading more ends many a program, and writing it this one. */
const maximumDepth = 512;

/** Reads a text as one JSON-RPC message; undefined where it is none, or nested without measure. */
export function readMessage(text: string): Message | undefined {
  const json = readJson(text);
  if (!isObject(json) || json.jsonrpc !== "2.0") return undefined;
  return { text: asLine(text), json };
}

/** What a text says as JSON; undefined where it is none, or nested without measure. */
export function readJson(text: string): unknown {
  const json = parseJson(text);
  return isDeeper(json, maximumDepth) ? undefined : json;
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  return levels === 0 || Object.values(value).some((member) => isDeeper(member, levels - 1));
}

/** The message as a request; undefined where it is something else. */
export function asRequest({ text, json }: Message): RequestMessage | undefined {
  const { id, method, params } = json;
  if (!isId(id) || typeof method !== "string") return undefined;
  return { text, json, id, method, params: isObject(params) ? params : {} };
}

export function isNotification({ json }: Message): boolean {
  return typeof json.method === "string" && !("id" in json);
}

/** Whether the message answers a request, with a result or an error. */
export function isResponse({ json }: Message): boolean {
  return json.method === undefined && (isObject(json.result) || isObject(json.error));
}

/** An answer of the bridge's own, as a line. */
export function resultLine(id: MessageId, result: unknown): string {
  return JSON.stringify({ jsonrpc: "2.0", id, result });
}

/** JSON-RPC 2.0 section 5.1; what MCP reserves from -32000 on is not the bridge's to use. */
export const codes = {
  parseError: -32700,
  invalidRequest: -32600,
  methodNotFound: -32601,
  internalError: -32603,
} as const;

/** What `data.source` of the bridge's own errors is, and of no server's. */
export const ownSource = "bridge";

/**
 * An error of the bridge's own, as a line. Others' words in it are made harmless to show.
 *
 * @param reason for programs: says that the error is not the server's, and which one it is
 */
export function errorLine(
  id: MessageId | null,
  code: number,
  words: string,
  reason: string,
): string {
  const error = { code, message: printable(words), data: { source: ownSource, reason } };
  return JSON.stringify({ jsonrpc: "2.0", id, error });
}

export function notificationLine(method: string, params?: object): string {
  return JSON.stringify({ jsonrpc: "2.0", method, ...(params && { params }) });
}
