import {
  type AccountInfo,
  AuthError,
  type AuthenticationResult,
  InteractionRequiredAuthError,
} from "@azure/msal-node";
import { failure, type Result, success } from "../../src/core/result.ts";
import { openStore, type Store } from "../cache/store.ts";
import type { SignInFailure, TokenOptions, TokenSource } from "../tokens.ts";
import { chooseAccount, isAccount } from "./accounts.ts";
import { readClaims } from "./claims.ts";
import { signInByDeviceCode } from "./device-code.ts";
import { NoBrowser, signInInBrowser } from "./interactive.ts";
import { type Attempt, codeOf, refusalOf } from "./refusals.ts";
import { openSession, type Session, type SignInParts } from "./session.ts";
import type { SignInSettings } from "./settings.ts";
import { SignInLimit } from "./sign-in-limit.ts";

/** Milliseconds that the person has for a sign-in. */
const signInTimeout = 5 * 60_000;
/** Milliseconds for which another process may hold the lock: its sign-in, and a little. */
const lockTimeout = signInTimeout + 30_000;
/** The same, where nobody is to be asked. */
const silentLockTimeout = 15_000;
/** Milliseconds before its end from which a token is not sent any more. MSAL renews it earlier. */
const margin = 60_000;
/** Characters; and what may stand in a header (RFC 6750, section 2.1). */
const bearerToken = /^[\w.~+/-]{1,65536}=*$/;

interface Token {
  readonly value: string;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
  readonly account: AccountInfo;
  /** What it was demanded with. */
  readonly claims: string | undefined;
}

type Outcome = Result<Token, SignInFailure>;

/** What is asked of one acquisition, which any number of requests may wait for. */
interface Demand {
  readonly claims: string | undefined;
  readonly interactive: boolean;
}

/**
 * The tokens of one person for one server: silently from the cache, else by a sign-in in the browser,
 * else by a device code.
 */
export class PersonTokens implements TokenSource {
  readonly #settings: SignInSettings;
  readonly #parts: SignInParts;
  readonly #limit: SignInLimit;
  #store: Promise<Store> | undefined;
  #session: Session | undefined;
  #token: Token | undefined;
  /** Whose session this is: nobody else's sign-in goes on with it. */
  #owner: string | undefined;
  /** The scope of a client that is the server's own registration, once that is known. */
  #ownScope: string | undefined;
  /** The last token that was renewed because its predecessor was refused. */
  #renewed: string | undefined;
  /** Tokens that the server has refused; each is sent no more. */
  readonly #refused = new Set<string>();
  #running: (Demand & { readonly outcome: Promise<Outcome> }) | undefined;
  #personIsAsked = false;

  constructor(settings: SignInSettings, parts: SignInParts) {
    this.#settings = settings;
    this.#parts = parts;
    this.#limit = new SignInLimit(parts.now);
  }

  async accessToken(options: TokenOptions = {}): Promise<Result<string, SignInFailure>> {
    const { refused, interactive = true, signal } = options;
    if (signal?.aborted) return cancelled;
    if (refused !== undefined) this.#remember(refused);
    const claims = options.claims === undefined ? undefined : readClaims(options.claims);
    if (options.claims !== undefined && claims === undefined) {
      return failure({
        kind: "refused",
        words: "The server demands a sign-in with something that no sign-in can give.",
      });
    }
    const outcome = this.#obtain({ claims, interactive });
    const token = await (signal ? Promise.race([outcome, aborted(signal)]) : outcome);
    return token.ok ? success(token.value.value) : token;
  }

  /** Who is signed in, after a token was given. */
  get username(): string | undefined {
    return this.#token?.account.username;
  }

  async store(): Promise<Store> {
    const { machine, choices, log } = this.#settings;
    const { keyring } = this.#parts;
    this.#store ??= openStore({ machine, keyring, plainFile: choices.plainFile ?? false, log });
    return this.#store;
  }

  async session(): Promise<Result<Session, SignInFailure>> {
    if (this.#session) return success(this.#session);
    const opened = await openSession(this.#settings, await this.store(), this.#parts);
    if (opened.ok) this.#session = opened.value;
    return opened;
  }

  async #obtain(demand: Demand): Promise<Outcome> {
    for (;;) {
      if (this.#token && (await this.#isGood(this.#token, demand))) return success(this.#token);
      const running = this.#running;
      if (!running) break;
      if (!demand.interactive && this.#personIsAsked) return personNeeded;
      const outcome = await running.outcome;
      // What others were told holds for those who waited with them, but for another demand.
      const isSame = running.claims === demand.claims;
      if (!outcome.ok && isSame && (running.interactive || !demand.interactive)) return outcome;
    }
    const outcome = this.#acquire(demand)
      .catch(unexpected)
      .finally(() => {
        this.#running = undefined;
        this.#personIsAsked = false;
      });
    this.#running = { ...demand, outcome };
    return outcome;
  }

  async #isGood(token: Token, { claims }: Demand): Promise<boolean> {
    if (this.#refused.has(token.value) || token.expiresAt - margin <= this.#parts.now())
      return false;
    if (claims !== undefined && token.claims !== claims) return false;
    // Another process may have signed the person out.
    return !(await this.#session?.file?.hasChanged());
  }

  async #acquire(demand: Demand): Promise<Outcome> {
    const session = await this.session();
    if (!session.ok) return session;
    const store = await this.store();
    const { binding } = session.value;
    const patience = AbortSignal.timeout(demand.interactive ? lockTimeout : silentLockTimeout);
    const outcome = await store.locked(binding, patience, () =>
      this.#acquireAlone(session.value, demand),
    );
    if (!outcome.ok) return outcome;
    this.#token = outcome.value;
    this.#owner ??= outcome.value.account.homeAccountId;
    return outcome;
  }

  /** No other process does the same meanwhile, and MSAL reads again what others have written. */
  async #acquireAlone(session: Session, { claims, interactive }: Demand): Promise<Outcome> {
    const accounts = await session.msal.getAllAccounts();
    const mine = accounts.filter(
      ({ homeAccountId }) => this.#owner === undefined || homeAccountId === this.#owner,
    );
    const chosen = chooseAccount(mine, this.#settings.choices.account);
    if (!chosen.ok) return failure({ kind: "misconfigured", words: chosen.reason });
    const account = chosen.value;
    if (account && claims === undefined) {
      const silent = await this.#acquireSilently(session, account);
      if (silent) return silent;
    }
    if (!interactive) return personNeeded;
    return this.#signIn(session, account, claims);
  }

  /** Nothing where a person has to sign in. */
  async #acquireSilently(session: Session, account: AccountInfo): Promise<Outcome | undefined> {
    const attempt = this.#attemptOf(session, "silent");
    const { resource } = attempt;
    const ask = (scope: string, forceRefresh: boolean) =>
      session.msal.acquireTokenSilent({ account, scopes: [scope], resource, forceRefresh });
    try {
      const scope = this.#ownScope ?? session.scope;
      const kept = await ask(scope, false);
      if (!kept.fromCache) this.#renewed = undefined;
      if (this.#isSendable(kept.accessToken)) return success(this.#tokenOf(kept, account));
      // One that was renewed for the same reason did not help.
      if (this.#renewed !== undefined && this.#refused.has(this.#renewed)) return undefined;
      const renewed = await ask(scope, true);
      this.#renewed = renewed.accessToken;
      return this.#isSendable(renewed.accessToken)
        ? success(this.#tokenOf(renewed, account))
        : undefined;
    } catch (error) {
      if (!(error instanceof AuthError)) throw error;
      if (codeOf(error) === "AADSTS90009" && this.#ownScope === undefined) {
        // The client is the server's own registration, which Entra knows by its id alone here.
        this.#ownScope = `${session.clientId}/.default`;
        return this.#acquireSilently(session, account);
      }
      if (!isForPersons(error)) return failure(refusalOf(error, attempt));
      this.#settings.log.detail(`No token without a sign-in: ${error.errorCode}`);
      return undefined;
    }
  }

  async #signIn(
    session: Session,
    account: AccountInfo | undefined,
    claims: string | undefined,
  ): Promise<Outcome> {
    const refused = this.#limit.refusal(claims);
    if (refused) return failure(refused);
    const confirmed = await session.confirm();
    if (!confirmed.ok) return confirmed;
    this.#personIsAsked = true;
    const { choices } = this.#settings;
    const loginHint = account?.username ?? choices.account;
    const known = new Set((await session.msal.getAllAccounts()).map(idOf));
    const request = {
      scopes: [session.scope],
      resource: this.#settings.server.given,
      ...(claims === undefined ? {} : { claims }),
      ...(loginHint === undefined ? { prompt: "select_account" } : { loginHint }),
    };
    const signedIn = await this.#ask(session, request);
    if (!signedIn.ok) {
      this.#limit.failed(signedIn.reason);
      return signedIn;
    }
    const outcome = this.#judge(signedIn.value, claims);
    if (!outcome.ok && signedIn.value.account && !known.has(idOf(signedIn.value.account))) {
      await session.msal.signOut({ account: signedIn.value.account });
    }
    if (outcome.ok) this.#limit.succeeded(claims);
    else this.#limit.failed(outcome.reason);
    return outcome;
  }

  /** In the browser where there is one, else by a device code. */
  async #ask(
    session: Session,
    request: Parameters<typeof signInInBrowser>[1],
  ): Promise<Result<AuthenticationResult, SignInFailure>> {
    const { log, choices } = this.#settings;
    const { openBrowser } = this.#parts;
    const common = { authority: session.authority, log, timeout: signInTimeout };
    if (openBrowser && !choices.deviceCode) {
      try {
        return success(await signInInBrowser(session.msal, request, { ...common, openBrowser }));
      } catch (error) {
        if (!(error instanceof NoBrowser)) {
          return failure(refusalOf(error, this.#attemptOf(session, "browser")));
        }
        log.say(`No browser could be opened (${error.message}).`);
      }
    }
    try {
      return success(await signInByDeviceCode(session.msal, request, common));
    } catch (error) {
      return failure(refusalOf(error, this.#attemptOf(session, "device-code")));
    }
  }

  /** Whether it was the right person who has signed in. */
  #judge(result: AuthenticationResult, claims: string | undefined): Outcome {
    const { account } = result;
    const { choices } = this.#settings;
    if (!account || !this.#isSendable(result.accessToken)) {
      return failure({
        kind: "refused",
        words: "The authority does not say who has signed in, or gave no token that can be sent.",
      });
    }
    if (choices.account !== undefined && !isAccount(account, choices.account)) {
      return failure({
        kind: "not-signed-in",
        words: `${account.username} has signed in, but --account says ${choices.account}. Sign in as that one.`,
      });
    }
    if (this.#owner !== undefined && account.homeAccountId !== this.#owner) {
      return failure({
        kind: "not-signed-in",
        words: `${account.username} has signed in, but this bridge was started by another account. Sign in as that one, or start the bridge anew with --account ${account.username}.`,
      });
    }
    return success(this.#tokenOf(result, account, claims));
  }

  #isSendable(token: string): boolean {
    return bearerToken.test(token) && !this.#refused.has(token);
  }

  #tokenOf(result: AuthenticationResult, account: AccountInfo, claims?: string): Token {
    return {
      value: result.accessToken,
      expiresAt: result.expiresOn?.getTime() ?? 0,
      account,
      claims,
    };
  }

  #attemptOf({ clientId, scope, authority }: Session, way: Attempt["way"]): Attempt {
    return { clientId, scope, authority, resource: this.#settings.server.given, way };
  }

  #remember(token: string): void {
    this.#refused.add(token);
    if (this.#refused.size > mostRefused) {
      for (const oldest of this.#refused) {
        this.#refused.delete(oldest);
        break;
      }
    }
  }
}

/** More than can be valid at the same time. */
const mostRefused = 100;

const idOf = ({ homeAccountId }: AccountInfo) => homeAccountId;

const personNeeded = failure<SignInFailure>({
  kind: "person-needed",
  words: "Somebody has to sign in first.",
});

const cancelled = failure<SignInFailure>({
  kind: "cancelled",
  words: "The request was cancelled while it waited for a sign-in.",
});

function aborted(signal: AbortSignal): Promise<Outcome> {
  return new Promise((resolve) => {
    signal.addEventListener("abort", () => resolve(cancelled), { once: true });
  });
}

/** MSAL throws what it has not foreseen, about a cache that makes no sense for example. */
function unexpected(error: unknown): Outcome {
  const problem = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return failure({
    kind: "refused",
    words: `Signing in failed: ${problem}. Start the bridge once with --logout, then sign in again.`,
  });
}

/** Whether a sign-in may help where a silent attempt was refused. */
function isForPersons(error: AuthError): boolean {
  return error instanceof InteractionRequiredAuthError || error.errorCode === "invalid_grant";
}
