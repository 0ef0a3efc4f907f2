import { request } from "node:http";
import type {
  AuthenticationResult,
  InteractiveRequest,
  PublicClientApplication,
} from "@azure/msal-node";
import { AuthError } from "@azure/msal-node";
import type { BridgeLog } from "../../log.ts";
import { browsableUrl, type OpenBrowser } from "./browser.ts";

/** Why there was no sign-in in the browser, in words; a device code may do. */
export class NoBrowser extends Error {
  override readonly name = "NoBrowser";
}

export type SignInRequest = Omit<InteractiveRequest, "openBrowser"> & { scopes: string[] };

export interface InteractiveOptions {
  readonly authority: string;
  readonly openBrowser: OpenBrowser;
  readonly log: BridgeLog;
  readonly onShown: () => void;
  /** Milliseconds that the person has. */
  readonly timeout: number;
}

const page = (title: string, text: string) =>
  `<!doctype html><html lang="en"><meta charset="utf-8"><title>${title}</title><body style="font-family:sans-serif;margin:3em"><h1>${title}</h1><p>${text}</p></body></html>`;

/** What the bridge itself ends a sign-in with, in place of the authority's `error`. */
const timedOut = "user_timeout_reached";
const withoutBrowser = "no_browser";

/**
 * Signs the person in in their browser; MSAL listens on loopback for the answer.
 *
 * @throws {NoBrowser} where no browser could be opened
 * @throws {AuthError} MSAL's, or where the person let the time pass
 */
export async function signInInBrowser(
  msal: PublicClientApplication,
  signIn: SignInRequest,
  { authority, openBrowser, log, timeout, onShown }: InteractiveOptions,
): Promise<AuthenticationResult> {
  let problem = "";
  let timer: NodeJS.Timeout | undefined;
  try {
    return await msal.acquireTokenInteractive({
      ...signIn,
      successTemplate: page("Signed in", "You can close this page and go back to your work."),
      errorTemplate: page("Not signed in", "Go back to your work: it says why."),
      async openBrowser(text) {
        const url = browsableUrl(text, authority);
        if (url === undefined) {
          throw new AuthError("refused_page", "", "The authority names a sign-in page elsewhere.");
        }
        log.say(`Sign in in your browser. If none opens by itself, open ${url}`);
        onShown();
        timer = setTimeout(() => endListening(text, timedOut), timeout);
        openBrowser(url, (words) => {
          problem = words;
          endListening(text, withoutBrowser);
        });
      },
    });
  } catch (error) {
    if (!(error instanceof AuthError)) throw error;
    if (error.errorCode === withoutBrowser) throw new NoBrowser(problem);
    if (error.errorCode !== timedOut) throw error;
    throw new AuthError(
      timedOut,
      "",
      `Nobody did so within ${Math.round(timeout / 60_000)} minutes. If the page showed an error, the tenant reports it there alone.`,
    );
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Ends MSAL's wait, which nothing else does: as the authority would, with an error for the request's
 * state, which nobody else knows.
 */
function endListening(authorizationUrl: string, error: string): void {
  const { searchParams } = new URL(authorizationUrl);
  const { port } = new URL(searchParams.get("redirect_uri") ?? "");
  const state = searchParams.get("state") ?? "";
  const answer = request({
    ...{ method: "POST", host: "127.0.0.1", port, path: "/" },
    headers: { "content-type": "application/x-www-form-urlencoded" },
    // The environment may name a proxy for everything else.
    agent: false,
  });
  answer.on("response", (response) => response.resume());
  // It may have ended by itself.
  answer.on("error", () => {});
  answer.end(new URLSearchParams({ error, error_description: error, state }).toString());
}
