export interface BrowserCookie {
  /** Without its prefix. */
  readonly name: string;
  /** Base64url. */
  readonly value: string;
  readonly seconds: number;
}

/**
 * A cookie for this host alone: no other one, not even one below the same domain, can set it in a browser
 * (https://datatracker.ietf.org/doc/draft-ietf-httpbis-rfc6265bis/, "The __Host- Prefix"). It comes back
 * with what is opened from elsewhere, as Entra's answer is, but with no form of another site.
 */
export function setCookieText({ name, value, seconds }: BrowserCookie): string {
  return `${nameOf(name)}=${value}; Max-Age=${seconds}; Path=/; Secure; HttpOnly; SameSite=Lax`;
}

export function endCookieText(name: string): string {
  return setCookieText({ name, value: "", seconds: 0 });
}

export function readCookie(cookies: ReadonlyMap<string, string>, name: string): string | undefined {
  return cookies.get(nameOf(name));
}

function nameOf(name: string): string {
  return `__Host-${name}`;
}
