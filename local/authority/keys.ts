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

export type Verification =
  | { readonly kind: "verified"; readonly claims: JWTPayload }
  | { readonly kind: "malformed" }
  | { readonly kind: "signature" }
  | { readonly kind: "lifetime" };

/** The one key that signs everything the authority and the managed identity endpoint issue. */
export interface SigningKey {
  /** The public part, as the keys endpoint serves it. */
  readonly keySet: JSONWebKeySet;
  /** @param header replaces parts of the header; `alg` stays what the key can do */
  sign(claims: JWTPayload, header?: Partial<JWTHeaderParameters>): Promise<string>;
  /**
   * Checks signature and lifetime, nothing else.
   *
   * @param now milliseconds since the epoch
   */
  verify(token: string, now: number): Promise<Verification>;
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
    async verify(token, now) {
      try {
        const { payload } = await jwtVerify(token, resolveKey, {
          algorithms: [algorithm],
          requiredClaims: ["exp"],
          currentDate: new Date(now),
        });
        return { kind: "verified", claims: payload };
      } catch (cause) {
        if (cause instanceof errors.JWTExpired) return { kind: "lifetime" };
        if (cause instanceof errors.JWTClaimValidationFailed) return { kind: "lifetime" };
        if (cause instanceof errors.JWSInvalid) return { kind: "malformed" };
        if (cause instanceof errors.JWTInvalid) return { kind: "malformed" };
        if (cause instanceof errors.JOSEError) return { kind: "signature" };
        throw cause;
      }
    },
  };
}
