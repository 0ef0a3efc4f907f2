import { failure, type Result, success } from "../../core/result.ts";
import type { GrantFailure } from "../grants/grant-failure.ts";
import type { ActiveGrant } from "../grants/grant-record.ts";
import { lock, type TokenLock, unlock } from "../grants/sealing.ts";
import type { Decision } from "../grants/stored-grants.ts";
import {
  ended,
  judgeRefreshToken,
  type RefreshVerdict,
  repeated,
  rotated,
  type SealedUpstream,
} from "../grants/transitions.ts";
import { openUpstream, sealUpstream } from "../grants/upstream-tokens.ts";
import type { EncryptionKey } from "../keys/gateway-keys.ts";
import { refusal } from "./code-redemption.ts";
import { askEntra, type EntraAnswer } from "./entra-answer.ts";
import type { EntraTurns } from "./entra-turns.ts";
import { genuineGrant } from "./genuine-grant.ts";
import { createOpaqueToken, hashOf, type OpaqueToken, readOpaqueToken } from "./opaque-token.ts";
import { scopesOf } from "./scopes.ts";
import { issueTokens, type TokenOutcome, type TokenParts } from "./token-parts.ts";

/** RFC 6749 section 6. */
export interface RefreshRequest {
  readonly refreshToken: string;
  readonly clientId: string;
  /** What the client asked for; all that was granted where it is absent. */
  readonly scope: string | undefined;
}

export interface RefreshParts extends TokenParts {
  readonly turns: EntraTurns;
}

type Usable = Extract<RefreshVerdict, { readonly kind: "rotate" | "repeat" }>;
type EntraTokens = Extract<EntraAnswer, { readonly kind: "tokens" }>;

/**
 * New tokens for a refresh token, once Entra has said that the person may still go on. The refresh token
 * is replaced by a new one each time. One whose successor has not been used yet returns that same
 * successor for a minute, for the client that did not get to see the answer, or that asks twice at once;
 * one that comes later is held by two, and the grant ends (RFC 9700 section 4.14.2).
 */
export async function refresh(
  request: RefreshRequest,
  parts: RefreshParts,
  signal?: AbortSignal,
): Promise<Result<TokenOutcome, GrantFailure>> {
  const { grants, keys, turns, now } = parts;
  const token = readOpaqueToken("refresh", request.refreshToken);
  if (!token) return success({ kind: "refused", why: "unknown-token" });
  const presented = { clientId: request.clientId, hash: hashOf(token) };
  // Another write that came first takes no second answer: Entra's refresh tokens stay good.
  let entra: EntraTokens | undefined;

  return grants.stored.decide<TokenOutcome>(
    token,
    async (stored) => {
      const genuine = await genuineGrant(token, stored, keys);
      if (!genuine.ok) return genuine;
      if (!genuine.value) return refusal("unknown-token");
      const { grant: found, key } = genuine.value;
      const verdict = judgeRefreshToken(found, presented, now());
      if (verdict.kind === "refuse") return refusal(verdict.why, { grant: found });
      if (verdict.kind === "end") {
        const { why } = verdict;
        return refusal(why, { grant: found, write: ended(verdict.grant, why, now()) });
      }
      const { grant } = verdict;
      const scopes = scopesOf(request.scope, grant.scopes);
      if (!scopes) return success({ outcome: { kind: "scope-not-granted", grant } });

      const dataKey = unlock(verdict.wrappedKey, lockOf(token, key, grant));
      const upstream = dataKey && openUpstream(grant.upstream, dataKey, grant);
      if (!upstream) return refusal("unknown-token");
      const retryAfterSeconds = entra ? undefined : await turns.take(grant.grantId);
      if (retryAfterSeconds !== undefined) {
        const put = { kind: "entra-unavailable", code: "too-often", retryAfterSeconds } as const;
        return success({ outcome: { ...put, grant } });
      }
      const answer = entra ?? (await askEntra(upstream.refreshToken, grant, parts, signal));
      if (answer.kind === "refused") return endedByEntra(answer, grant);
      if (answer.kind === "unavailable") {
        return success({ outcome: { ...answer, kind: "entra-unavailable", grant } });
      }
      entra = answer;

      const next = replacement(verdict, token, dataKey, key, answer);
      if (!next) return refusal("unknown-token");
      const { write, refreshToken } = next;
      const issuing = { grant: write, dataKey, encryptionKey: key, refreshToken, scopes };
      const issued = await issueTokens(issuing, parts);
      return issued.ok ? success({ outcome: issued.value, write }) : issued;
    },
    signal,
  );

  /** The record as it will be, and the refresh token that is good then. */
  function replacement(
    verdict: Usable,
    token: OpaqueToken,
    dataKey: Uint8Array,
    key: EncryptionKey,
    answer: EntraTokens,
  ): { write: ActiveGrant; refreshToken: Pick<OpaqueToken, "text"> } | undefined {
    const { randomBytes } = parts;
    const { grant } = verdict;
    const sealed: SealedUpstream = {
      upstream: sealUpstream(answer.tokens, dataKey, grant, randomBytes),
      upstreamExpiresAt: answer.expiresAt,
    };
    const ofSuccessor = { ...lockOf(token, key, grant), purpose: "successor" } as const;
    if (verdict.kind === "repeat") {
      const successor = unlock(verdict.successor, ofSuccessor);
      const text = successor && Buffer.from(successor).toString();
      return text ? { write: repeated(grant, sealed, now()), refreshToken: { text } } : undefined;
    }
    const refreshToken = createOpaqueToken("refresh", grant, key, randomBytes);
    const wrappedKey = lock(dataKey, lockOf(refreshToken, key, grant), randomBytes);
    const successor = lock(Buffer.from(refreshToken.text), ofSuccessor, randomBytes);
    const good = { refresh: { hash: hashOf(refreshToken), wrappedKey }, successor };
    return { write: rotated(grant, good, sealed, now()), refreshToken };
  }

  /** Entra wants no more of it. What it demands instead waits for the next sign-in. */
  async function endedByEntra(
    { code, claims }: Extract<EntraAnswer, { readonly kind: "refused" }>,
    grant: ActiveGrant,
  ): Promise<Result<Decision<TokenOutcome>, GrantFailure>> {
    if (claims !== undefined) {
      const put = await grants.demands.put(grant.objectId, grant.clientId, claims, signal);
      if (!put.ok) return failure({ kind: "store", reason: put.reason });
    }
    return refusal("entra-refused", { grant, code, write: ended(grant, "entra-refused", now()) });
  }
}

function lockOf(token: OpaqueToken, key: EncryptionKey, grant: ActiveGrant): TokenLock {
  return { purpose: "refresh token", tokenSecret: token.secret, key, grant };
}
