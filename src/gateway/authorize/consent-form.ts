import { failure, type Result, success } from "../../core/result.ts";
import { type HandleProblem, type KeyRing, meaningOf } from "../../keys/key-ring.ts";
import type { RandomBytes } from "../../keys/signing-key.ts";
import type { KeyRingFailure } from "../../keys/stored-keys.ts";
import { newSecret, readCookie, setCookieText } from "../http/cookies.ts";
import { type AuthorizationRequest, parametersOf } from "./authorization-request.ts";

export interface ConsentFormOptions {
  readonly keyRing: KeyRing;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly randomBytes: RandomBytes;
}

export interface ConsentForm {
  /** Comes back with the form. */
  readonly handle: string;
  readonly setCookie: string;
}

/** Why what came back is not what a person was shown in this browser. */
export type ConsentFormProblem =
  | { readonly kind: "expired" }
  /** For another request, from another browser, or made up. */
  | { readonly kind: "foreign" }
  | { readonly kind: "keys" };

type Cookies = ReadonlyMap<string, string>;

/** A person may read the page for so long, in milliseconds. */
export const consentMilliseconds = 30 * 60_000;
const cookieName = "gateway-consent";

const kind = { purpose: "gateway-consent", bound: { request: 2, browser: 2 } } as const;

/**
 * What a person was shown: the request, and what the client was called. A person consents to that, and to
 * nothing that the client has been renamed to meanwhile.
 */
function shownOf(request: AuthorizationRequest): string {
  const { kind, name, domain } = request.client;
  return JSON.stringify([parametersOf(request), kind, name, domain ?? null]);
}

/** As {@link openForm} makes it. */
function browserOf(cookies: Cookies): string | undefined {
  const value = readCookie(cookies, cookieName);
  return value !== undefined && /^[\w-]{43}$/.test(value) ? value : undefined;
}

/**
 * A form for this request in this browser. The cookie stays as it is where there is one, so that several
 * pages can be open.
 */
export async function openForm(
  request: AuthorizationRequest,
  cookies: Cookies,
  { keyRing, now, randomBytes }: ConsentFormOptions,
): Promise<Result<ConsentForm, KeyRingFailure>> {
  const browser = browserOf(cookies) ?? newSecret(randomBytes);
  const values = { request: shownOf(request), browser };
  const handle = await keyRing.seal(kind, new Uint8Array(), values, now() + consentMilliseconds);
  if (!handle.ok) return handle;
  const cookie = { name: cookieName, value: browser, seconds: consentMilliseconds / 1000 };
  return success({ handle: handle.value, setCookie: setCookieText(cookie) });
}

/** Whether the form was shown for this request, in this browser: only a person there can have sent it. */
export async function checkForm(
  request: AuthorizationRequest,
  handle: string,
  cookies: Cookies,
  { keyRing }: ConsentFormOptions,
): Promise<Result<undefined, ConsentFormProblem>> {
  const values = { request: shownOf(request), browser: browserOf(cookies) };
  const opened = await keyRing.open(kind, handle, values);
  return opened.ok ? success(undefined) : failure(problemOf(opened.reason));
}

function problemOf(problem: HandleProblem<string>): ConsentFormProblem {
  if (problem.kind === "differs") return { kind: "foreign" };
  const meaning = meaningOf(problem);
  if (meaning === "unavailable") return { kind: "keys" };
  return { kind: meaning === "expired" ? "expired" : "foreign" };
}
