import { createHmac, hkdfSync, timingSafeEqual } from "node:crypto";
import { isCanonicalBase64url, sha256 } from "../../core/encoding.ts";
import type { RandomBytes } from "../../keys/signing-key.ts";
import type { GrantReference } from "../grants/grant-record.ts";
import type { EncryptionKey } from "../keys/gateway-keys.ts";

/** Authorization codes and refresh tokens: texts that say nothing to whoever holds them. */
export type OpaqueKind = "code" | "refresh";

/** A code or refresh token, as it was made or came back. */
export interface OpaqueToken extends GrantReference {
  readonly kind: OpaqueKind;
  /** What the client holds. */
  readonly text: string;
  /** Opens, with the server's key, what is sealed for this token. */
  readonly secret: Uint8Array;
}

/** Tells the kinds apart, and both from other secrets where one is found in a log or a repository. */
const prefixes: Readonly<Record<OpaqueKind, string>> = { code: "gwc_", refresh: "gwr_" };

/*
 * A token is its prefix and base64url (RFC 4648 section 5) of
 *
 *   object id 16 | grant id 16 | secret 32 | tag 16
 *
 * The tag is HMAC with SHA-256 (RFC 2104), truncated to 128 bits, over the kind and all that stands before
 * it. It tells a genuine token that is no longer good, which ends its grant, from an invented one, with
 * which anybody could end anybody's.
 */
const idBytes = 16;
const secretAt = 2 * idBytes;
const tagAt = secretAt + 32;
const length = tagAt + 16;

export function createOpaqueToken(
  kind: OpaqueKind,
  { objectId, grantId }: GrantReference,
  key: EncryptionKey,
  randomBytes: RandomBytes,
): OpaqueToken {
  const secret = randomBytes(tagAt - secretAt);
  const ids = Buffer.from(objectId.replaceAll("-", "") + grantId, "hex");
  const body = Buffer.concat([ids, secret]);
  const token = Buffer.concat([body, tagOf(kind, body, key)]);
  const text = prefixes[kind] + token.toString("base64url");
  return { kind, text, objectId, grantId, secret };
}

/** What has the form of a token of that kind. Nothing in it is to be relied on before {@link isGenuine}. */
export function readOpaqueToken(kind: OpaqueKind, text: string): OpaqueToken | undefined {
  if (!text.startsWith(prefixes[kind])) return undefined;
  const written = text.slice(prefixes[kind].length);
  const bytes = Buffer.from(written, "base64url");
  if (bytes.length !== length || !isCanonicalBase64url(written)) return undefined;
  return {
    kind,
    text,
    objectId: guidOf(bytes.subarray(0, idBytes)),
    grantId: bytes.subarray(idBytes, secretAt).toString("hex"),
    secret: Uint8Array.from(bytes.subarray(secretAt, tagAt)),
  };
}

/** Whether this server made the token with the key, however long ago. */
export function isGenuine({ kind, text }: OpaqueToken, key: EncryptionKey): boolean {
  const bytes = Buffer.from(text.slice(prefixes[kind].length), "base64url");
  return timingSafeEqual(tagOf(kind, bytes.subarray(0, tagAt), key), bytes.subarray(tagAt));
}

/** What the store knows a token by. The token is random: nothing that is tried out yields it. */
export function hashOf({ text }: OpaqueToken): string {
  return sha256(text);
}

function tagOf(kind: OpaqueKind, body: Uint8Array, key: EncryptionKey): Buffer {
  const tagKey = hkdfSync("sha256", key.secret, "", "gateway token tag", 32);
  const tag = createHmac("sha256", new Uint8Array(tagKey)).update(`${kind} `).update(body).digest();
  return tag.subarray(0, length - tagAt);
}

function guidOf(bytes: Buffer): string {
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
