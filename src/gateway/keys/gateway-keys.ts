import type { CryptoKey, JWK } from "jose";
import type { Result } from "../../core/result.ts";
import type { KeyRingFailure } from "../../keys/stored-keys.ts";

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
