import { createCipheriv, createDecipheriv, hkdfSync } from "node:crypto";
import type { RandomBytes } from "../../keys/signing-key.ts";
import type { EncryptionKey } from "../keys/gateway-keys.ts";
import type { GrantReference } from "./grant-record.ts";

/** Which grant something belongs to. All that is sealed is bound to it. */
export interface GrantIdentity extends GrantReference {
  /** `client_id`, to the letter. */
  readonly clientId: string;
}

/** What is sealed, so that nothing sealed for one purpose opens as another. */
export type SealPurpose =
  /** The grant's data key, for the holder of a token of this kind. */
  | "authorization code"
  | "refresh token"
  | "access token"
  /** The refresh token that replaced another, for the holder of that one. */
  | "successor"
  /** Entra's tokens, under the data key. */
  | "upstream tokens";

/** What it takes to open something: the token's secret, which is stored nowhere, and the server's key. */
export interface TokenLock {
  readonly purpose: Exclude<SealPurpose, "upstream tokens">;
  /** 32 random bytes that stand in the token alone. */
  readonly tokenSecret: Uint8Array;
  readonly key: EncryptionKey;
  readonly grant: GrantIdentity;
}

const keyBytes = 32;
/** RFC 5116 section 5.1; at random, for far fewer than 2^32 messages of one key. */
const nonceBytes = 12;
const tagBytes = 16;

/** The key that seals Entra's tokens of one grant. It is stored wrapped alone. */
export function createDataKey(randomBytes: RandomBytes): Uint8Array {
  return randomBytes(keyBytes);
}

/** Seals `content` for whoever holds the token, on a server that has the key. */
export function lock(content: Uint8Array, by: TokenLock, randomBytes: RandomBytes): string {
  return seal(content, keyOf(by), by.purpose, by.grant, randomBytes);
}

/** Undefined for what this token and key did not lock, for this purpose and grant. */
export function unlock(sealed: string, by: TokenLock): Uint8Array | undefined {
  return open(sealed, keyOf(by), by.purpose, by.grant);
}

/** HKDF (RFC 5869): neither the token nor the server's key yields it alone. */
function keyOf({ purpose, tokenSecret, key, grant }: TokenLock): Uint8Array {
  const info = identifiers(purpose, grant);
  return new Uint8Array(hkdfSync("sha256", tokenSecret, key.secret, info, keyBytes));
}

/** AES-256-GCM, as base64url of nonce, ciphertext and authentication tag. */
export function seal(
  content: Uint8Array,
  key: Uint8Array,
  purpose: SealPurpose,
  grant: GrantIdentity,
  randomBytes: RandomBytes,
): string {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv("aes-256-gcm", key, nonce, { authTagLength: tagBytes });
  cipher.setAAD(identifiers(purpose, grant));
  const sealed = [nonce, cipher.update(content), cipher.final(), cipher.getAuthTag()];
  return Buffer.concat(sealed).toString("base64url");
}

/** What was sealed; undefined where key, purpose or grant are others, or anything was changed. */
export function open(
  sealed: string,
  key: Uint8Array,
  purpose: SealPurpose,
  grant: GrantIdentity,
): Uint8Array | undefined {
  const bytes = Buffer.from(sealed, "base64url");
  if (bytes.length < nonceBytes + tagBytes) return undefined;
  const nonce = bytes.subarray(0, nonceBytes);
  const decipher = createDecipheriv("aes-256-gcm", key, nonce, { authTagLength: tagBytes });
  decipher.setAAD(identifiers(purpose, grant));
  decipher.setAuthTag(bytes.subarray(-tagBytes));
  try {
    return Buffer.concat([
      decipher.update(bytes.subarray(nonceBytes, -tagBytes)),
      decipher.final(),
    ]);
  } catch {
    return undefined;
  }
}

/** JSON keeps the parts apart, whatever a client calls itself. */
function identifiers(purpose: SealPurpose, { objectId, grantId, clientId }: GrantIdentity): Buffer {
  return Buffer.from(JSON.stringify(["gateway", purpose, objectId, grantId, clientId]));
}
