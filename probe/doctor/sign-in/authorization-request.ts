import { randomBytes } from "node:crypto";
import { describe, type Exchange, excerpt, headerOf, jsonOf } from "../../shared/exchange.ts";
import { codesIn } from "../explain.ts";

/** A client that people sign in with, registered where the authority is. */
export interface SignInClient {
  readonly id: string;
  readonly redirectUri: string;
}

/** Known in every tenant of Entra, as is its redirect URI. */
export const visualStudioCode: SignInClient = {
  id: "aebc6443-996d-45c2-90f0-388ff96faa56",
  redirectUri: "https://vscode.dev/redirect",
};

/** What a client asks for at sign-in. */
export interface Wish {
  readonly scope: string;
  readonly resource?: string | undefined;
}

/**
 * How an authority is asked. `none` forbids it every page (OpenID Connect Core section 3.1.2.1). `page`
 * leaves it free to answer with its sign-in page, which goes to no browser.
 */
export type Prompt = "none" | "page";

/**
 * An authorization request that ends in no sign-in: no cookie says who is there, no browser shows a page,
 * and nobody has the verifier that would redeem a code.
 *
 * @param endpoint the authority's `authorization_endpoint`, which may have a query of its own
 */
export function authorizationUrl(
  endpoint: URL,
  client: SignInClient,
  wish: Wish,
  prompt: Prompt,
): URL {
  const url = new URL(endpoint);
  url.hash = "";
  const parameters = {
    client_id: client.id,
    response_type: "code",
    redirect_uri: client.redirectUri,
    response_mode: "query",
    scope: wish.scope,
    ...(wish.resource === undefined ? {} : { resource: wish.resource }),
    state: randomBytes(16).toString("base64url"),
    code_challenge: randomBytes(32).toString("base64url"),
    code_challenge_method: "S256",
    ...(prompt === "none" ? { prompt } : {}),
  };
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  return url;
}

/** How an authority took an authorization request. */
export interface Answer {
  /**
   * `accepted`: nothing is wrong, as far as the authority looks before somebody signs in. `unclear`: it
   * shows a page, or does something else that says nothing about the request.
   */
  readonly kind: "accepted" | "refused" | "unclear";
  /** Entra's error code, where it gives one. */
  readonly code: string | undefined;
  /** For a report. */
  readonly words: string;
}

/** What lacks is a person and nothing else (OpenID Connect Core section 3.1.2.6). */
const wantsPerson = new Set([
  "login_required",
  "interaction_required",
  "account_selection_required",
  "consent_required",
]);
/** The same, as Entra's pages have it. */
const nobodySignedIn = "AADSTS50058";

/**
 * Reads what came back: an error in the redirect to the client (RFC 6749 section 4.1.2.1), Entra's error
 * page, or JSON.
 */
export function readAnswer(exchange: Exchange, client: SignInClient, prompt: Prompt): Answer {
  const { answer } = exchange;
  if (!answer) return unclear(describe(exchange));
  const location = URL.parse(headerOf(exchange, "location") ?? "", exchange.url);
  if (answer.status >= 300 && answer.status < 400 && location) {
    return isAt(client.redirectUri, location)
      ? answerOf(parametersOf(location))
      : unclear(`${answer.status}, to ${excerpt(location.host, 80)}`);
  }
  const json = jsonOf(exchange);
  if (typeof json?.error === "string") {
    return answerOf({ error: json.error, description: String(json.error_description ?? "") });
  }
  const code = codeOnPage(answer.body);
  if (code === undefined) {
    const isPage = answer.status === 200 && /<html/i.test(answer.body.slice(0, 2_000));
    return prompt === "page" && isPage
      ? { kind: "accepted", code, words: "a page to sign in on" }
      : unclear(`${answer.status} and no error`);
  }
  return { kind: code === nobodySignedIn ? "accepted" : "refused", code, words: code };
}

function unclear(words: string): Answer {
  return { kind: "unclear", code: undefined, words };
}

function isAt(redirectUri: string, location: URL): boolean {
  const { protocol, host, pathname } = new URL(redirectUri);
  return location.protocol === protocol && location.host === host && location.pathname === pathname;
}

interface OAuthError {
  readonly error: string | null;
  readonly description: string;
}

/** In the query, or behind `#` where the authority prefers that. */
function parametersOf({ search, hash }: URL): OAuthError {
  const query = new URLSearchParams(search);
  const parameters = query.has("error") ? query : new URLSearchParams(hash.slice(1));
  return {
    error: parameters.get("error"),
    description: parameters.get("error_description") ?? "",
  };
}

function answerOf({ error, description }: OAuthError): Answer {
  if (error === null) return unclear("a redirect to the client without an error");
  const [code] = codesIn(description);
  const words = code === undefined ? excerpt(error, 60) : `${excerpt(error, 60)} (${code})`;
  return { kind: wantsPerson.has(error) ? "accepted" : "refused", code, words };
}

/**
 * Entra's error page holds the message in a script's configuration, once more as text, and sometimes the
 * number alone; its sign-in page holds the number of "nobody is signed in".
 */
function codeOnPage(html: string): string | undefined {
  const [, message = ""] = /"strServiceExceptionMessage"\s*:\s*"([^"]*)"/.exec(html) ?? [];
  const [, number] = /"sErrorCode"\s*:\s*"(\d{4,9})"/.exec(html) ?? [];
  const [code] = codesIn(message);
  if (code !== undefined) return code;
  return number === undefined ? codesIn(html.slice(0, 200_000))[0] : `AADSTS${number}`;
}
