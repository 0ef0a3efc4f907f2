import { isObject } from "../core/encoding.ts";
import type { Gate } from "./gate.ts";

/** Names and values of all headers together, in UTF-16 code units: what Node accepts by default. */
const maximumHeaderLength = 16 * 1024;
const maximumHeaders = 100;

/** The platform's own limits are larger, and differ from host to host. */
export const headerSize: Gate = {
  name: "header size",
  pass({ request }) {
    let length = 0;
    let count = 0;
    for (const [name, value] of request.headers) {
      length += name.length + value.length;
      count += 1;
    }
    if (length > maximumHeaderLength) {
      return { refused: { kind: "headers-too-large", got: length, limit: maximumHeaderLength } };
    }
    if (count > maximumHeaders) {
      return { refused: { kind: "headers-too-large", got: count, limit: maximumHeaders } };
    }
    return undefined;
  },
};

/**
 * The platform takes request headers from the query, or from a JSON body, in place of the real ones: no
 * gate may judge those. A body whose headers are the real ones but for the address is refused once it
 * has been read.
 */
export const ownHeaders: Gate = {
  name: "the request's own headers",
  pass({ request: { url }, invocation }) {
    if (invocation.hasForeignHeaders) return { refused: { kind: "headers-overridden" } };
    const query = url.indexOf("?");
    if (query < 0) return undefined;
    const members = Object.fromEntries(new URLSearchParams(url.slice(query)));
    return hasMemberNamedHeaders(members) ? { refused: { kind: "headers-overridden" } } : undefined;
  },
};

export function hasMemberNamedHeaders(value: unknown): boolean {
  return isObject(value) && Object.keys(value).some((name) => name.toLowerCase() === "headers");
}
