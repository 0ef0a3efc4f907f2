import { createHash } from "node:crypto";

/** SHA-256 of a text, in base64url. */
export function sha256(text: string): string {
  return createHash("sha256").update(text).digest("base64url");
}

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

/** An object of JSON, of which nothing is known. */
export type JsonObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const guid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Whether `text` is a GUID, as the ids of tenants, registrations and people in Entra are. */
export function isGuid(text: string): boolean {
  return guid.test(text);
}
