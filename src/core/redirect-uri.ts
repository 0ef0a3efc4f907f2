/** Schemes that a browser acts on itself: never an application's own. */
const reservedSchemes = new Set([
  ...["about", "blob", "chrome", "data", "file", "filesystem", "ftp"],
  ...["javascript", "mailto", "vbscript", "view-source", "ws", "wss"],
]);

/** Characters. */
const longestUri = 2048;

/** The hosts of http redirect URIs, as URLs have them: RFC 8252 sections 7.3 and 8.3. */
export const loopbackRedirectHosts: ReadonlySet<string> = new Set([
  "localhost",
  "127.0.0.1",
  "[::1]",
]);

/**
 * What is wrong with a redirect URI that a client wants to register, as the end of a sentence; nothing
 * if it is fine. This is the least that is asked for: an authorization server may ask for more.
 *
 * Source: RFC 6749 section 3.1.2; RFC 8252 section 7
 */
export function redirectUriProblem(uri: string): string | undefined {
  const url = uri.length <= longestUri ? URL.parse(uri) : null;
  if (!url) return `must be an absolute URI of at most ${longestUri} characters`;
  // RFC 6749 section 3.1.2
  if (uri.includes("#")) return "must not have a fragment";
  if (url.username || url.password) return "must not hold credentials";
  const scheme = url.protocol.slice(0, -1);
  // A URL's host may have `;` and `,` in it, which end a directive of a page's policy.
  if (scheme === "https") {
    return /^(?:[\w.-]+|\[[\da-f:.]+\])$/.test(url.hostname)
      ? undefined
      : "must have a host's name";
  }
  if (scheme === "http") {
    return loopbackRedirectHosts.has(url.hostname)
      ? undefined
      : "must be https unless it is loopback";
  }
  // RFC 8252 section 7.1, less its rule that the scheme be a reversed domain name, which the
  // editors in the field (vscode://, cursor://) don't follow.
  if (reservedSchemes.has(scheme)) return `must not use the scheme ${scheme}`;
  return /^[^:]+:\//.test(uri) ? undefined : "must have a path after the scheme";
}
