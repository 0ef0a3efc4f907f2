/**
 * Whether `text` is written as base64url is (RFC 4648 section 3.5). Readers skip white space, take
 * other characters for the same, and drop the bits that the last character has left over, so that one
 * signature would have many texts, each of which would be accepted.
 */
export function isCanonicalBase64url(text: string | undefined): boolean {
  return text !== undefined && Buffer.from(text, "base64url").toString("base64url") === text;
}

/** What `text` says as JSON; undefined where it is no JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export function isJsonObject(text: string): boolean {
  const value = parseJson(text);
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
