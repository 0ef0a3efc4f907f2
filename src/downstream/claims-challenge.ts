import { isJsonObject } from "../core/encoding.ts";

/** In base64 it still leaves room for the rest of a response's headers, of which clients take 16 KiB. */
const maximumClaimsBytes = 8 * 1024;

/** Whether `text` can be the claims of a challenge: a JSON object that is not too long for a header. */
export function areClaims(text: string): boolean {
  return Buffer.byteLength(text) <= maximumClaimsBytes && isJsonObject(text);
}

/**
 * The claims that an API demands in a `WWW-Authenticate` header with `error="insufficient_claims"`,
 * decoded to JSON: what an exchange has to ask for before the call is repeated. Undefined where the
 * header holds no such challenge.
 *
 * Source: https://learn.microsoft.com/entra/identity-platform/claims-challenge#claims-challenge-header-format
 */
export function claimsOfChallenge(wwwAuthenticate: string | undefined): string | undefined {
  // Several challenges may share a header; a scheme is a word that no "=" follows (RFC 9110 section 11.6.1).
  const challenges = (wwwAuthenticate ?? "").split(/(?:^|,)\s*(?=[A-Za-z]+\s+[A-Za-z_]+=)/);
  for (const challenge of challenges) {
    if (!/^bearer\s/i.test(challenge)) continue;
    const parameters = new Map(
      [...challenge.matchAll(/([A-Za-z_]+)="([^"]*)"/g)].map(([, name = "", value = ""]) => [
        name.toLowerCase(),
        value,
      ]),
    );
    if (parameters.get("error") !== "insufficient_claims") continue;
    const claims = Buffer.from(parameters.get("claims") ?? "", "base64").toString("utf8");
    if (areClaims(claims)) return claims;
  }
  return undefined;
}
