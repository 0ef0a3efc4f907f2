import type { TokenRejection } from "../../gates/token-rejection.ts";
import type { GrantIdentity } from "../grants/sealing.ts";
import type { UpstreamTokens } from "../upstream/upstream-answer.ts";
import type { TokenParts } from "./token-parts.ts";

/** What Entra says when it is asked whether a person may go on. */
export type EntraAnswer =
  | {
      readonly kind: "tokens";
      readonly tokens: UpstreamTokens;
      /** Of the access token, in milliseconds since the epoch. */
      readonly expiresAt: number;
    }
  /** The grant is over. */
  | {
      readonly kind: "refused";
      readonly code?: string | undefined;
      /** What the next sign-in has to fulfil. */
      readonly claims?: string | undefined;
    }
  /** Nothing is known. */
  | {
      readonly kind: "unavailable";
      readonly code?: string | undefined;
      readonly retryAfterSeconds?: number | undefined;
    };

/**
 * What is no fault of Entra's token: keys that cannot be had, a clock that is behind. A key is unknown when
 * Entra has just begun to sign with it, since for tokens that name invented ones, which anybody can send to
 * `/mcp`, the keys are not read again at once. What Entra gives here was signed by Entra.
 */
const ownFaults: ReadonlySet<TokenRejection["kind"]> = new Set([
  "key-set-unavailable",
  "unknown-key",
  "not-yet-valid",
  "issued-in-the-future",
]);

/** Asks Entra for new tokens, which have to pass as a token on `/mcp` has to, for the same person. */
export async function askEntra(
  refreshToken: string,
  grant: GrantIdentity,
  { upstream, upstreamVerifier }: Pick<TokenParts, "upstream" | "upstreamVerifier">,
  signal: AbortSignal | undefined,
): Promise<EntraAnswer> {
  const answered = await upstream.refresh(refreshToken, signal);
  if (!answered.ok) {
    const { reason } = answered;
    if (reason.kind === "refused") return reason;
    // Signing in again would not help where the gateway itself is set up wrong: the grant stays.
    return { ...reason, kind: "unavailable" };
  }
  const person = await upstreamVerifier.verify(answered.value.accessToken);
  if (!person.ok) {
    const code = person.reason.kind;
    return ownFaults.has(code) ? { kind: "unavailable", code } : { kind: "refused", code };
  }
  const { objectId, expiresAt } = person.value;
  if (objectId !== grant.objectId) return { kind: "refused", code: "other-person" };
  return { kind: "tokens", tokens: answered.value, expiresAt: expiresAt * 1000 };
}
