import type { CryptoKey, JWK } from "jose";
import { type Result, success } from "../../core/result.ts";
import { activeKeyAt } from "../../keys/rotation.ts";
import type { RandomBytes } from "../../keys/signing-key.ts";
import { type KeyRingFailure, StoredKeys, type StoredKeysOptions } from "../../keys/stored-keys.ts";
import { gatewayKeyDocument } from "./key-document.ts";

/** Where the gateway's keys lie, in the container of the key ring. */
export const gatewayKeysBlob = "gateway-keys.json";

/** Signs access tokens with ES256 (RFC 7518 section 3.4). */
export interface TokenSigningKey {
  readonly id: string;
  readonly privateKey: CryptoKey;
}

/** A secret that tokens are made openable with: nobody opens a grant with a token alone. */
export interface EncryptionKey {
  /** A grant names it, and it is kept as long as any grant does. */
  readonly id: string;
  /** 32 bytes. */
  readonly secret: Uint8Array;
}

/**
 * The gateway's keys, which all instances share, in a document of their own: a server of an earlier
 * version goes on reading the key ring that it knows.
 */
export interface GatewayKeys {
  signingKey(): Promise<Result<TokenSigningKey, KeyRingFailure>>;
  /** The public key of that id, perhaps one that another instance has made meanwhile. */
  verificationKey(id: string): Promise<Result<CryptoKey | undefined, KeyRingFailure>>;
  /** What `jwks` shows: those to come and those whose tokens may still be valid too. */
  publicKeys(): Promise<Result<readonly JWK[], KeyRingFailure>>;
  /** For a new grant. */
  encryptionKey(): Promise<Result<EncryptionKey, KeyRingFailure>>;
  /** The one that a grant names. */
  encryptionKeyOf(id: string): Promise<Result<EncryptionKey | undefined, KeyRingFailure>>;
}

/**
 * Keys that all instances share through `options.storage`, made when they are first needed. Access
 * tokens are signed by a new one every 30 days, and grants begin with a new one as often; each is known
 * for an hour before.
 */
export function createGatewayKeys(
  options: StoredKeysOptions & { readonly randomBytes: RandomBytes },
): GatewayKeys {
  const keys = new StoredKeys(gatewayKeyDocument(options.randomBytes), options);

  return {
    async signingKey() {
      const known = await keys.all();
      if (!known.ok) return known;
      const { id, privateKey } = activeKeyAt(known.value.signing, options.now());
      return success({ id, privateKey });
    },

    async verificationKey(id) {
      const found = await keys.find(({ signing }) => signing.filter((key) => key.id === id));
      return found.ok ? success(found.value[0]?.publicKey) : found;
    },

    async publicKeys() {
      const known = await keys.all();
      if (!known.ok) return known;
      return success(
        known.value.signing.map(({ jwk }) => {
          const { kty, crv, x, y, use, alg, kid } = jwk;
          return { kty, crv, x, y, use, alg, kid };
        }),
      );
    },

    async encryptionKey() {
      const known = await keys.all();
      if (!known.ok) return known;
      const { id, secret } = activeKeyAt(known.value.encryption, options.now());
      return success({ id, secret });
    },

    async encryptionKeyOf(id) {
      const found = await keys.find(({ encryption }) => encryption.filter((key) => key.id === id));
      if (!found.ok) return found;
      const [key] = found.value;
      return success(key && { id, secret: key.secret });
    },
  };
}
