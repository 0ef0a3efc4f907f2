import { isObject, parseJson } from "../core/encoding.ts";

/** In base64 it still leaves room for the rest of a response's headers, of which clients take 16 KiB. */
const maximumClaimsBytes = 8 * 1024;

/** Whether `text` can be the claims of a challenge: a JSON object that is not too long for a header. */
export function areClaims(text: string): boolean {
  return Buffer.byteLength(text) <= maximumClaimsBytes && isObject(parseJson(text));
}

/**
 * The claims that an API demands in a `WWW-Authenticate` header with `error="insufficient_claims"`,
 * decoded to JSON: what an exchange has to ask for before the call is repeated. Undefined where the
 * header holds no such challenge.
 *
 * Source: https://learn.microsoft.com/entra/identity-platform/claims-challenge#claims-challenge-header-format
 */
export function claimsOfChallenge(wwwAuthenticate: string | undefined): string | undefined {
  for (const parameters of bearerChallengesIn(wwwAuthenticate ?? "")) {
    if (parameters.get("error") !== "insufficient_claims") continue;
    const claims = Buffer.from(parameters.get("claims") ?? "", "base64").toString("utf8");
    if (areClaims(claims)) return claims;
  }
  return undefined;
}

/**
 * The quoted parameters of each Bearer challenge, by name in lower case. Several challenges may share a
 * header; a scheme is a word that no "=" follows (RFC 9110 section 11.6.1).
 */
function bearerChallengesIn(header: string): readonly ReadonlyMap<string, string>[] {
  const found: Map<string, string>[] = [];
  let current: Map<string, string> | undefined;
  // Every second piece stands in quotes, and belongs to the name at the end of the one before.
  const pieces = header.split('"');
  for (let index = 0; index < pieces.length; index += 2) {
    for (const entry of (pieces[index] ?? "").split(",")) {
      const words = entry.split(" ").filter((word) => word !== "");
      const [first = ""] = words;
      const last = words.at(-1) ?? "";
      if (words.length > 1 || (first !== "" && !first.includes("="))) {
        current = first.toLowerCase() === "bearer" ? new Map() : undefined;
        if (current) found.push(current);
      }
      if (last.endsWith("="))
        current?.set(last.slice(0, -1).toLowerCase(), pieces[index + 1] ?? "");
    }
  }
  return found;
}
