import { failure, type Result, success } from "../../core/result.ts";
import type { ParameterProblem, Parameters } from "./handler.ts";

/** Of one query or form: the longest way through the gateway has about twenty. */
const maximumParameters = 64;
/** In UTF-16 code units, after decoding. */
const maximumNameLength = 64;
const maximumValueLength = 8 * 1024;

/** What has no place in a parameter of OAuth, and breaks headers and log lines. */
const controlCharacter = /[\p{Cc}]/u;

/**
 * Reads `application/x-www-form-urlencoded` as strictly as OAuth asks (RFC 6749 section 3.1 and appendix
 * B), where `URLSearchParams` repairs what is malformed and keeps what is repeated.
 *
 * @param text without the question mark that precedes a query
 */
export function readParameters(text: string): Result<Parameters, ParameterProblem> {
  const parameters = new Map<string, string>();
  const names = new Set<string>();
  const pairs = text.split("&").filter((pair) => pair !== "");
  if (pairs.length > maximumParameters) return failure({ kind: "malformed" });
  for (const pair of pairs) {
    const equals = pair.indexOf("=");
    const name = decoded(equals < 0 ? pair : pair.slice(0, equals), maximumNameLength);
    const value = decoded(equals < 0 ? "" : pair.slice(equals + 1), maximumValueLength);
    if (!name || value === undefined) return failure({ kind: "malformed" });
    if (names.has(name)) return failure({ kind: "repeated", name });
    names.add(name);
    if (value !== "") parameters.set(name, value);
  }
  return success(parameters);
}

/** Undefined for what is malformed, too long, or has a control character. */
function decoded(text: string, maximumLength: number): string | undefined {
  try {
    const value = decodeURIComponent(text.replaceAll("+", " "));
    return value.length > maximumLength || controlCharacter.test(value) ? undefined : value;
  } catch {
    return undefined;
  }
}
