import { redirectUri, type ServerUnderTest } from "../public-client.ts";

/** What a case comes to: the last answer, where a browser ended, or words. */
export type Outcome = Response | URL | string;

const errorCode =
  /\b(?:invalid_(?:request|client|grant|scope|target|redirect_uri|client_metadata|token|request_uri|request_object)|unauthorized_client|unsupported_(?:grant_type|response_type|response_mode|token_type)|(?:request|request_uri|registration)_not_supported|access_denied|(?:consent|login|interaction)_required|server_error|temporarily_unavailable)\b/;

/**
 * What matters of an outcome, in words: how the person or client learns what, with which status and error,
 * and whether a cache may keep it.
 */
export async function observed(outcome: Outcome, server: ServerUnderTest): Promise<string> {
  if (typeof outcome === "string") return outcome;
  if (outcome instanceof URL) return backAtClient(outcome, server);
  const { status, headers } = outcome;
  const location = headers.get("location");
  if (location?.startsWith(redirectUri)) return backAtClient(new URL(location), server);
  const text = await outcome.text();
  const isPage = headers.get("content-type")?.startsWith("text/html") ?? false;
  const cached = mayBeKept(outcome, isPage) ? ["cacheable"] : [];
  if (location?.includes("/interaction/") || text.includes('name="decision"')) {
    return ["asks the person", ...cached].join(", ");
  }
  const error = isPage ? errorCode.exec(text)?.[0] : errorOf(text);
  const said = error ?? (status < 300 ? "granted" : "without an error");
  const challenge = headers.has("www-authenticate") ? ["with a challenge"] : [];
  const kind = isPage ? " page" : "";
  return [`${status}${kind} ${said}`, ...challenge, ...cached].join(", ");
}

/** RFC 9111 section 4.2.2: unless they are told, caches keep answers to GET, and none to POST. */
function mayBeKept({ status, headers }: Response, isPage: boolean): boolean {
  const control = headers.get("cache-control") ?? "";
  const isOfGet = isPage || headers.has("location") || status === 404;
  return !control.includes("no-store") && (isOfGet || control !== "");
}

function errorOf(text: string): string | undefined {
  try {
    return JSON.parse(text).error;
  } catch {
    return undefined;
  }
}

/** RFC 6749 section 4.1.2 and RFC 9207 section 2. */
function backAtClient(url: URL, { issuer }: ServerUnderTest): string {
  const fragment = new URLSearchParams(url.hash.slice(1));
  const searchParams = url.hash === "" ? url.searchParams : fragment;
  const what = searchParams.get("error") ?? (searchParams.has("code") ? "a code" : "nothing");
  const state = searchParams.get("state") === "a-state" ? [] : ["without its state"];
  const iss = searchParams.get("iss") === issuer ? [] : ["without iss"];
  return [`back at the client with ${what}`, ...state, ...iss].join(", ");
}
