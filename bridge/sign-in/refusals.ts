import { AuthError } from "@azure/msal-node";
import type { SignInFailure } from "../tokens.ts";
import { unreachable } from "./authority/authority-client.ts";

/** What the words of a refusal need to know. */
export interface Attempt {
  readonly clientId: string;
  readonly scope: string;
  readonly resource: string;
  readonly authority: string;
  /** Why the authority's metadata could not be read the last time, in words. */
  readonly unreadable: () => string | undefined;
  readonly way: "silent" | "browser" | "device-code";
}

export function attemptOf(session: Omit<Attempt, "way">, way: Attempt["way"]): Attempt {
  const { clientId, scope, authority, resource, unreadable } = session;
  return { clientId, scope, authority, resource, unreadable, way };
}

/** Answers to a sign-in that the person has given, or that nobody gave. */
const notSignedIn = new Set([
  ...["access_denied", "authorization_declined", "expired_token", "device_code_expired"],
  ...["AADSTS65004", "AADSTS70020", "AADSTS70017", "user_timeout_reached"],
]);

const outages = new Set(["temporarily_unavailable", "server_error"]);
/** What MSAL says of any metadata that it does not get. */
const unreadableMetadata = new Set(["endpoints_resolution_error", "openid_config_error"]);

/** What to do about Entra's codes that are about how client and server are registered. */
const advice: Readonly<Record<string, (attempt: Attempt) => string>> = {
  AADSTS9010010: ({ resource, scope }) =>
    `The registration that ${scope} belongs to does not list ${resource} among its identifier URIs, letter by letter. Compare the URL with what the server's people give out${resource.endsWith("/") ? ", first of all without the slash at its end" : ""}.`,
  AADSTS500011: ({ scope, authority }) =>
    `No registration in ${authority} has the beginning of ${scope} among its identifier URIs. Compare URL and tenant. The server's people can add the URL to the server's registration: "npm run doctor" with the URL tells whether it is there.`,
  AADSTS700016: ({ clientId, authority }) =>
    `${authority} does not know the client ${clientId}. Compare --client-id with what npm run register-client -- bridge prints, and --tenant.`,
  AADSTS50011: ({ clientId }) =>
    `The registration ${clientId} needs the redirect URI http://localhost under "Mobile and desktop applications".`,
  AADSTS500113: ({ clientId }) =>
    `The registration ${clientId} needs the redirect URI http://localhost under "Mobile and desktop applications".`,
  AADSTS7000218: ({ clientId }) =>
    `The registration ${clientId} must allow public client flows (Authentication).`,
  AADSTS65001: ({ clientId }) =>
    `Nobody has consented that the client ${clientId} may use this server. An administrator grants it at the client's registration, API permissions.`,
  AADSTS650053: ({ scope }) => `The server has no scope ${scope}. Give the right one with --scope.`,
  AADSTS70011: ({ scope }) =>
    `${scope} is no scope of this tenant. Give the right one with --scope.`,
};

/** What went wrong when MSAL asked, for the person. Anything that is no error of MSAL's is thrown. */
export function refusalOf(error: unknown, attempt: Attempt): SignInFailure {
  if (!(error instanceof AuthError)) throw error;
  const code = codeOf(error);
  const said = sentence(error.errorMessage || error.errorCode);
  if (error.errorCode === unreachable) return { kind: "unreachable", words: said };
  if (unreadableMetadata.has(error.errorCode)) {
    const reason = attempt.unreadable() ?? "Compare --tenant.";
    return {
      kind: "unreachable",
      words: `What ${attempt.authority} says of itself cannot be read. ${reason}`,
    };
  }
  if (outages.has(error.errorCode) || code === "AADSTS90033") {
    return { kind: "unreachable", words: `${said} Try again.` };
  }
  // Of a device code MSAL has the authority's `error` as its message.
  if ([error.errorCode, error.errorMessage, code ?? ""].some((name) => notSignedIn.has(name))) {
    return { kind: "not-signed-in", words: `Nobody signed in. ${said}` };
  }
  const help = (code === undefined ? undefined : advice[code]?.(attempt)) ?? "";
  const otherWay =
    attempt.way === "device-code" && help === ""
      ? "Where your company allows no device codes, start the bridge on a machine with a browser, without --device-code."
      : "";
  return { kind: "refused", words: [said, help, otherWay].filter(Boolean).join(" ") };
}

/** Entra's own code, such as `AADSTS65001`. */
export function codeOf({ errorMessage }: AuthError): string | undefined {
  return /\bAADSTS\d{3,9}\b/.exec(errorMessage)?.[0];
}

/** The first sentence or so: what follows are ids and times. */
function sentence(message: string): string {
  const [first = ""] = message.split(/\r?\n| Trace ID:/, 1);
  const short = first.trim().slice(0, 400);
  return /[.!?]$/.test(short) ? short : `${short}.`;
}
