import { type CryptoKey, exportJWK, generateKeyPair, importJWK } from "jose";
import { z } from "zod";
import { parseJson } from "../../core/encoding.ts";
import { failure, type Result, success } from "../../core/result.ts";
import { type KeySeries, maintainKeys, type RotatedKey } from "../../keys/rotation.ts";
import type { RandomBytes } from "../../keys/signing-key.ts";
import type { KeyDocument } from "../../keys/stored-keys.ts";

const minute = 60 * 1000;
const day = 24 * 60 * minute;

/** No access token of the gateway is valid for longer, in milliseconds. */
export const longestTokenLifetime = 60 * minute;
/** No grant lasts longer after the sign-in, in milliseconds: as long it may name the key it began with. */
export const longestGrantLifetime = 365 * day;

/** The algorithm that access tokens are signed with: RFC 7518 section 3.4. */
const algorithm = "ES256";
const secretBytes = 32;

/** What all keys of the document have. `kid` stands in tokens and grants. */
const common = { kid: z.string().min(1), activeFrom: z.iso.datetime() };

/** A key pair on the curve P-256 (RFC 7518 section 6.2), private. */
const keyPair = z.object({
  kty: z.literal("EC"),
  crv: z.literal("P-256"),
  use: z.literal("sig"),
  alg: z.literal(algorithm),
  x: z.base64url(),
  y: z.base64url(),
  d: z.base64url(),
  ...common,
});

/** A symmetric key (RFC 7518 section 6.4), from which others are derived. */
const symmetricKey = z.object({
  kty: z.literal("oct"),
  use: z.literal("enc"),
  k: z.base64url().refine((text) => Buffer.from(text, "base64url").length === secretBytes),
  ...common,
});

/** A JSON Web Key Set (RFC 7517 section 5) of both. */
const keySet = z.object({
  keys: z
    .array(z.discriminatedUnion("kty", [keyPair, symmetricKey]))
    .refine((keys) => new Set(keys.map(({ kid }) => kid)).size === keys.length),
});

type PrivateJwk = z.output<typeof keyPair>;

/** A key pair that signs access tokens. */
export interface HeldKeyPair extends RotatedKey {
  readonly id: string;
  readonly privateKey: CryptoKey;
  readonly publicKey: CryptoKey;
  /** Both keys, as the document has them. */
  readonly jwk: PrivateJwk;
}

/** A secret that grants are encrypted with, by way of keys derived from it. */
export interface HeldSecret extends RotatedKey {
  readonly id: string;
  /** 32 bytes. */
  readonly secret: Uint8Array;
}

export interface HeldKeys {
  readonly signing: KeySeries<HeldKeyPair>;
  readonly encryption: KeySeries<HeldSecret>;
}

/** The document of the gateway's keys. */
export function gatewayKeyDocument(randomBytes: RandomBytes): KeyDocument<HeldKeys> {
  const createId = () => Buffer.from(randomBytes(12)).toString("base64url");
  const createKeyPair = (activeFrom: number) => newKeyPair(createId(), activeFrom);
  const createSecret = (activeFrom: number): HeldSecret => ({
    id: createId(),
    secret: randomBytes(secretBytes),
    activeFrom,
  });
  return {
    name: "gateway-keys",
    logged: ({ signing, encryption }) => ({
      signingKeyId: signing.at(-1)?.id,
      encryptionKeyId: encryption.at(-1)?.id,
      kept: signing.length + encryption.length,
    }),
    async create(now) {
      return { signing: [await createKeyPair(now)], encryption: [createSecret(now)] };
    },
    serialize,
    parse,
    async maintain(keys, now) {
      const signing = await maintainKeys(keys.signing, now, {
        lifetime: longestTokenLifetime,
        create: createKeyPair,
      });
      const encryption = await maintainKeys(keys.encryption, now, {
        lifetime: longestGrantLifetime,
        create: createSecret,
      });
      const isSame = signing === keys.signing && encryption === keys.encryption;
      return isSame ? keys : { signing, encryption };
    },
  };
}

async function newKeyPair(id: string, activeFrom: number): Promise<HeldKeyPair> {
  const { privateKey } = await generateKeyPair(algorithm, { extractable: true });
  const { x = "", y = "", d = "" } = await exportJWK(privateKey);
  return heldKeyPair({
    kty: "EC",
    crv: "P-256",
    use: "sig",
    alg: algorithm,
    kid: id,
    x,
    y,
    d,
    activeFrom: new Date(activeFrom).toISOString(),
  });
}

/** @throws {Error} where the numbers are no point of the curve, or not of one key pair */
async function heldKeyPair(jwk: PrivateJwk): Promise<HeldKeyPair> {
  const { kid: id, activeFrom, d, ...publicJwk } = jwk;
  return {
    id,
    // An EC key is always imported as a CryptoKey; symmetric ones alone are bytes.
    privateKey: (await importJWK({ ...publicJwk, d }, algorithm)) as CryptoKey,
    publicKey: (await importJWK(publicJwk, algorithm)) as CryptoKey,
    jwk,
    activeFrom: Date.parse(activeFrom),
  };
}

function serialize({ signing, encryption }: HeldKeys): string {
  const document: z.input<typeof keySet> = {
    keys: [
      ...signing.map(({ jwk }) => jwk),
      ...encryption.map(({ id, secret, activeFrom }) => ({
        kty: "oct" as const,
        use: "enc" as const,
        kid: id,
        k: Buffer.from(secret).toString("base64url"),
        activeFrom: new Date(activeFrom).toISOString(),
      })),
    ],
  };
  return JSON.stringify(document);
}

async function parse(text: string): Promise<Result<HeldKeys, string>> {
  const document = parseJson(text);
  if (document === undefined) return failure("not JSON");
  const parsed = keySet.safeParse(document);
  if (!parsed.success) {
    return failure(parsed.error.issues.map((issue) => issue.path.join(".")).join(" "));
  }
  const pairs: HeldKeyPair[] = [];
  const secrets: HeldSecret[] = [];
  for (const [index, key] of parsed.data.keys.entries()) {
    if (key.kty === "oct") {
      const { kid: id, k, activeFrom } = key;
      const secret = Buffer.from(k, "base64url");
      secrets.push({ id, secret, activeFrom: Date.parse(activeFrom) });
      continue;
    }
    const pair = await heldKeyPair(key).catch(() => undefined);
    if (!pair) return failure(`keys.${index}`);
    pairs.push(pair);
  }
  const signing = seriesOf(pairs);
  const encryption = seriesOf(secrets);
  return signing && encryption ? success({ signing, encryption }) : failure("keys");
}

/** The keys, the oldest first; undefined where there are none. */
function seriesOf<Key extends RotatedKey>(keys: readonly Key[]): KeySeries<Key> | undefined {
  const [oldest, ...younger] = keys.toSorted((one, other) => one.activeFrom - other.activeFrom);
  return oldest && [oldest, ...younger];
}
