import { z } from "zod";
import { failure, type Result, success } from "../core/result.ts";

/** A secret for HMAC with SHA-256. */
export interface SigningKey {
  /** What it makes holds a fingerprint of this. */
  readonly id: string;
  /** 32 bytes. */
  readonly secret: Uint8Array;
  /** Signs from then on, in milliseconds since the epoch; verifies as soon as it is known. */
  readonly activeFrom: number;
}

/** At least one key; the oldest first. */
export type SigningKeys = readonly [SigningKey, ...SigningKey[]];

export type RandomBytes = (size: number) => Uint8Array;

/** As long as the hash: RFC 7518 section 3.2. */
const secretBytes = 32;

/** A JSON Web Key Set (RFC 7517 section 5) of symmetric keys (RFC 7518 section 6.4). */
const keySet = z.object({
  keys: z
    .array(
      z.object({
        kty: z.literal("oct"),
        use: z.literal("sig"),
        alg: z.literal("HS256"),
        kid: z.string().min(1),
        k: z
          .base64url()
          .transform((text) => Buffer.from(text, "base64url"))
          .refine((secret) => secret.length === secretBytes),
        activeFrom: z.iso.datetime(),
      }),
    )
    .min(1)
    .refine((keys) => new Set(keys.map(({ kid }) => kid)).size === keys.length),
});

export function createSigningKey(activeFrom: number, randomBytes: RandomBytes): SigningKey {
  return {
    id: Buffer.from(randomBytes(12)).toString("base64url"),
    secret: randomBytes(secretBytes),
    activeFrom,
  };
}

/** The document that instances share. */
export function serializeKeys(keys: SigningKeys): string {
  const document: z.input<typeof keySet> = {
    keys: keys.map(({ id, secret, activeFrom }) => ({
      kty: "oct",
      use: "sig",
      alg: "HS256",
      kid: id,
      k: Buffer.from(secret).toString("base64url"),
      activeFrom: new Date(activeFrom).toISOString(),
    })),
  };
  return JSON.stringify(document);
}

/** The keys in such a document; a failure names the members at fault, and nothing that they hold. */
export function parseKeys(text: string): Result<SigningKeys, string> {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    return failure("not JSON");
  }
  const parsed = keySet.safeParse(document);
  if (!parsed.success) {
    return failure(parsed.error.issues.map((issue) => issue.path.join(".")).join(" "));
  }
  const [oldest, ...younger] = parsed.data.keys
    .map(({ kid, k, activeFrom }) => ({ id: kid, secret: k, activeFrom: Date.parse(activeFrom) }))
    .sort((one, other) => one.activeFrom - other.activeFrom);
  return oldest ? success([oldest, ...younger]) : failure("keys");
}
