import {
  type ActiveGrant,
  type EndedGrant,
  endedGrant,
  type GrantEnd,
  type GrantRecord,
  type PendingGrant,
} from "./grant-record.ts";

/**
 * What becomes of a grant, as functions of its record. Nothing here reads or writes: whoever decides
 * writes the new record conditionally, and judges anew where that fails.
 */

/** A refresh token that was replaced still returns its successor for so long, in milliseconds. */
export const reuseWindow = 60_000;

/** Why a genuine token gives nothing, though its grant is left as it is. */
export type Refused = "grant-ended" | "code-expired" | "other-client";

/** What a client presents with a genuine code (RFC 6749 section 4.1.3, RFC 7636 section 4.5). */
export interface PresentedCode {
  readonly clientId: string;
  readonly redirectUri: string;
  /** S256 of the presented verifier. */
  readonly codeChallenge: string;
}

export type CodeVerdict =
  | { readonly kind: "redeem"; readonly grant: PendingGrant }
  /** It gives nothing, and the grant ends. */
  | {
      readonly kind: "end";
      readonly grant: PendingGrant | ActiveGrant;
      readonly why: "code-replayed" | "code-misused";
    }
  | { readonly kind: "refuse"; readonly why: Refused };

/**
 * What a genuine code is good for. It is spent by the first that presents it, whatever comes of that:
 * of a code that somebody else may hold nothing is left to be tried. The person signs in once more.
 */
export function judgeCode(grant: GrantRecord, presented: PresentedCode, now: number): CodeVerdict {
  if (grant.state === "ended") return { kind: "refuse", why: "grant-ended" };
  // RFC 6749 section 4.1.2: what was issued for a code that is used again is revoked.
  if (grant.state === "active") return { kind: "end", grant, why: "code-replayed" };
  if (grant.code.expiresAt <= now) return { kind: "refuse", why: "code-expired" };
  const isForThem =
    grant.clientId === presented.clientId &&
    grant.redirectUri === presented.redirectUri &&
    grant.code.challenge === presented.codeChallenge;
  return isForThem ? { kind: "redeem", grant } : { kind: "end", grant, why: "code-misused" };
}

export type RefreshVerdict =
  /** It is the one that is good: a new one replaces it. */
  | { readonly kind: "rotate"; readonly grant: ActiveGrant; readonly wrappedKey: string }
  /** It was just replaced, and its successor has not been used: that is given once more. */
  | {
      readonly kind: "repeat";
      readonly grant: ActiveGrant;
      readonly wrappedKey: string;
      readonly successor: string;
    }
  /** Two hold tokens of the grant, one of whom should not: it gives nothing, and the grant ends. */
  | {
      readonly kind: "end";
      readonly grant: PendingGrant | ActiveGrant;
      readonly why: "refresh-token-reused";
    }
  | { readonly kind: "refuse"; readonly why: Refused };

/** What a genuine refresh token is good for (RFC 9700 section 4.14.2). */
export function judgeRefreshToken(
  grant: GrantRecord,
  presented: { readonly clientId: string; readonly hash: string },
  now: number,
): RefreshVerdict {
  if (grant.state === "ended") return { kind: "refuse", why: "grant-ended" };
  // RFC 6749 section 6: it is bound to the client that it was issued to.
  if (grant.clientId !== presented.clientId) return { kind: "refuse", why: "other-client" };
  if (grant.state === "active") {
    const { refresh, previous } = grant;
    if (presented.hash === refresh.hash) {
      return { kind: "rotate", grant, wrappedKey: refresh.wrappedKey };
    }
    if (presented.hash === previous?.hash && now < previous.replacedAt + reuseWindow) {
      const { wrappedKey, successor } = previous;
      return { kind: "repeat", grant, wrappedKey, successor };
    }
  }
  return { kind: "end", grant, why: "refresh-token-reused" };
}

/** Entra's tokens, sealed under the grant's data key. */
export interface SealedUpstream {
  readonly upstream: string;
  readonly upstreamExpiresAt: number;
}

/** The code is redeemed, and this is the first refresh token. */
export function redeemed(
  { code: _spent, ...grant }: PendingGrant,
  refresh: ActiveGrant["refresh"],
  now: number,
): ActiveGrant {
  return { ...next(grant), state: "active", refresh, lastUsed: now };
}

/** `refresh` replaces the token that is good, whose holder can open `successor`. */
export function rotated(
  grant: ActiveGrant,
  { refresh, successor }: Pick<ActiveGrant, "refresh"> & { readonly successor: string },
  upstream: SealedUpstream,
  now: number,
): ActiveGrant {
  const previous = { ...grant.refresh, replacedAt: now, successor };
  return { ...next(grant), ...upstream, refresh, previous, lastUsed: now };
}

/** The replaced token gave its successor once more. */
export function repeated(grant: ActiveGrant, upstream: SealedUpstream, now: number): ActiveGrant {
  return { ...next(grant), ...upstream, lastUsed: now };
}

/** The grant with its code and tokens is over. All that a token could open goes. */
export function ended(grant: PendingGrant | ActiveGrant, why: GrantEnd, now: number): EndedGrant {
  // The schema drops what an ended grant does not have.
  return endedGrant.parse({ ...next(grant), state: "ended", endedAt: now, why });
}

function next<Grant extends { readonly version: number }>(grant: Grant): Grant {
  return { ...grant, version: grant.version + 1 };
}
