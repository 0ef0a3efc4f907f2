import { decodeProtectedHeader, errors, jwtVerify, SignJWT } from "jose";
import { z } from "zod";
import { isCanonicalBase64url } from "../core/encoding.ts";
import { failure, type Result, success } from "../core/result.ts";
import { maximumTokenLifetime, signingKeyAt } from "./rotation.ts";
import { type KeyRingFailure, StoredKeys, type StoredKeysOptions } from "./stored-keys.ts";

/**
 * Signs what the server hands to a client and must recognise when it comes back: cursors, approvals.
 * What is signed can be read by whoever holds it; it is protected from change, not from sight.
 */
export interface KeyRing {
  /**
   * A JSON Web Token (RFC 7519) with `claims`, valid for this purpose and this subject alone.
   *
   * @throws {RangeError} where it would be valid for longer than `maximumTokenLifetime`, or not at all
   */
  sign(
    purpose: string,
    claims: Readonly<Record<string, unknown>>,
    options: SignOptions,
  ): Promise<Result<string, KeyRingFailure>>;

  /**
   * The claims of a token that this server signed for this purpose and this subject, as the very text
   * that was given out.
   */
  verify(
    purpose: string,
    token: string,
    options: { readonly subject: string },
  ): Promise<Result<Readonly<Record<string, unknown>>, TokenProblem>>;
}

export interface SignOptions {
  /** Whom the token is for. */
  readonly subject: string;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

/** Why a token is not accepted. */
export type TokenProblem =
  | KeyRingFailure
  | { readonly kind: "malformed" }
  | { readonly kind: "unsupported-algorithm"; readonly expected: string }
  /** Signed with a key that never was, or is no longer, in the ring. */
  | { readonly kind: "unknown-key" }
  | { readonly kind: "bad-signature" }
  | { readonly kind: "wrong-purpose"; readonly expected: string }
  | { readonly kind: "wrong-subject" }
  | { readonly kind: "expired" };

/** What a problem means to whoever hands the token back. */
export function meaningOf(
  problem: TokenProblem,
): "unavailable" | "malformed" | "altered" | "foreign" | "expired" {
  switch (problem.kind) {
    case "unavailable":
    case "damaged":
      return "unavailable";
    case "malformed":
    case "unsupported-algorithm":
    case "wrong-purpose":
      return "malformed";
    case "unknown-key":
    case "bad-signature":
      return "altered";
    case "wrong-subject":
      return "foreign";
    case "expired":
      return "expired";
  }
}

const algorithm = "HS256";
/** More than any token of ours has. */
const maximumTokenLength = 8 * 1024;

const payloadSchema = z.object({ claims: z.record(z.string(), z.unknown()) });

/** A key ring that all instances of the server share through `options.storage`. */
export function createKeyRing(options: StoredKeysOptions): KeyRing {
  const keys = new StoredKeys(options);

  return {
    async sign(purpose, claims, { subject, expiresAt }) {
      const now = options.now();
      if (expiresAt <= now || expiresAt > now + maximumTokenLifetime) {
        throw new RangeError("A token expires later than now, and within two days.");
      }
      const known = await keys.all();
      if (!known.ok) return known;
      const key = signingKeyAt(known.value, now);
      const token = await new SignJWT({ claims })
        .setProtectedHeader({ alg: algorithm, kid: key.id })
        .setAudience(purpose)
        .setSubject(subject)
        .setExpirationTime(Math.floor(expiresAt / 1000))
        .sign(key.secret);
      return success(token);
    },

    async verify(purpose, token, { subject }) {
      const keyId = readKeyId(token);
      if (!keyId.ok) return keyId;
      const key = await keys.withId(keyId.value);
      if (!key.ok) return key;
      if (!key.value) return failure({ kind: "unknown-key" });

      try {
        const { payload } = await jwtVerify(token, key.value.secret, {
          algorithms: [algorithm],
          audience: purpose,
          subject,
          requiredClaims: ["exp"],
          currentDate: new Date(options.now()),
        });
        if (!isCanonicalBase64url(token.split(".")[2])) return failure({ kind: "bad-signature" });
        const parsed = payloadSchema.safeParse(payload);
        return parsed.success ? success(parsed.data.claims) : failure({ kind: "malformed" });
      } catch (error) {
        return failure(problemOf(error, purpose));
      }
    },
  };
}

/** What can be refused before a key is asked for. */
function readKeyId(token: string): Result<string, TokenProblem> {
  if (token.length > maximumTokenLength) return failure({ kind: "malformed" });
  let header: ReturnType<typeof decodeProtectedHeader>;
  try {
    header = decodeProtectedHeader(token);
  } catch {
    return failure({ kind: "malformed" });
  }
  if (header.alg !== algorithm) {
    return failure({ kind: "unsupported-algorithm", expected: algorithm });
  }
  return typeof header.kid === "string" ? success(header.kid) : failure({ kind: "malformed" });
}

function problemOf(error: unknown, purpose: string): TokenProblem {
  if (error instanceof errors.JWTExpired) return { kind: "expired" };
  if (error instanceof errors.JWSSignatureVerificationFailed) return { kind: "bad-signature" };
  if (error instanceof errors.JWTClaimValidationFailed) {
    if (error.claim === "aud") return { kind: "wrong-purpose", expected: purpose };
    if (error.claim === "sub") return { kind: "wrong-subject" };
  }
  if (error instanceof errors.JOSEError) return { kind: "malformed" };
  throw error;
}
