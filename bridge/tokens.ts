import { failure, type Result } from "../src/core/result.ts";

/** Where the bridge gets the access tokens that it sends to its server. */
export interface TokenSource {
  /**
   * An access token for the server: silently where it can be, else by a sign-in of the person. However
   * many ask at the same time, the person signs in once.
   */
  accessToken(options?: TokenOptions): Promise<Result<string, SignInFailure>>;
}

export interface TokenOptions {
  /** The access token that the server has just refused, so that it is not given again. */
  readonly refused?: string | undefined;
  /** What the server demands of the sign-in: the JSON of a claims request (OpenID Connect Core 5.5). */
  readonly claims?: string | undefined;
  /** With false, nothing that a person would see: fails with `person-needed` instead. */
  readonly interactive?: boolean | undefined;
  /** Nobody waits any more. A sign-in that others wait for goes on. */
  readonly signal?: AbortSignal | undefined;
}

/** Why there is no access token. */
export interface SignInFailure {
  readonly kind: /** Only a person could go on, and `interactive` was false. */
    | "person-needed"
    /** `signal` aborted. */
    | "cancelled"
    /** The person declined, closed the page or let the time pass. */
    | "not-signed-in"
    /** The authority refuses; `words` has its code. */
    | "refused"
    /** The authority, or the server's metadata, cannot be reached or read. */
    | "unreachable"
    /** Something that the user has to set is missing or wrong. */
    | "misconfigured";
  /** What happened and what to do, in whole sentences for the person. Never a token. */
  readonly words: string;
}

/**
 * A source that is made when the first token is asked for: what signs in takes its time to load, more
 * than a client is to wait for its first answer.
 *
 * @param mayBeSilent whether anybody has signed in before; where not, there is nothing to load for
 */
export function lazyTokenSource(
  create: () => Promise<TokenSource>,
  mayBeSilent: () => Promise<boolean>,
): TokenSource {
  let source: Promise<TokenSource> | undefined;
  return {
    async accessToken(options = {}) {
      if (!source && options.interactive === false && !(await mayBeSilent())) {
        return failure({ kind: "person-needed", words: "Nobody is signed in yet." });
      }
      source ??= create().catch((error) => {
        source = undefined;
        throw error;
      });
      return (await source).accessToken(options);
    },
  };
}
