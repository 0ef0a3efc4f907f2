import type { RandomBytes } from "../../keys/signing-key.ts";

/**
 * The cookies of a `Cookie` header (RFC 6265 section 5.4). Of one that comes twice none counts. Nothing but
 * blanks and tabs is taken from around a name: a browser lets every host below the same domain set
 * `\xa0__Host-name`, since that is another name to it.
 */
export function readCookies(header: string | null): ReadonlyMap<string, string> {
  const cookies = new Map<string, string>();
  const names = new Set<string>();
  for (const pair of (header ?? "").split(";")) {
    const equals = pair.indexOf("=");
    if (equals < 0) continue;
    const name = withoutBlanks(pair.slice(0, equals));
    if (names.has(name)) cookies.delete(name);
    else cookies.set(name, withoutBlanks(pair.slice(equals + 1)));
    names.add(name);
  }
  return cookies;
}

/**
 * `trim` would take away what is white space to JavaScript and part of a name to browsers. By steps: an
 * expression for the blanks at the end would try at each one in the middle.
 */
function withoutBlanks(text: string): string {
  const isBlank = (index: number) => text[index] === " " || text[index] === "\t";
  let start = 0;
  let end = text.length;
  while (start < end && isBlank(start)) start += 1;
  while (end > start && isBlank(end - 1)) end -= 1;
  return text.slice(start, end);
}

/** A secret that a browser holds, in a cookie or an address, in base64url. */
export function newSecret(randomBytes: RandomBytes, bytes = 32): string {
  return Buffer.from(randomBytes(bytes)).toString("base64url");
}

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

/** The value of one of our cookies. */
export function readCookie(cookies: ReadonlyMap<string, string>, name: string): string | undefined {
  return cookies.get(nameOf(name));
}

function nameOf(name: string): string {
  return `__Host-${name}`;
}
