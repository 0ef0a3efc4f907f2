import { loopbackHosts } from "../../loopback.ts";

/** Schemes that a browser acts on itself: never an application's own. */
const reservedSchemes = new Set([
  ...["about", "blob", "chrome", "data", "file", "filesystem", "ftp"],
  ...["javascript", "mailto", "vbscript", "view-source", "ws", "wss"],
]);

/** Characters. */
const longestUri = 2048;

/** What is wrong with a redirect URI that a client wants to register; nothing if it is fine. */
export function redirectUriProblem(uri: string): string | undefined {
  const url = uri.length <= longestUri ? URL.parse(uri) : null;
  if (!url) return "must be an absolute URI";
  // RFC 6749, section 3.1.2
  if (uri.includes("#")) return "must not have a fragment";
  if (url.username || url.password) return "must not hold credentials";
  const scheme = url.protocol.slice(0, -1);
  // A URL's host may have `;` and `,` in it, which end a directive of the page's policy.
  if (scheme === "https") {
    return /^(?:[\w.-]+|\[[\da-f:.]+\])$/.test(url.hostname)
      ? undefined
      : "must have a host's name";
  }
  if (scheme === "http") {
    return loopbackHosts.has(url.hostname) ? undefined : "must be https unless it is loopback";
  }
  // RFC 8252, section 7.1, less its rule that the scheme be a reversed domain name, which the
  // editors in the field (vscode://, cursor://) don't follow.
  if (reservedSchemes.has(scheme)) return `must not use the scheme ${scheme}`;
  return /^[^:]+:\//.test(uri) ? undefined : "must have a path after the scheme";
}

/**
 * Whether `asked` is the `registered` redirect URI: by simple string comparison, but for the port
 * of a loopback one, which the client gets from the operating system at the time of the request.
 *
 * Source: RFC 8252, sections 7.3 and 8.4; Entra ignores the port of `localhost` likewise.
 */
export function matchesRedirectUri(registered: string, asked: string): boolean {
  if (registered === asked) return true;
  const [one, other] = [URL.parse(registered), URL.parse(asked)];
  if (!one || !other || one.protocol !== "http:" || !loopbackHosts.has(one.hostname)) return false;
  if (redirectUriProblem(asked)) return false;
  one.port = other.port;
  return one.href === other.href;
}

/** The redirect URI's destination, for the person who decides whether to go there. */
export function redirectDestination(uri: string): string {
  const url = new URL(uri);
  if (loopbackHosts.has(url.hostname)) return `an application on this computer (${url.host})`;
  if (url.protocol === "https:") return url.host;
  return `the application that opens ${url.protocol}// links`;
}

/** VS Code's own redirect pages send the browser on, to where the editor listens. */
const onwardOfVscode =
  "vscode: vscode-insiders: http://127.0.0.1:* http://localhost:* https://vscode.dev https://insiders.vscode.dev";

/**
 * Sources for `form-action` that let a form's answer redirect to `uri`. Chromium holds every
 * redirect that follows a form against the directive, the client's own included.
 */
export function formActionSource(uri: string): string {
  const { protocol, hostname, origin } = new URL(uri);
  if (protocol === "https:") {
    return /^(?:insiders\.)?vscode\.dev$/.test(hostname) ? onwardOfVscode : origin;
  }
  if (protocol !== "http:") return protocol;
  // A policy cannot name an IPv6 address.
  return hostname === "[::1]" ? protocol : origin;
}
