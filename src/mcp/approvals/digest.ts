import { createHash } from "node:crypto";

/**
 * A digest that equal values share, in whatever order their members stand: SHA-256, base64url.
 *
 * @param value what JSON can hold; members that are undefined do not count
 */
export function digestOf(value: object): string {
  const canonical = JSON.stringify(value, (_name, member: unknown) =>
    isPlainObject(member)
      ? Object.fromEntries(Object.entries(member).sort(([one], [other]) => (one < other ? -1 : 1)))
      : member,
  );
  return createHash("sha256").update(canonical).digest("base64url");
}

function isPlainObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
