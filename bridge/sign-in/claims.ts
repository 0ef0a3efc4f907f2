import { isObject, parseJson } from "../../src/core/encoding.ts";

/** Characters. */
const longestClaims = 8192;

/**
 * What a server demands of the access token, without what it might demand besides.
 *
 * @param text JSON of a claims request (OpenID Connect Core 5.5)
 * @returns nothing where it is none
 */
export function readClaims(text: string): string | undefined {
  if (text.length > longestClaims) return undefined;
  const claims = parseJson(text);
  if (!isObject(claims) || !isObject(claims.access_token)) return undefined;
  return JSON.stringify({ access_token: claims.access_token });
}
