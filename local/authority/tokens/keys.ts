import {
  calculateJwkThumbprint,
  createLocalJWKSet,
  errors,
  exportJWK,
  generateKeyPair,
  importJWK,
  type JSONWebKeySet,
  type JWK,
  type JWTHeaderParameters,
  type JWTPayload,
  jwtVerify,
  SignJWT,
} from "jose";
import { type ErrorCode, Refusal } from "../refusal.ts";

const algorithm = "RS256";

/** A new RSA key of 2048 bits, private part included, as it is stored. */
export async function generateSigningKey(): Promise<JWK> {
  const { privateKey } = await generateKeyPair(algorithm, {
    modulusLength: 2048,
    extractable: true,
  });
  const key = await exportJWK(privateKey);
  return { ...key, kid: await calculateJwkThumbprint(key) };
}

/** The one key that signs everything the authority and the managed identity endpoint issue. */
export interface SigningKey {
  /** The public part, as the keys endpoint serves it. */
  readonly keySet: JSONWebKeySet;
  /** @param header replaces parts of the header; `alg` stays what the key can do */
  sign(claims: JWTPayload, header?: Partial<JWTHeaderParameters>): Promise<string>;
  /**
   * The claims of a token whose signature and lifetime are good; nothing else is checked.
   *
   * @param now milliseconds since the epoch
   * @param codes how it is refused
   */
  verify(
    token: string,
    now: number,
    codes: { readonly signature: ErrorCode; readonly lifetime: ErrorCode },
  ): Promise<JWTPayload | Refusal>;
}

export async function openSigningKey(stored: JWK): Promise<SigningKey> {
  const privateKey = await importJWK(stored, algorithm);
  const { kty, kid, n, e } = stored;
  if (kty !== "RSA" || !kid || !n || !e) throw new Error("The stored signing key is not RSA.");
  // Entra's key set names no algorithm; clients that insist on one would fail against Entra.
  const keySet: JSONWebKeySet = { keys: [{ kty, use: "sig", kid, n, e }] };
  const resolveKey = createLocalJWKSet(keySet);

  return {
    keySet,
    sign: (claims, header) =>
      new SignJWT(claims)
        .setProtectedHeader({ typ: "JWT", kid, ...header, alg: algorithm })
        .sign(privateKey),
    async verify(token, now, codes) {
      try {
        const { payload } = await jwtVerify(token, resolveKey, {
          algorithms: [algorithm],
          requiredClaims: ["exp"],
          currentDate: new Date(now),
        });
        return payload;
      } catch (cause) {
        const { JWTExpired, JWTClaimValidationFailed, JWSInvalid, JWTInvalid, JOSEError } = errors;
        if (cause instanceof JWTExpired || cause instanceof JWTClaimValidationFailed) {
          return new Refusal(codes.lifetime);
        }
        if (cause instanceof JWSInvalid || cause instanceof JWTInvalid) {
          return new Refusal("AADSTS50027");
        }
        if (cause instanceof JOSEError) return new Refusal(codes.signature);
        throw cause;
      }
    },
  };
}
