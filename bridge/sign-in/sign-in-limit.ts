import type { SignInFailure } from "../tokens.ts";

/** Milliseconds for which a sign-in that failed is not asked for again: requests come in floods. */
const pause = 30_000;
/** Milliseconds for which a server has to make do with a sign-in. */
const freshFor = 5 * 60_000;
/** Sign-ins within the time of {@link window}, for claims that differ each time. */
const mostSignIns = 4;
/** Milliseconds. */
const window = 15 * 60_000;

/**
 * Keeps a server, or a client that repeats its requests, from opening page after page: whoever is asked
 * too often stops reading what they agree to.
 */
export class SignInLimit {
  readonly #now: () => number;
  #failure: { readonly at: number; readonly reason: SignInFailure } | undefined;
  /** What was signed in for, and when. */
  #successes: { readonly at: number; readonly claims: string | undefined }[] = [];

  constructor(now: () => number) {
    this.#now = now;
  }

  /**
   * Why nobody is to be asked now, if so.
   *
   * @param isRefused whether that is because the server has refused the last token
   */
  refusal(claims: string | undefined, isRefused: boolean): SignInFailure | undefined {
    const now = this.#now();
    if (this.#failure && now - this.#failure.at < pause) return this.#failure.reason;
    this.#successes = this.#successes.filter(({ at }) => now - at < window);
    const isFresh =
      isRefused &&
      this.#successes.some((success) => success.claims === claims && now - success.at < freshFor);
    if (!isFresh && this.#successes.length < mostSignIns) return undefined;
    return {
      kind: "refused",
      words:
        "The server refuses what you have signed in for a moment ago. Another sign-in would not help: ask its people. The bridge asks you again in some minutes.",
    };
  }

  failed(reason: SignInFailure): void {
    this.#failure = { at: this.#now(), reason };
  }

  succeeded(claims: string | undefined): void {
    this.#failure = undefined;
    this.#successes.push({ at: this.#now(), claims });
  }
}
