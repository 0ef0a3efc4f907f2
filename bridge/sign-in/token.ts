import type { AccountInfo, AuthenticationResult } from "@azure/msal-node";
import { failure, type Result } from "../../src/core/result.ts";
import type { SignInFailure } from "../tokens.ts";

/** An access token, and whose it is. */
export interface Token {
  readonly value: string;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
  readonly account: AccountInfo;
  /** What it was demanded with. */
  readonly claims: string | undefined;
}

export type Outcome = Result<Token, SignInFailure>;

export function tokenOf(
  { accessToken, expiresOn }: AuthenticationResult,
  account: AccountInfo,
  claims?: string,
): Token {
  return { value: accessToken, expiresAt: expiresOn?.getTime() ?? 0, account, claims };
}

export const personNeeded = failure<SignInFailure>({
  kind: "person-needed",
  words: "Somebody has to sign in first.",
});

/** More than can be valid at the same time. */
const mostRefused = 100;
/** Characters; and what may stand in a header (RFC 6750, section 2.1). */
const bearerToken = /^[\w.~+/-]{1,65536}=*$/;

/** The tokens that the server has refused. */
export class RefusedTokens {
  /** The first is the oldest. */
  readonly #tokens = new Set<string>();

  add(token: string): void {
    this.#tokens.add(token);
    const [oldest] = this.#tokens;
    if (oldest !== undefined && this.#tokens.size > mostRefused) this.#tokens.delete(oldest);
  }

  has(token: string): boolean {
    return this.#tokens.has(token);
  }

  /** Whether a token can be sent: one that no header holds has been tampered with. */
  allows(token: string): boolean {
    return bearerToken.test(token) && !this.has(token);
  }
}
