import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  createDataKey,
  lock,
  open,
  type SealPurpose,
  seal,
  type TokenLock,
  unlock,
} from "../../../src/gateway/grants/sealing.ts";
import { openUpstream, sealUpstream } from "../../../src/gateway/grants/upstream-tokens.ts";
import { verifies } from "../../requirements.ts";

const grant = {
  objectId: "aaaaaaaa-0000-4000-8000-000000000001",
  grantId: "0123456789abcdef0123456789abcdef",
  clientId: "https://client.example/client.json",
};
const key = createDataKey(randomBytes);
const content = new TextEncoder().encode("what nobody else may read");

const others = [
  ["another person", { ...grant, objectId: "aaaaaaaa-0000-4000-8000-000000000002" }],
  ["another grant", { ...grant, grantId: "0123456789abcdef0123456789abcdee" }],
  ["another client", { ...grant, clientId: "https://client.example/other.json" }],
  // Joined without a mark between them, these would be the same text.
  ["parts that are cut elsewhere", { ...grant, grantId: "0", clientId: "123456789abcdef" }],
] as const;

describe("what is sealed", () => {
  it(verifies("gateway.sealed", "opens as it was"), () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 5000 }), (any) => {
        const sealed = seal(any, key, "upstream tokens", grant, randomBytes);
        expect(new Uint8Array(open(sealed, key, "upstream tokens", grant) ?? [])).toEqual(any);
      }),
    );
  });

  it(verifies("gateway.sealed", "does not open with any one bit changed, or cut off"), () => {
    const bytes = Buffer.from(seal(content, key, "successor", grant, randomBytes), "base64url");
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const changed = Buffer.from(bytes);
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(open(changed.toString("base64url"), key, "successor", grant)).toBeUndefined();
    }
    for (let length = 0; length < bytes.length; length += 1) {
      const cut = bytes.subarray(0, length).toString("base64url");
      expect(open(cut, key, "successor", grant)).toBeUndefined();
    }
  });

  it(verifies("gateway.sealed", "does not open with another key"), () => {
    const sealed = seal(content, key, "successor", grant, randomBytes);
    expect(open(sealed, createDataKey(randomBytes), "successor", grant)).toBeUndefined();
  });

  it.each(others)(verifies("gateway.sealed", "does not open for %s"), (_who, other) => {
    const sealed = seal(content, key, "successor", grant, randomBytes);
    expect(open(sealed, key, "successor", other)).toBeUndefined();
  });

  it(verifies("gateway.sealed", "does not open for another purpose"), () => {
    const purposes: SealPurpose[] = [
      "authorization code",
      "refresh token",
      "access token",
      "successor",
      "upstream tokens",
    ];
    for (const purpose of purposes) {
      const sealed = seal(content, key, purpose, grant, randomBytes);
      const opening = purposes.filter((other) => open(sealed, key, other, grant));
      expect(opening).toEqual([purpose]);
    }
  });

  it(verifies("gateway.sealed", "never looks the same twice"), () => {
    const nonces = Array.from({ length: 100 }, () =>
      seal(content, key, "successor", grant, randomBytes).slice(0, 16),
    );
    expect(new Set(nonces).size).toBe(nonces.length);
  });

  it(verifies("gateway.sealed", "may be Entra's tokens, and shows nothing of them"), () => {
    const tokens = { accessToken: "entra-access-token", refreshToken: "entra-refresh-token" };
    const sealed = sealUpstream(tokens, key, grant, randomBytes);
    expect(Buffer.from(sealed, "base64url").toString("latin1")).not.toContain("entra");
    expect(openUpstream(sealed, key, grant)).toEqual(tokens);
    expect(openUpstream(sealed, createDataKey(randomBytes), grant)).toBeUndefined();
  });
});

describe("what is locked for a token", () => {
  const by: TokenLock = {
    purpose: "refresh token",
    tokenSecret: randomBytes(32),
    key: { id: "key-1", secret: randomBytes(32) },
    grant,
  };
  const locked = lock(content, by, randomBytes);

  it(verifies("gateway.locked", "opens with the token and the server's key"), () => {
    expect(new Uint8Array(unlock(locked, by) ?? [])).toEqual(content);
  });

  it.each<[string, Partial<TokenLock>]>([
    ["another token", { tokenSecret: randomBytes(32) }],
    ["another server's key", { key: { id: "key-1", secret: randomBytes(32) } }],
    ["another purpose", { purpose: "access token" }],
    ["another person's grant", { grant: others[0][1] }],
    ["another client's grant", { grant: others[2][1] }],
  ])(verifies("gateway.locked", "does not open with %s"), (_other, change) => {
    expect(unlock(locked, { ...by, ...change })).toBeUndefined();
  });

  it(
    verifies("gateway.locked", "does not open with the server's key or the token's secret as key"),
    () => {
      for (const secret of [by.key.secret, by.tokenSecret]) {
        expect(open(locked, secret, by.purpose, grant)).toBeUndefined();
      }
    },
  );
});
