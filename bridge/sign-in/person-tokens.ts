import type { AccountInfo } from "@azure/msal-node";
import { failure, type Result, success } from "../../src/core/result.ts";
import { openStore, type Store } from "../cache/store.ts";
import type { SignInFailure, TokenOptions, TokenSource } from "../tokens.ts";
import { chooseAccount } from "./accounts.ts";
import { readClaims } from "./claims.ts";
import { openSession, type Session, type SignInParts } from "./session.ts";
import type { SignInSettings } from "./settings.ts";
import { SignInLimit } from "./sign-in-limit.ts";
import { type Outcome, personNeeded, RefusedTokens, type Token } from "./token.ts";
import { type PersonDemand, PersonWay, signInTimeout } from "./ways/person.ts";
import { SilentWay } from "./ways/silent.ts";

/** Milliseconds for which another process may hold the lock: its sign-in, and a little. */
const lockTimeout = signInTimeout + 30_000;
/** The same, where nobody is to be asked. */
const silentLockTimeout = 15_000;
/** Milliseconds before its end from which a token is not sent any more. MSAL renews it earlier. */
const margin = 60_000;

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
  readonly #refused = new RefusedTokens();
  readonly #silent: SilentWay;
  readonly #person: PersonWay;
  readonly #limit: SignInLimit;
  #store: Promise<Store> | undefined;
  #session: Session | undefined;
  #token: Token | undefined;
  /** Whose session this is: nobody else's sign-in goes on with it. */
  #owner: AccountInfo | undefined;
  #running: (Demand & { readonly outcome: Promise<Outcome> }) | undefined;
  #personIsAsked = false;

  constructor(settings: SignInSettings, parts: SignInParts) {
    this.#settings = settings;
    this.#parts = parts;
    this.#silent = new SilentWay(this.#refused, settings.log);
    this.#person = new PersonWay(settings, parts, this.#refused);
    this.#limit = new SignInLimit(parts.now);
  }

  async accessToken(options: TokenOptions = {}): Promise<Result<string, SignInFailure>> {
    const { refused, interactive = true, signal } = options;
    if (signal?.aborted) return cancelled;
    if (refused !== undefined) this.#refused.add(refused);
    const claims = options.claims === undefined ? undefined : readClaims(options.claims);
    if (options.claims !== undefined && claims === undefined) {
      return failure({
        kind: "refused",
        words: "The server demands a sign-in with something that no sign-in can give.",
      });
    }
    const outcome = this.#obtain({ claims, interactive });
    const token = await (signal ? unlessAborted(outcome, signal) : outcome);
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
    this.#owner ??= outcome.value.account;
    return outcome;
  }

  /** No other process does the same meanwhile, and MSAL reads again what others have written. */
  async #acquireAlone(session: Session, { claims, interactive }: Demand): Promise<Outcome> {
    const owner = this.#owner;
    const accounts = (await session.msal.getAllAccounts()).filter(
      ({ homeAccountId }) => owner === undefined || homeAccountId === owner.homeAccountId,
    );
    const chosen = chooseAccount(accounts, this.#settings.choices.account);
    if (!chosen.ok) return failure({ kind: "misconfigured", words: chosen.reason });
    const account = chosen.value;
    if (account && claims === undefined) {
      const silent = await this.#silent.acquire(session, account);
      if (silent) return silent;
    }
    if (!interactive) return personNeeded;
    return this.#signIn(session, { expected: account ?? owner, claims });
  }

  async #signIn(session: Session, demand: Omit<PersonDemand, "onShown">): Promise<Outcome> {
    const isRefused = this.#token !== undefined && this.#refused.has(this.#token.value);
    const refused = this.#limit.refusal(demand.claims, isRefused);
    if (refused) return failure(refused);
    const confirmed = await session.confirm();
    if (!confirmed.ok) return confirmed;
    this.#personIsAsked = true;
    let isShown = false;
    const onShown = () => {
      isShown = true;
    };
    const outcome = await this.#person.acquire(session, { ...demand, onShown });
    if (outcome.ok) {
      this.#limit.succeeded(demand.claims);
      this.#settings.log.say(`Signed in: ${outcome.value.account.username}.`);
    } else if (isShown) this.#limit.failed(outcome.reason);
    return outcome;
  }
}

const cancelled = failure<SignInFailure>({
  kind: "cancelled",
  words: "The request was cancelled while it waited for a sign-in.",
});

/** Leaves nothing on a signal that may be there for as long as the program runs. */
function unlessAborted(outcome: Promise<Outcome>, signal: AbortSignal): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const leave = () => resolve(cancelled);
    signal.addEventListener("abort", leave, { once: true });
    outcome.then(resolve, reject).finally(() => signal.removeEventListener("abort", leave));
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
