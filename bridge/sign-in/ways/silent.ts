import { type AccountInfo, AuthError, InteractionRequiredAuthError } from "@azure/msal-node";
import { failure, success } from "../../../src/core/result.ts";
import type { BridgeLog } from "../../log.ts";
import { attemptOf, codeOf, refusalOf } from "../refusals.ts";
import type { Session } from "../session.ts";
import { type Outcome, type RefusedTokens, tokenOf } from "../token.ts";

/** Tokens without a person: from MSAL's cache, or by its refresh token. */
export class SilentWay {
  readonly #refused: RefusedTokens;
  readonly #log: BridgeLog;
  /** The scope of a client that is the server's own registration, once that is known. */
  #ownScope: string | undefined;
  /** The last token that was renewed because its predecessor was refused. */
  #renewed: string | undefined;

  constructor(refused: RefusedTokens, log: BridgeLog) {
    this.#refused = refused;
    this.#log = log;
  }

  /** Nothing where a person has to sign in. */
  async acquire(session: Session, account: AccountInfo): Promise<Outcome | undefined> {
    const { msal, resource } = session;
    const scopes = [this.#ownScope ?? session.scope];
    const ask = (forceRefresh: boolean) =>
      msal.acquireTokenSilent({ account, scopes, resource, forceRefresh });
    try {
      const kept = await ask(false);
      if (!kept.fromCache) this.#renewed = undefined;
      if (this.#refused.allows(kept.accessToken)) return success(tokenOf(kept, account));
      // One that was renewed for the same reason did not help.
      if (this.#renewed !== undefined && this.#refused.has(this.#renewed)) return undefined;
      const renewed = await ask(true);
      this.#renewed = renewed.accessToken;
      const isGood = this.#refused.allows(renewed.accessToken);
      return isGood ? success(tokenOf(renewed, account)) : undefined;
    } catch (error) {
      if (!(error instanceof AuthError)) throw error;
      if (codeOf(error) === "AADSTS90009" && this.#ownScope === undefined) {
        // The client is the server's own registration, which Entra knows by its id alone here.
        this.#ownScope = `${session.clientId}/.default`;
        return this.acquire(session, account);
      }
      if (!isForPersons(error)) return failure(refusalOf(error, attemptOf(session, "silent")));
      this.#log.detail(`No token without a sign-in: ${error.errorCode}`);
      return undefined;
    }
  }
}

/** Whether a sign-in may help where a silent attempt was refused. */
function isForPersons(error: AuthError): boolean {
  return error instanceof InteractionRequiredAuthError || error.errorCode === "invalid_grant";
}
