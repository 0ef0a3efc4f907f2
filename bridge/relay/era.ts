import { isObject, type JsonObject } from "../../src/core/encoding.ts";
import type { RequestMessage } from "./message.ts";

/** The member of a request's `_meta` that says which revision it is in, from 2026-07-28 on. */
export const versionMember = "io.modelcontextprotocol/protocolVersion";

/**
 * The revision that a request of the modern era names; undefined in the legacy one, where the
 * conversation has agreed on one before.
 */
export function modernVersionOf({ _meta }: JsonObject): string | undefined {
  const version = isObject(_meta) ? _meta[versionMember] : undefined;
  return typeof version === "string" ? version : undefined;
}

/** What `Mcp-Name` repeats, by method (2026-07-28, Streamable HTTP, "Standard Request Headers"). */
const named: Readonly<Record<string, "name" | "uri">> = {
  "tools/call": "name",
  "prompts/get": "name",
  "resources/read": "uri",
};

/** The headers that repeat a modern request for what stands between bridge and server. */
export function modernHeaders(
  version: string,
  { method, params }: Pick<RequestMessage, "method" | "params">,
): Readonly<Record<string, string>> {
  const name = params[named[method] ?? ""];
  return {
    "mcp-protocol-version": asHeader(version),
    "mcp-method": asHeader(method),
    ...(typeof name === "string" && { "mcp-name": asHeader(name) }),
  };
}

/** Visible ASCII with blanks and tabs inside, which is not itself what encodes others. */
const plain = /^(?!=\?base64\?.*\?=$)[\x21-\x7e](?:[\t\x20-\x7e]*[\x21-\x7e])?$/;

/** A value as a header may have it (2026-07-28, Streamable HTTP, "Value Encoding"). */
export function asHeader(value: string): string {
  return plain.test(value) ? value : `=?base64?${Buffer.from(value).toString("base64")}?=`;
}
