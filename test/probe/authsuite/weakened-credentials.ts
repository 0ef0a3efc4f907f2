import type { IncomingMessage } from "node:http";
import type { Defect } from "./defects.ts";

const token = "([A-Za-z0-9\\-._~+/]+=*)";
const anyScheme = new RegExp(`^(?:\\w+ +)?${token}$`);
const oneCase = new RegExp(`^Bearer +${token}$`);
const anyCase = new RegExp(`^bearer +${token}$`, "i");

/**
 * The token that a request brings, or nothing where it brings none: `malformed` for credentials that
 * are not one bearer token, `fails` for those that the server trips over.
 */
export function readCredential(
  url: URL,
  { headers, rawHeaders }: IncomingMessage,
  has: (defect: Defect) => boolean,
): string | "malformed" | "fails" | null {
  const inQuery = url.searchParams.get("access_token");
  if (inQuery !== null && has("token-in-query-wins")) return inQuery;
  const values = rawHeaders.filter(
    (_value, index) => index % 2 === 1 && /^authorization$/i.test(rawHeaders[index - 1] ?? ""),
  );
  if (values.length === 0) {
    if (inQuery !== null && has("token-in-query")) return inQuery;
    const inCookie = /access_token=([^;]+)/.exec(headers.cookie ?? "")?.[1];
    return inCookie !== undefined && has("token-in-cookie") ? inCookie : null;
  }
  const isOne = values.length === 1 || has("last-of-two-headers") || has("first-of-two-headers");
  const chosen = has("last-of-two-headers") ? values.at(-1) : values[0];
  if (!isOne || chosen === undefined) return "malformed";
  const [first = ""] = has("first-of-several-credentials") ? chosen.split(/, *Bearer/) : [chosen];
  const value = first.trim();
  if (has("accepts-no-token") && value === "Bearer") return "";
  if (has("fails-on-characters") && /["<]|[^\x20-\x7e]/.test(value)) return "fails";
  const pattern = has("any-scheme") ? anyScheme : has("scheme-in-one-case") ? oneCase : anyCase;
  return pattern.exec(value)?.[1] ?? "malformed";
}
