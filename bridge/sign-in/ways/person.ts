import type { AccountInfo, AuthenticationResult } from "@azure/msal-node";
import { failure, type Result, success } from "../../../src/core/result.ts";
import type { SignInFailure } from "../../tokens.ts";
import { accountProblem } from "../accounts.ts";
import { attemptOf, refusalOf } from "../refusals.ts";
import type { Session, SignInParts } from "../session.ts";
import type { SignInSettings } from "../settings.ts";
import { type Outcome, type RefusedTokens, tokenOf } from "../token.ts";
import { signInByDeviceCode } from "./device-code.ts";
import { NoBrowser, type SignInRequest, signInInBrowser } from "./interactive.ts";

/** Milliseconds that the person has for a sign-in. */
export const signInTimeout = 5 * 60_000;

export interface PersonDemand {
  /** Who is to sign in, where that is known. */
  readonly expected: AccountInfo | undefined;
  readonly claims: string | undefined;
  /** Is called where a page or a code has been shown. */
  readonly onShown: () => void;
}

/** Tokens by a sign-in of the person: in the browser where there is one, else by a device code. */
export class PersonWay {
  readonly #settings: SignInSettings;
  readonly #parts: SignInParts;
  readonly #refused: RefusedTokens;

  constructor(settings: SignInSettings, parts: SignInParts, refused: RefusedTokens) {
    this.#settings = settings;
    this.#parts = parts;
    this.#refused = refused;
  }

  async acquire(session: Session, demand: PersonDemand): Promise<Outcome> {
    const { expected, claims, onShown } = demand;
    const { choices } = this.#settings;
    const loginHint = expected?.username ?? choices.account;
    const known = await session.msal.getAllAccounts();
    const signedIn = await this.#ask(session, onShown, {
      scopes: [session.scope],
      resource: session.resource,
      ...(claims === undefined ? {} : { claims }),
      ...(loginHint === undefined ? { prompt: "select_account" } : { loginHint }),
    });
    if (!signedIn.ok) return signedIn;
    const { account, accessToken } = signedIn.value;
    if (!account || !this.#refused.allows(accessToken)) {
      return failure({
        kind: "refused",
        words: "The authority does not say who has signed in, or gave no token that can be sent.",
      });
    }
    const problem = accountProblem(account, expected, choices.account);
    if (problem === undefined) return success(tokenOf(signedIn.value, account, claims));
    // Otherwise the next start would have to choose between the two.
    const isNew = !known.some(({ homeAccountId }) => homeAccountId === account.homeAccountId);
    if (isNew) await session.msal.signOut({ account });
    return failure({ kind: "not-signed-in", words: problem });
  }

  async #ask(
    session: Session,
    onShown: () => void,
    request: SignInRequest,
  ): Promise<Result<AuthenticationResult, SignInFailure>> {
    const { log, choices } = this.#settings;
    const { openBrowser } = this.#parts;
    const common = { authority: session.authority, log, timeout: signInTimeout, onShown };
    if (openBrowser && !choices.deviceCode) {
      try {
        return success(await signInInBrowser(session.msal, request, { ...common, openBrowser }));
      } catch (error) {
        if (!(error instanceof NoBrowser)) {
          return failure(refusalOf(error, attemptOf(session, "browser")));
        }
        log.say(`No browser could be opened (${error.message}).`);
      }
    }
    try {
      return success(await signInByDeviceCode(session.msal, request, common));
    } catch (error) {
      return failure(refusalOf(error, attemptOf(session, "device-code")));
    }
  }
}
