import { sha256 } from "../../core/encoding.ts";
import { type Result, success } from "../../core/result.ts";
import type { GrantFailure } from "../grants/grant-failure.ts";
import { lock, unlock } from "../grants/sealing.ts";
import type { Decision } from "../grants/stored-grants.ts";
import { ended, judgeCode, redeemed } from "../grants/transitions.ts";
import { genuineGrant } from "./genuine-grant.ts";
import { createOpaqueToken, hashOf, readOpaqueToken } from "./opaque-token.ts";
import { issueTokens, type TokenOutcome, type TokenParts } from "./token-parts.ts";

/** RFC 6749 section 4.1.3, with RFC 7636 section 4.5. */
export interface CodeRequest {
  readonly code: string;
  readonly clientId: string;
  /** Clients of OAuth 2.1 leave it out (its section 10.2): PKCE does what it was there for. */
  readonly redirectUri: string | undefined;
  readonly codeVerifier: string;
}

/**
 * The first tokens of a grant, for its code. The code is spent by whoever presents it first: what another
 * client, redirect URI or verifier comes with is a code in the wrong hands, and one that comes twice may
 * be (RFC 6749 section 4.1.2), so that the grant ends.
 */
export async function redeemCode(
  request: CodeRequest,
  parts: TokenParts,
  signal?: AbortSignal,
): Promise<Result<TokenOutcome, GrantFailure>> {
  const { grants, keys, now, randomBytes } = parts;
  const code = readOpaqueToken("code", request.code);
  if (!code) return success({ kind: "refused", why: "unknown-token" });
  const { clientId, redirectUri } = request;
  const codeChallenge = challengeOf(request.codeVerifier);

  return grants.stored.decide<TokenOutcome>(
    code,
    async (stored) => {
      const genuine = await genuineGrant(code, stored, keys);
      if (!genuine.ok) return genuine;
      if (!genuine.value) return refusal("unknown-token");
      const { grant: found, key } = genuine.value;
      const presented = {
        clientId,
        redirectUri: redirectUri ?? found.redirectUri,
        codeChallenge,
      };
      const verdict = judgeCode(found, presented, now());
      if (verdict.kind === "refuse") return refusal(verdict.why, { grant: found });
      if (verdict.kind === "end") {
        const { why } = verdict;
        return refusal(why, { grant: found, write: ended(verdict.grant, why, now()) });
      }
      const { grant } = verdict;
      const ofCode = {
        purpose: "authorization code",
        tokenSecret: code.secret,
        key,
        grant,
      } as const;
      const dataKey = unlock(grant.code.wrappedKey, ofCode);
      if (!dataKey) return refusal("unknown-token");

      const refreshToken = createOpaqueToken("refresh", grant, key, randomBytes);
      const tokenSecret = refreshToken.secret;
      const ofRefreshToken = { purpose: "refresh token", tokenSecret, key, grant } as const;
      const wrappedKey = lock(dataKey, ofRefreshToken, randomBytes);
      const write = redeemed(grant, { hash: hashOf(refreshToken), wrappedKey }, now());
      const { scopes } = grant;
      const issuing = { grant: write, dataKey, encryptionKey: key, refreshToken, scopes };
      const issued = await issueTokens(issuing, parts);
      return issued.ok ? success({ outcome: issued.value, write }) : issued;
    },
    signal,
  );
}

type Refusal = Extract<TokenOutcome, { readonly kind: "refused" }>;

/** Gives nothing, once what there is to write is written. */
export function refusal(
  why: Refusal["why"],
  { write, ...known }: Pick<Decision<never>, "write"> & Pick<Refusal, "grant" | "code"> = {},
) {
  return success<Decision<TokenOutcome>>({ outcome: { kind: "refused", why, ...known }, write });
}

/** S256 of RFC 7636 section 4.2. What is no verifier by section 4.1 has no challenge that any code has. */
function challengeOf(verifier: string): string {
  if (!/^[A-Za-z0-9._~-]{43,128}$/.test(verifier)) return "";
  return sha256(verifier);
}
