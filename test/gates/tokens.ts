import { CompactSign, type CryptoKey, exportJWK, generateKeyPair } from "jose";

/** The expectations that the tests' verifier is configured with. */
export const tenantId = "11111111-2222-3333-4444-555555555555";
export const clientId = "66666666-7777-8888-9999-aaaaaaaaaaaa";
export const issuer = `https://login.example/${tenantId}/v2.0`;
/** 2026-01-01T12:00:00Z in seconds. */
export const nowSeconds = 1_767_268_800;

export interface SigningKey {
  readonly keyId: string;
  readonly privateKey: CryptoKey;
  readonly publicKey: CryptoKey;
}

export async function makeSigningKey(keyId: string): Promise<SigningKey> {
  return { keyId, ...(await generateKeyPair("RS256", { extractable: true })) };
}

/** The key set document with the public halves of `keys`. */
export async function keySetDocument(keys: readonly SigningKey[]): Promise<unknown> {
  const entries = keys.map(async ({ keyId, publicKey }) => ({
    ...(await exportJWK(publicKey)),
    kid: keyId,
    use: "sig",
  }));
  return { keys: await Promise.all(entries) };
}

/** The claims of a good token; `undefined` leaves a claim out. */
export function claimsWith(changes: Readonly<Record<string, unknown>> = {}) {
  return {
    iss: issuer,
    aud: clientId,
    ver: "2.0",
    tid: tenantId,
    oid: "aaaaaaaa-0000-4000-8000-000000000001",
    sub: "pairwise-subject",
    azp: "bbbbbbbb-0000-4000-8000-000000000002",
    azpacr: "0",
    scp: "user_impersonation",
    iat: nowSeconds - 60,
    nbf: nowSeconds - 60,
    exp: nowSeconds + 3600,
    preferred_username: "user1@contoso.example",
    ...changes,
  };
}

/** A compact JWS over any payload and header, so that every kind of bad token can be made. */
export async function sign(
  key: SigningKey,
  payload: unknown,
  header: Readonly<Record<string, unknown>> = {},
): Promise<string> {
  const bytes = new TextEncoder().encode(
    typeof payload === "string" ? payload : JSON.stringify(payload),
  );
  return new CompactSign(bytes)
    .setProtectedHeader({ alg: "RS256", typ: "JWT", kid: key.keyId, ...header })
    .sign(key.privateKey);
}

export function base64url(value: unknown): string {
  return Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString(
    "base64url",
  );
}
