import { createRemoteJWKSet, errors, type JWTVerifyGetKey, jwtVerify } from "jose";
import { graphIdentifierUri } from "../directory.ts";

/** What Graph needs to know of a token that it has verified. */
export interface AccessToken {
  /** `oid`: whose token it is. */
  readonly objectId: string;
  /** `scp`: what the application may do on their behalf. */
  readonly scopes: readonly string[];
  /** `xms_cc` holds `cp1`: the application can handle a claims challenge. */
  readonly handlesClaimsChallenges: boolean;
}

export type Verification =
  | { readonly kind: "verified"; readonly token: AccessToken }
  /** `message` is Graph's. */
  | { readonly kind: "refused"; readonly message: string }
  /** The authority's keys cannot be had, so nothing is known of the token. */
  | { readonly kind: "keys-unavailable"; readonly cause: unknown };

/**
 * Verifies delegated access tokens for Graph. The messages are those of the service, as far as they
 * are known.
 */
export function createTokenVerifier(issuer: string, jwksUrl: string, now: () => number) {
  const keys: JWTVerifyGetKey = createRemoteJWKSet(new URL(jwksUrl));
  return async (authorization: string | undefined): Promise<Verification> => {
    const [, token] = /^Bearer +(\S+)$/i.exec(authorization ?? "") ?? [];
    if (token === undefined) return { kind: "refused", message: "Access token is empty." };
    try {
      const { payload } = await jwtVerify(token, keys, {
        algorithms: ["RS256"],
        issuer,
        audience: graphIdentifierUri,
        requiredClaims: ["exp", "oid"],
        currentDate: new Date(now()),
      });
      const capabilities = [payload.xms_cc].flat();
      return {
        kind: "verified",
        token: {
          objectId: String(payload.oid),
          scopes: String(payload.scp ?? "").split(" "),
          handlesClaimsChallenges: capabilities.includes("cp1"),
        },
      };
    } catch (error) {
      const message = refusalMessage(error);
      return message === undefined
        ? { kind: "keys-unavailable", cause: error }
        : { kind: "refused", message };
    }
  };
}

/** Nothing where the fault is not the token's. */
function refusalMessage(error: unknown): string | undefined {
  if (error instanceof errors.JWTExpired) {
    return "Lifetime validation failed, the token is expired.";
  }
  if (error instanceof errors.JWTClaimValidationFailed) {
    if (error.claim === "aud") return "Access token validation failure. Invalid audience.";
    if (error.claim === "iss") return "Access token validation failure. Invalid issuer.";
    return `Access token validation failure. Invalid claim '${error.claim}'.`;
  }
  if (
    error instanceof errors.JWSSignatureVerificationFailed ||
    error instanceof errors.JWKSNoMatchingKey ||
    error instanceof errors.JOSEAlgNotAllowed
  ) {
    return "Access token validation failure. Invalid signature.";
  }
  if (error instanceof errors.JWSInvalid || error instanceof errors.JWTInvalid) {
    return "CompactToken parsing failed with error code: 80049217";
  }
  return undefined;
}
