/**
 * Whether `text` is written as base64url is (RFC 4648 section 3.5). Readers skip white space, take
 * other characters for the same, and drop the bits that the last character has left over, so that one
 * signature would have many texts, each of which would be accepted.
 */
export function isCanonicalBase64url(text: string | undefined): boolean {
  return text !== undefined && Buffer.from(text, "base64url").toString("base64url") === text;
}
