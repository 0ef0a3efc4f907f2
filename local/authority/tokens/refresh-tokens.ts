import { EncryptJWT, errors, jwtDecrypt } from "jose";
import { z } from "zod";
import { Refusal } from "../refusal.ts";

const grantSchema = z.object({
  clientId: z.string(),
  objectId: z.string(),
  /** The scopes as they were asked for. */
  scope: z.string(),
  xms_cc: z.array(z.string()).readonly().optional(),
  session: z.int().default(0),
  acrs: z.array(z.string()).readonly().optional(),
});

/** What a refresh token stands for. */
export type RefreshGrant = z.output<typeof grantSchema>;

/** Milliseconds: the lifetime of a refresh token that is not used, as in Entra. */
const ninetyDays = 90 * 24 * 60 * 60 * 1000;

/**
 * Refresh tokens that carry what they stand for, encrypted: they outlive a restart, nothing has to
 * be stored for them, and as in Entra one that was exchanged for a newer one goes on working.
 *
 * @param sealingKey 256 bits, base64url
 */
export function refreshTokens(sealingKey: string, now: () => number) {
  const key = Buffer.from(sealingKey, "base64url");
  return {
    seal: (grant: RefreshGrant) =>
      new EncryptJWT({ ...grant })
        .setProtectedHeader({ alg: "dir", enc: "A256GCM" })
        .setIssuedAt(new Date(now()))
        .setExpirationTime(new Date(now() + ninetyDays))
        .encrypt(key),
    async open(token: string): Promise<RefreshGrant | Refusal> {
      try {
        const { payload } = await jwtDecrypt(token, key, {
          keyManagementAlgorithms: ["dir"],
          contentEncryptionAlgorithms: ["A256GCM"],
          currentDate: new Date(now()),
        });
        return grantSchema.parse(payload);
      } catch (cause) {
        if (cause instanceof errors.JWTExpired) {
          return new Refusal(
            "AADSTS70008",
            "The refresh token has expired due to inactivity. Send a new interactive authorization request.",
          );
        }
        if (cause instanceof errors.JOSEError) {
          return new Refusal(
            "AADSTS70000",
            "The provided value for the input parameter 'refresh_token' is not valid.",
          );
        }
        throw cause;
      }
    },
  };
}

export type RefreshTokens = ReturnType<typeof refreshTokens>;
