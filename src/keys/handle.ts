import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { isCanonicalBase64url } from "../core/encoding.ts";
import type { SigningKey } from "./signing-key.ts";

/** What handles of one kind are for, and what each is bound to. */
export interface HandleKind<Name extends string> {
  /** A handle for one purpose is none for another. */
  readonly purpose: string;
  /**
   * What a handle of the kind is bound to, by name, and how many bytes of it to tell afterwards which
   * of them differs. Whether one differs is decided by the authentication code, whatever the number.
   */
  readonly bound: Readonly<Record<Name, number>>;
}

/** The values that a handle is bound to; one that is absent is bound to be absent. */
export type BoundValues<Name extends string> = { readonly [name in Name]?: string | undefined };

/**
 * The longest handle, in characters: models copy them, which costs tokens, and goes wrong the more
 * often the longer they are.
 */
export const longestHandle = 99;

/*
 * A handle is base64url (RFC 4648 section 5) of
 *
 *   version 1 | key 3 | expiry 4 | purpose 2 | one fingerprint for each bound value | payload
 *   | code 16 | check 4
 *
 * The code is HMAC with SHA-256 (RFC 2104), truncated to 128 bits, over all that stands before it, the
 * purpose and the bound values in full. Nothing but the code makes a handle good. Key, purpose and
 * fingerprints are beginnings of SHA-256 digests, and the check is a shorter code over what stands
 * before it alone: they serve to say why a handle is refused.
 */
const version = 1;
const keyAt = 1;
const expiryAt = 4;
const purposeAt = 8;
const fingerprintsAt = 10;
const codeBytes = 16;
const checkBytes = 4;
const tagBytes = codeBytes + checkBytes;

/** @throws {RangeError} where the handle would be longer than {@link longestHandle} */
export function writeHandle<Name extends string>(
  kind: HandleKind<Name>,
  payload: Uint8Array,
  values: BoundValues<Name>,
  expiresAt: number,
  key: SigningKey,
): string {
  const head = Buffer.alloc(fingerprintsAt);
  head.writeUInt8(version, 0);
  keyFingerprint(key.id).copy(head, keyAt);
  head.writeUInt32BE(Math.floor(expiresAt / 1000), expiryAt);
  purposeFingerprint(kind).copy(head, purposeAt);
  const fingerprints = namesOf(kind).map((name) => fingerprint(kind, name, values[name]));
  const body = Buffer.concat([head, ...fingerprints, payload]);
  const coded = Buffer.concat([body, codeOf(body, kind, values, key)]);
  const handle = Buffer.concat([coded, checkOf(coded, key)]).toString("base64url");
  if (handle.length > longestHandle) {
    throw new RangeError(`A handle for ${kind.purpose} has ${handle.length} characters.`);
  }
  return handle;
}

/** A handle as it came back. Nothing in it is to be relied on before {@link ReadHandle.isGood}. */
export class ReadHandle {
  readonly #bytes: Buffer;

  private constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /** Undefined for what has not the form of a handle, or another text for the same bytes. */
  static from(text: string): ReadHandle | undefined {
    if (text.length > longestHandle || !isCanonicalBase64url(text)) return undefined;
    const bytes = Buffer.from(text, "base64url");
    if (bytes.length < fingerprintsAt + tagBytes || bytes[0] !== version) return undefined;
    return new ReadHandle(bytes);
  }

  /** Milliseconds since the epoch. */
  get expiresAt(): number {
    return this.#bytes.readUInt32BE(expiryAt) * 1000;
  }

  /** Whether it names this key: perhaps not this key alone, since it holds a fingerprint. */
  names(keyId: string): boolean {
    return keyFingerprint(keyId).equals(this.#bytes.subarray(keyAt, expiryAt));
  }

  /** Whether it is as it was made with this key. 32 bits: enough to choose words by. */
  isUnchanged(key: SigningKey): boolean {
    const expected = checkOf(this.#bytes.subarray(0, -checkBytes), key);
    return timingSafeEqual(expected, this.#bytes.subarray(-checkBytes));
  }

  isOfKind(kind: HandleKind<string>): boolean {
    const named = this.#bytes.subarray(purposeAt, fingerprintsAt);
    return purposeFingerprint(kind).equals(named);
  }

  /** Whether this key made it, for this purpose and exactly these values. */
  isGood<Name extends string>(
    kind: HandleKind<Name>,
    values: BoundValues<Name>,
    key: SigningKey,
  ): boolean {
    const expected = codeOf(this.#bytes.subarray(0, -tagBytes), kind, values, key);
    const code = this.#bytes.subarray(-tagBytes, -checkBytes);
    return this.isUnchanged(key) && timingSafeEqual(expected, code);
  }

  /** The names of the values that differ from those it was made for, as far as fingerprints tell. */
  differing<Name extends string>(kind: HandleKind<Name>, values: BoundValues<Name>): Name[] {
    let at = fingerprintsAt;
    return namesOf(kind).filter((name) => {
      const own = this.#bytes.subarray(at, at + kind.bound[name]);
      at += kind.bound[name];
      return !fingerprint(kind, name, values[name]).equals(own);
    });
  }

  payload<Name extends string>(kind: HandleKind<Name>): Uint8Array {
    const fingerprints = namesOf(kind).reduce((sum, name) => sum + kind.bound[name], 0);
    return Uint8Array.from(this.#bytes.subarray(fingerprintsAt + fingerprints, -tagBytes));
  }
}

function namesOf<Name extends string>({ bound }: HandleKind<Name>): Name[] {
  return Object.keys(bound) as Name[];
}

function keyFingerprint(keyId: string): Buffer {
  return digest(["key", keyId]).subarray(0, expiryAt - keyAt);
}

/** Of the names and sizes too: a version with other ones has other handles. */
function purposeFingerprint({ purpose, bound }: HandleKind<string>): Buffer {
  const wanted = fingerprintsAt - purposeAt;
  return digest(["purpose", purpose, Object.entries(bound)]).subarray(0, wanted);
}

/** Zeros say that there is no value, so that this is never taken for one that differs. */
function fingerprint<Name extends string>(
  { bound }: HandleKind<Name>,
  name: Name,
  value: string | undefined,
): Buffer {
  if (value === undefined) return Buffer.alloc(bound[name]);
  const print = digest(["bound", name, value]).subarray(0, bound[name]);
  if (print.every((byte) => byte === 0)) print.fill(1);
  return print;
}

function checkOf(coded: Buffer, key: SigningKey): Buffer {
  return hmac(["handle check", coded.toString("base64url")], key).subarray(0, checkBytes);
}

function codeOf<Name extends string>(
  body: Buffer,
  kind: HandleKind<Name>,
  values: BoundValues<Name>,
  key: SigningKey,
): Buffer {
  const bound = namesOf(kind).map((name) => [name, kind.bound[name], values[name] ?? null]);
  const covered = ["handle", body.toString("base64url"), kind.purpose, bound];
  return hmac(covered, key).subarray(0, codeBytes);
}

/*
 * JSON keeps the parts apart whatever stands in them, and lone surrogates from each other. It begins
 * with a bracket, which no JSON Web Token does, that a key may have signed before.
 */
function hmac(parts: readonly unknown[], key: SigningKey): Buffer {
  return createHmac("sha256", key.secret).update(JSON.stringify(parts)).digest();
}

function digest(parts: readonly unknown[]): Buffer {
  return createHash("sha256").update(JSON.stringify(parts)).digest();
}
