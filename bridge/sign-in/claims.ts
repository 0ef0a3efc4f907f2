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
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed !== "object" || parsed === null || !("access_token" in parsed))
      return undefined;
    const { access_token } = parsed;
    if (typeof access_token !== "object" || access_token === null) return undefined;
    return JSON.stringify({ access_token });
  } catch {
    return undefined;
  }
}
