import { decodeProtectedHeader, errors, jwtVerify, SignJWT } from "jose";
import { z } from "zod";
import { isCanonicalBase64url } from "../../core/encoding.ts";
import { excerpt } from "../../core/log.ts";
import { failure, type Result, success } from "../../core/result.ts";
import type { TokenRejection } from "../../gates/token-rejection.ts";
import type { RandomBytes } from "../../keys/signing-key.ts";
import { retrySeconds } from "../grants/grant-failure.ts";
import type { ActiveGrant } from "../grants/grant-record.ts";
import { type GrantIdentity, lock, unlock } from "../grants/sealing.ts";
import type { EncryptionKey, GatewayKeys, TokenSigningKey } from "../keys/gateway-keys.ts";
import type { GatewaySettings } from "../settings.ts";

/** An access token is good for so long, in milliseconds, or as long as Entra's is, if that is shorter. */
export const accessTokenLifetime = 600_000;
const algorithm = "ES256";
/** RFC 9068 section 2.1: no other token that this server signs is taken for one. */
const type = "at+jwt";
const secretBytes = 32;

export interface NewAccessToken {
  readonly grant: ActiveGrant;
  readonly dataKey: Uint8Array;
  readonly scopes: readonly string[];
  readonly encryptionKey: EncryptionKey;
  readonly signingKey: TokenSigningKey;
}

export interface IssuedAccessToken {
  readonly text: string;
  readonly expiresInSeconds: number;
}

/**
 * An access token (RFC 9068) that opens its grant: it holds the grant's data key, wrapped under a secret
 * that stands in it and the server's key, so that neither the store nor the token yields Entra's tokens
 * alone.
 */
export async function createAccessToken(
  { grant, dataKey, scopes, encryptionKey, signingKey }: NewAccessToken,
  { issuer, resource }: Pick<GatewaySettings, "issuer" | "resource">,
  now: number,
  randomBytes: RandomBytes,
): Promise<IssuedAccessToken> {
  const issuedAt = Math.floor(now / 1000);
  const end = Math.min(now + accessTokenLifetime, grant.upstreamExpiresAt, grant.endsAt);
  const expiresAt = Math.floor(end / 1000);
  const tokenSecret = randomBytes(secretBytes);
  const by = { purpose: "access token", tokenSecret, key: encryptionKey, grant } as const;
  const claims: z.input<typeof ownClaims> = {
    sub: grant.objectId,
    client_id: grant.clientId,
    scope: scopes.join(" "),
    grant_id: grant.grantId,
    grant_version: grant.version,
    key_secret: Buffer.from(tokenSecret).toString("base64url"),
    wrapped_key: lock(dataKey, by, randomBytes),
    exp: expiresAt,
  };
  const text = await new SignJWT(claims)
    .setProtectedHeader({ alg: algorithm, typ: type, kid: signingKey.id })
    .setIssuer(issuer)
    .setAudience(resource)
    .setIssuedAt(issuedAt)
    .setJti(Buffer.from(randomBytes(16)).toString("base64url"))
    .sign(signingKey.privateKey);
  return { text, expiresInSeconds: expiresAt - issuedAt };
}

const ownClaims = z.object({
  sub: z.string(),
  client_id: z.string(),
  scope: z.string(),
  grant_id: z.string(),
  /** Of the grant's record when the token was made: what is older is behind. */
  grant_version: z.int(),
  key_secret: z.base64url(),
  wrapped_key: z.string(),
  exp: z.int(),
});

/** An access token whose signature, issuer, audience and time are good. Its grant may have ended. */
export class ReadAccessToken implements GrantIdentity {
  readonly objectId: string;
  readonly grantId: string;
  readonly clientId: string;
  readonly scopes: readonly string[];
  /** Of the grant's record, at least. */
  readonly grantVersion: number;
  /** Seconds since the epoch. */
  readonly expiresAt: number;
  readonly #secret: Uint8Array;
  readonly #wrappedKey: string;

  constructor(claims: z.output<typeof ownClaims>) {
    this.objectId = claims.sub;
    this.grantId = claims.grant_id;
    this.clientId = claims.client_id;
    this.scopes = claims.scope.split(" ");
    this.grantVersion = claims.grant_version;
    this.expiresAt = claims.exp;
    this.#secret = Buffer.from(claims.key_secret, "base64url");
    this.#wrappedKey = claims.wrapped_key;
  }

  /** The grant's data key; undefined where the token was not made with this key. */
  dataKey(key: EncryptionKey): Uint8Array | undefined {
    const { objectId, grantId, clientId } = this;
    const grant = { objectId, grantId, clientId };
    return unlock(this.#wrappedKey, {
      purpose: "access token",
      tokenSecret: this.#secret,
      key,
      grant,
    });
  }
}

export interface AccessTokenReading {
  readonly keys: GatewayKeys;
  readonly settings: Pick<GatewaySettings, "issuer" | "resource">;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** RFC 9068 section 4, RFC 8725. */
export async function readAccessToken(
  token: string,
  { keys, settings, now }: AccessTokenReading,
): Promise<Result<ReadAccessToken, TokenRejection>> {
  const keyId = keyIdOf(token);
  if (!keyId.ok) return keyId;
  const key = await keys.verificationKey(keyId.value);
  if (!key.ok) {
    return failure({ kind: "key-set-unavailable", retryAfterSeconds: retrySeconds });
  }
  if (!key.value) return failure({ kind: "unknown-key", got: excerpt(keyId.value) });
  try {
    const { payload } = await jwtVerify(token, key.value, {
      algorithms: [algorithm],
      issuer: settings.issuer,
      audience: settings.resource,
      requiredClaims: ["exp"],
      currentDate: new Date(now()),
    });
    const claims = ownClaims.safeParse(payload);
    if (claims.success) return success(new ReadAccessToken(claims.data));
    const claim = String(claims.error.issues[0]?.path[0]);
    return failure({ kind: "malformed-claim", claim });
  } catch (error) {
    return failure(rejectionOf(error, settings, now()));
  }
}

/** What can be refused before a key is asked for: tokens of Entra among it. */
function keyIdOf(token: string): Result<string, TokenRejection> {
  const parts = token.split(".");
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
    const got = excerpt(header.alg);
    return failure({ kind: "unsupported-algorithm", got, expected: algorithm });
  }
  if (header.typ !== type) {
    return failure({ kind: "unsupported-type", got: excerpt(header.typ), expected: type });
  }
  if ("crit" in header || "b64" in header) return failure({ kind: "unsupported-critical-header" });
  return typeof header.kid === "string" ? success(header.kid) : failure({ kind: "missing-key-id" });
}

function rejectionOf(
  error: unknown,
  { issuer, resource }: AccessTokenReading["settings"],
  now: number,
): TokenRejection {
  if (error instanceof errors.JWSSignatureVerificationFailed) return { kind: "bad-signature" };
  if (error instanceof errors.JWTExpired) {
    return { kind: "expired", secondsAgo: Math.floor(now / 1000) - Number(error.payload.exp) };
  }
  if (!(error instanceof errors.JWTClaimValidationFailed)) return { kind: "malformed-token" };
  const { claim } = error;
  const got = excerpt(error.payload[claim]);
  if (claim === "iss") return { kind: "wrong-issuer", got, expected: issuer };
  if (claim === "aud") return { kind: "wrong-audience", got, expected: resource };
  return { kind: "malformed-claim", claim };
}
