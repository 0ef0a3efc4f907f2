import { decodeProtectedHeader, errors, type JWTPayload, jwtVerify } from "jose";
import { z } from "zod";
import { type Agent, Caller } from "../core/caller.ts";
import { isCanonicalBase64url } from "../core/encoding.ts";
import { excerpt } from "../core/log.ts";
import { failure, type Result, success } from "../core/result.ts";
import type { KeySet } from "./key-set.ts";
import type { TokenRejection } from "./token-rejection.ts";

/** The delegated scope that every call needs, as the `scp` claim writes it: the bare name. */
export const requiredScope = "user_impersonation";

/**
 * Access tokens of Entra have 1.5 to 4 KB, with 200 groups (the most it lists) about 10 KB; Node
 * accepts 16 KiB of headers altogether.
 */
const maximumTokenLength = 12 * 1024;
/** How far the clocks of authority and server may differ. */
const clockToleranceSeconds = 30;
const algorithm = "RS256";

export interface TokenVerifierOptions {
  readonly keySet: KeySet;
  /** Expected `iss`. */
  readonly issuer: string;
  /** Expected `aud`: the API's client id, never its identifier URI, in v2.0 tokens. */
  readonly audience: string;
  /** Expected `tid`, lower case. */
  readonly tenantId: string;
  /** Client applications that may call, lower case; all where empty. */
  readonly allowedClientIds: readonly string[];
  /** The gateway's registration: tokens that it was issued never leave the server. */
  readonly gatewayClientId?: string | undefined;
  /** Whether an AI agent may call as a user account of its own, which no person signs in to. */
  readonly allowAgentUsers: boolean;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** Decides who is calling. Throws nothing: every token yields a caller or a reason. */
export interface TokenVerifier {
  verify(token: string): Promise<Result<Caller, TokenRejection>>;
}

const guid = z.guid().transform((text) => text.toLowerCase());

const words = z.string().transform((text) => text.split(" ").filter((word) => word !== ""));

/** The claims that say who is calling, once it is settled that the token is meant for us. */
const callerClaimsSchema = z.object({
  oid: guid,
  azp: guid,
  roles: z.array(z.string()).default([]),
  xms_cc: z.union([z.array(z.string()), words]).default([]),
  xms_act_fct: words.default([]),
  xms_sub_fct: words.default([]),
  xms_par_app_azp: z.guid().optional().catch(undefined),
});

/**
 * What the claims say of an agent, as actor (`xms_act_fct`) or as subject (`xms_sub_fct`): 11 is an
 * agent's identity, 13 an agent's own user account.
 *
 * Source: https://github.com/MicrosoftDocs/entra-docs/blob/main/docs/agent-id/agent-token-claims.md
 */
const agentIdentity = "11";
const agentUser = "13";

function agentOf(claims: z.output<typeof callerClaimsSchema>): Agent | undefined {
  const parentId = claims.xms_par_app_azp;
  if (claims.xms_sub_fct.includes(agentUser)) return { kind: "own-account", parentId };
  return claims.xms_act_fct.includes(agentIdentity) ? { kind: "for-person", parentId } : undefined;
}

/**
 * Verifies access tokens of the Microsoft identity platform, version 2.0, on every call: RFC 7519
 * section 7.2, RFC 8725 (best current practice) and
 * https://learn.microsoft.com/entra/identity-platform/access-tokens#validate-tokens.
 */
export function createTokenVerifier(options: TokenVerifierOptions): TokenVerifier {
  return {
    async verify(token) {
      const keyId = readHeader(token);
      if (!keyId.ok) return keyId;
      const key = await options.keySet.keyFor(keyId.value);
      if (!key.ok) return key;

      let claims: JWTPayload;
      try {
        const verified = await jwtVerify(token, key.value, {
          algorithms: [algorithm],
          issuer: options.issuer,
          audience: options.audience,
          requiredClaims: ["exp", "iat", "nbf"],
          clockTolerance: clockToleranceSeconds,
          currentDate: new Date(options.now()),
        });
        claims = verified.payload;
      } catch (error) {
        return failure(rejectionOf(error, options));
      }
      return judge(claims, token, options);
    },
  };
}

/** What can be refused before a key is asked for. Returns the key id. */
function readHeader(token: string): Result<string, TokenRejection> {
  if (token.length > maximumTokenLength) {
    return failure({ kind: "token-too-large", got: token.length, limit: maximumTokenLength });
  }
  const parts = token.split(".");
  if (parts.length === 5) return failure({ kind: "encrypted-token" });
  // Header and payload are signed as they are written; each text of the signature would be exchanged.
  if (parts.length !== 3 || !isCanonicalBase64url(parts[2])) {
    return failure({ kind: "malformed-token" });
  }
  let header: ReturnType<typeof decodeProtectedHeader>;
  try {
    header = decodeProtectedHeader(token);
  } catch {
    return failure({ kind: "malformed-token" });
  }
  if (header.alg !== algorithm) {
    return failure({
      kind: "unsupported-algorithm",
      got: excerpt(header.alg),
      expected: algorithm,
    });
  }
  if (typeof header.typ !== "string" || header.typ.toUpperCase() !== "JWT") {
    return failure({ kind: "unsupported-type", got: excerpt(header.typ), expected: "JWT" });
  }
  if ("crit" in header || "b64" in header) return failure({ kind: "unsupported-critical-header" });
  if (typeof header.kid !== "string" || header.kid === "") {
    return failure({ kind: "missing-key-id" });
  }
  return success(header.kid);
}

/** The claims of Entra that jose does not know, in the order of what they say. */
function judge(
  claims: JWTPayload,
  token: string,
  options: TokenVerifierOptions,
): Result<Caller, TokenRejection> {
  const notForUs = misdirection(claims, options);
  if (notForUs) return failure(notForUs);
  // jose judges `iat` only where a maximum age is set.
  if (typeof claims.iat !== "number") return failure({ kind: "malformed-claim", claim: "iat" });
  const secondsAhead = claims.iat - Math.floor(options.now() / 1000);
  if (secondsAhead > clockToleranceSeconds) {
    return failure({ kind: "issued-in-the-future", secondsAhead });
  }
  if (claims.cnf !== undefined) return failure({ kind: "sender-constrained" });
  if (claims.idtyp === "app") return failure({ kind: "app-only" });
  if (claims.scp === undefined) {
    return failure({ kind: "no-delegated-scope", expected: requiredScope });
  }
  const scopes = words.safeParse(claims.scp);
  if (!scopes.success) return failure({ kind: "malformed-claim", claim: "scp" });
  if (!scopes.data.includes(requiredScope)) {
    return failure({
      kind: "missing-scope",
      got: excerpt(scopes.data.join(" ")),
      expected: requiredScope,
    });
  }
  const caller = callerClaimsSchema.safeParse(claims);
  if (!caller.success) {
    const claim = String(caller.error.issues[0]?.path[0]);
    return failure({
      kind: claims[claim] === undefined ? "missing-claim" : "malformed-claim",
      claim,
    });
  }
  const agent = agentOf(caller.data);
  if (agent?.kind === "own-account" && !options.allowAgentUsers) {
    return failure({ kind: "agent-user", got: caller.data.azp });
  }
  const { allowedClientIds, gatewayClientId } = options;
  if (caller.data.azp === gatewayClientId) return failure({ kind: "gateway-token" });
  if (allowedClientIds.length > 0 && !allowedClientIds.includes(caller.data.azp)) {
    return failure({ kind: "client-not-allowed", got: caller.data.azp });
  }
  return success(
    new Caller(
      {
        objectId: caller.data.oid,
        tenantId: options.tenantId,
        clientId: caller.data.azp,
        scopes: scopes.data,
        roles: caller.data.roles,
        handlesClaimsChallenges: caller.data.xms_cc.includes("cp1"),
        expiresAt: claims.exp ?? 0,
        agent,
      },
      token,
    ),
  );
}

/** Why a token whose issuer is right is not meant for this server. */
function misdirection(
  { aud, ver, tid }: JWTPayload,
  { audience, tenantId }: TokenVerifierOptions,
): TokenRejection | undefined {
  if (typeof aud !== "string") {
    return { kind: "wrong-audience", got: excerpt(aud), expected: audience };
  }
  if (ver === "1.0") return { kind: "version-1-token" };
  if (ver !== "2.0") return { kind: "wrong-version", got: excerpt(ver), expected: "2.0" };
  if (typeof tid !== "string" || tid.toLowerCase() !== tenantId) {
    return { kind: "wrong-tenant", got: excerpt(tid), expected: tenantId };
  }
  return undefined;
}

/** Turns what jose throws into the reason; the claims it carries are past the signature check. */
function rejectionOf(error: unknown, options: TokenVerifierOptions): TokenRejection {
  const nowSeconds = Math.floor(options.now() / 1000);
  if (error instanceof errors.JWSSignatureVerificationFailed) return { kind: "bad-signature" };
  if (error instanceof errors.JWTExpired) {
    return { kind: "expired", secondsAgo: nowSeconds - Number(error.payload.exp) };
  }
  if (!(error instanceof errors.JWTClaimValidationFailed)) return { kind: "malformed-token" };

  const { claim, payload } = error;
  const got = payload[claim];
  if (claim === "iss" && (payload.ver === "1.0" || isVersion1Issuer(got))) {
    return { kind: "version-1-token" };
  }
  if (got === undefined) return { kind: "missing-claim", claim };
  if (claim === "iss") {
    return { kind: "wrong-issuer", got: excerpt(got), expected: options.issuer };
  }
  if (claim === "aud") {
    return { kind: "wrong-audience", got: excerpt(got), expected: options.audience };
  }
  if (claim === "nbf" && typeof got === "number") {
    const ahead = { kind: "not-yet-valid", secondsAhead: got - nowSeconds } as const;
    return misdirection(payload, options) ?? ahead;
  }
  return { kind: "malformed-claim", claim };
}

function isVersion1Issuer(issuer: unknown): boolean {
  return typeof issuer === "string" && issuer.startsWith("https://sts.windows.net/");
}
