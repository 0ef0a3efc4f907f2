import { loopbackRedirectHosts, redirectUriProblem } from "../../../src/core/redirect-uri.ts";

/**
 * Whether `asked` is the `registered` redirect URI: by simple string comparison, but for the port
 * of a loopback one, which the client gets from the operating system at the time of the request.
 *
 * Source: RFC 8252, sections 7.3 and 8.4; Entra ignores the port of `localhost` likewise.
 */
export function matchesRedirectUri(registered: string, asked: string): boolean {
  if (registered === asked) return true;
  const [one, other] = [URL.parse(registered), URL.parse(asked)];
  if (!one || !other || one.protocol !== "http:" || !loopbackRedirectHosts.has(one.hostname))
    return false;
  if (redirectUriProblem(asked)) return false;
  one.port = other.port;
  return one.href === other.href;
}

/** The redirect URI's destination, for the person who decides whether to go there. */
export function redirectDestination(uri: string): string {
  const url = new URL(uri);
  if (loopbackRedirectHosts.has(url.hostname))
    return `an application on this computer (${url.host})`;
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
