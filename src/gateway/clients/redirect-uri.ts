import { isLoopback } from "../../core/address.ts";
import type { RedirectUriJudge } from "../../core/client-documents/document.ts";
import { redirectUriProblem } from "../../core/redirect-uri.ts";

/** Schemes that a system hands to programs which act on what the URI says: no setting allows them. */
const dangerousSchemes = new Set([
  ...["android-app", "chrome-extension", "file", "intent", "jar", "ldap", "ldaps", "moz-extension"],
  ...["ms-appinstaller", "ms-msdt", "ms-officecmd", "ms-settings", "nfs", "resource", "search"],
  ...["search-ms", "sftp", "shell", "smb", "sms", "ssh", "tel", "telnet", "urn"],
]);

/**
 * A segment of a path that is `.` or `..`, or becomes one: with its characters percent-encoded, between
 * slashes that are encoded themselves, or with a parameter after it, which some servers take away.
 */
const dotSegment = /(?:\/|%2f|%5c)(?:\.|%2e){1,2}(?=$|[/;]|%2f|%5c|%3b)/i;

/**
 * Judges the redirect URIs of clients, however these are known. Only one way to write a URI is accepted,
 * the one that URL parsers write: they are compared as strings, and shown to people.
 *
 * Source: RFC 6749 section 3.1.2; RFC 8252 section 7; RFC 9700 section 4.1
 *
 * @param privateSchemes those that are allowed beside https and loopback http, lower case, without a colon
 */
export function redirectUriJudge(privateSchemes: readonly string[]): RedirectUriJudge {
  const allowed = new Set(["https", "http", ...privateSchemes]);
  return (uri) => {
    const problem = redirectUriProblem(uri);
    if (problem !== undefined) return problem;
    const { href, protocol, pathname } = new URL(uri);
    const scheme = protocol.slice(0, -1);
    // White space, control characters, a scheme or host in other letters, plain dot segments.
    if (href !== uri) {
      return "must be in normal form: lower-case scheme and host, a path, no default port, no dot segments, other characters percent-encoded";
    }
    if (dotSegment.test(pathname))
      return "must not have dot segments, percent-encoded ones included";
    if (/[\\*]/.test(uri)) return "must not have a backslash or a wildcard";
    if (dangerousSchemes.has(scheme)) return "must not use a scheme that programs act on";
    if (!allowed.has(scheme)) {
      return "must use https, http on a loopback host, or a private scheme that this server allows";
    }
    return undefined;
  };
}

/**
 * The redirect URI that a client asks for, if it is one of the client's: by string comparison, but for
 * the port of loopback http, which the client gets from the operating system at the time of the request.
 *
 * Source: RFC 8252 sections 7.3 and 8.4; RFC 9700 section 4.1.3
 *
 * @returns `asked`, where the answer may go; nothing where no answer may leave the server
 */
export function matchedRedirectUri(
  { redirectUris }: { readonly redirectUris: readonly string[] },
  asked: string,
): string | undefined {
  const isMatch = (registered: string) =>
    registered === asked || isSameButForPort(registered, asked);
  return redirectUris.some(isMatch) ? asked : undefined;
}

/** http on a loopback host, before and after its port. */
const loopbackUri = /^(http:\/\/(?:localhost|127\.0\.0\.1|\[::1\]))(?::([1-9]\d{0,4}))?(\/.*)$/;

function isSameButForPort(registered: string, asked: string): boolean {
  const [, host, , rest] = loopbackUri.exec(registered) ?? [];
  const [, askedHost, port = "80", askedRest] = loopbackUri.exec(asked) ?? [];
  return host !== undefined && host === askedHost && rest === askedRest && Number(port) <= 65_535;
}

/** What a person has to know of where a redirect URI leads, as sentences; nothing of a web site. */
export function redirectWarning(uri: string): string | undefined {
  const url = new URL(uri);
  if (isLoopback(url)) {
    return "Any program on this computer can listen there. Go on only if you have just asked a program of yours to connect.";
  }
  if (url.protocol === "https:") return undefined;
  return "Any application on this device can say that it opens such links. Go on only if you have just asked an application of yours to connect.";
}

/** A redirect URI as people are shown it: anything may stand in its query. */
export function withoutQuery(uri: string): string {
  return uri.split("?", 1).join("");
}
