import { z } from "zod";
import { parseJson } from "../core/encoding.ts";
import { failure, type Result, success } from "../core/result.ts";
import { type KeySeries, longestLifetime, maintainKeys, type RotatedKey } from "./rotation.ts";
import type { KeyDocument } from "./stored-keys.ts";

/** A secret for HMAC with SHA-256. */
export interface SigningKey extends RotatedKey {
  /** What it makes holds a fingerprint of this. */
  readonly id: string;
  /** 32 bytes. */
  readonly secret: Uint8Array;
}

export type SigningKeys = KeySeries<SigningKey>;

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

/** The key ring's document. */
export function signingKeyDocument(randomBytes: RandomBytes): KeyDocument<SigningKeys> {
  const create = (activeFrom: number): SigningKey => ({
    id: Buffer.from(randomBytes(12)).toString("base64url"),
    secret: randomBytes(secretBytes),
    activeFrom,
  });
  return {
    name: "key-ring",
    logged: (keys) => ({ keyId: keys.at(-1)?.id, kept: keys.length }),
    create: (now) => [create(now)],
    serialize: serializeKeys,
    parse: parseKeys,
    maintain: (keys, now) => maintainKeys(keys, now, { lifetime: longestLifetime, create }),
  };
}

function serializeKeys(keys: SigningKeys): string {
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

function parseKeys(text: string): Result<SigningKeys, string> {
  const document = parseJson(text);
  if (document === undefined) return failure("not JSON");
  const parsed = keySet.safeParse(document);
  if (!parsed.success) {
    return failure(parsed.error.issues.map((issue) => issue.path.join(".")).join(" "));
  }
  const [oldest, ...younger] = parsed.data.keys
    .map(({ kid, k, activeFrom }) => ({ id: kid, secret: k, activeFrom: Date.parse(activeFrom) }))
    .sort((one, other) => one.activeFrom - other.activeFrom);
  return oldest ? success([oldest, ...younger]) : failure("keys");
}
