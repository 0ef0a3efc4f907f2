import { constants, type KeyObject, sign } from "node:crypto";
import type { JsonObject } from "../../src/core/encoding.ts";
import { asObject, parseObject } from "./exchange.ts";

export type Claims = JsonObject;
export type JwtHeader = JsonObject;

/** A compact JWS, taken apart and not verified. */
export interface DecodedJwt {
  readonly header: JwtHeader;
  readonly claims: Claims;
  readonly signature: string;
}

/** @returns nothing where `token` is no JWT: an opaque token, or an encrypted one */
export function decodeJwt(token: string): DecodedJwt | undefined {
  const [header, claims, signature, ...rest] = token.split(".");
  if (signature === undefined || rest.length > 0) return undefined;
  const decoded = { header: decodePart(header), claims: decodePart(claims) };
  if (!decoded.header || !decoded.claims) return undefined;
  return { header: decoded.header, claims: decoded.claims, signature };
}

function decodePart(part = ""): JsonObject | undefined {
  return parseObject(Buffer.from(part, "base64url").toString("utf8"));
}

export function base64url(value: unknown): string {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return Buffer.from(text).toString("base64url");
}

/**
 * A compact JWS (RFC 7515 section 3.1) over any header and payload at all. Libraries refuse to make
 * most of what the checks need, so this is made by hand.
 */
export function assemble(header: unknown, payload: unknown, signature = ""): string {
  return `${base64url(header)}.${base64url(payload)}.${signature}`;
}

/** @param header its `alg` says how to sign */
export function signJwt(key: KeyObject, header: JwtHeader, payload: unknown): string {
  const input = `${base64url(header)}.${base64url(payload)}`;
  return `${input}.${signInput(key, String(header.alg), input)}`;
}

function signInput(key: KeyObject, algorithm: string, input: string): string {
  const bits = algorithm.slice(-3);
  const digest = algorithm === "EdDSA" || algorithm === "Ed25519" ? null : `sha${bits}`;
  return sign(digest, Buffer.from(input), {
    key,
    dsaEncoding: "ieee-p1363",
    ...(algorithm.startsWith("PS")
      ? { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }
      : {}),
  }).toString("base64url");
}

/** What the token's `scp` (Entra) or `scope` (RFC 9068) claim is called; nothing where it has none. */
export function scopeClaimOf(claims: Claims): "scp" | "scope" | undefined {
  if (claims.scp !== undefined) return "scp";
  return claims.scope === undefined ? undefined : "scope";
}

/** The keys of a key set document (RFC 7517 section 5) that say their type. */
export function keysOf(document: JsonObject | undefined) {
  const keys = Array.isArray(document?.keys) ? document.keys : [];
  return keys
    .map((key: unknown) => asObject(key))
    .filter((key) => typeof key?.kty === "string")
    .filter((key) => key !== undefined);
}
