import { excerpt } from "../../core/log.ts";
import type { Gate, RequestBody } from "../../gates/gate.ts";
import { hasMemberNamedHeaders } from "../../gates/headers.ts";
import { readBytes } from "../../gates/request-body.ts";

/** No request of OAuth comes near it; `/mcp` takes more, from known callers. */
const maximumBodyBytes = 64 * 1024;

export const formType = "application/x-www-form-urlencoded";
export const jsonType = "application/json";

/** Reads a body of one type, if there is one. */
export function smallBody(type: typeof formType | typeof jsonType): Gate {
  return {
    name: "body",
    async pass({ request }) {
      const bytes = await readBytes(request, maximumBodyBytes);
      if (!bytes.ok) return { refused: bytes.reason };
      if (bytes.value.length > 0 && !isOfType(request, type)) {
        const got = excerpt(request.headers.get("content-type") ?? "nothing");
        return { refused: { kind: "wrong-media-type", got, expected: type } };
      }
      const body = type === jsonType ? parsed(bytes.value) : { bytes: bytes.value, messages: 1 };
      if (hasMemberNamedHeaders(body.json)) return { refused: { kind: "headers-overridden" } };
      return { adds: { body } };
    },
  };
}

/** A charset may be named, if it is the one that both types are in (RFC 8259 section 8.1). */
export function isOfType({ headers }: Request, type: string): boolean {
  const [named = "", ...parameters] = (headers.get("content-type") ?? "").toLowerCase().split(";");
  const isKnown = (parameter: string) => /^\s*charset="?utf-8"?\s*$/.test(parameter);
  return named.trim() === type && parameters.every(isKnown);
}

function parsed(bytes: Uint8Array<ArrayBuffer>): RequestBody {
  try {
    return { bytes, json: JSON.parse(textOf(bytes)), messages: 1 };
  } catch {
    return { bytes, messages: 1 };
  }
}

/** @throws {TypeError} where it is no UTF-8 */
export function textOf(bytes: Uint8Array): string {
  return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
}
