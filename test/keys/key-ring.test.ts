import { createHmac, randomBytes } from "node:crypto";
import { decodeJwt, decodeProtectedHeader, SignJWT } from "jose";
import { describe, expect, it } from "vitest";
import { maximumTokenLifetime } from "../../src/keys/rotation.ts";
import { verifies } from "../requirements.ts";
import { value } from "../support/value.ts";
import { FakeClock } from "./fake-clock.ts";
import { MemoryKeyStorage } from "./memory-key-storage.ts";
import { type LogLine, testKeyRing } from "./test-key-ring.ts";

const subject = "tenant/person";
const claims = { position: "p", nested: { list: [1, 2] } };
const registered = { aud: "cursor", sub: subject, exp: 9_999_999_999 };

function setUp() {
  const clock = new FakeClock();
  const storage = new MemoryKeyStorage();
  const lines: LogLine[] = [];
  const ring = testKeyRing({ clock, storage, lines });
  const sign = async (purpose = "cursor", lifetime = 3_600_000) =>
    value(await ring.sign(purpose, claims, { subject, expiresAt: clock.now() + lifetime }));
  const problem = async (token: string, purpose = "cursor", by = subject) => {
    const verified = await ring.verify(purpose, token, { subject: by });
    if (verified.ok) throw new Error("The token was accepted.");
    return verified.reason;
  };
  /** A token that this ring's own key signed, whatever stands in it. */
  const forge = async (payload: object, header: object = {}) => {
    await sign();
    const { kid, k } = JSON.parse(storage.stored?.text ?? "").keys[0];
    const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString("base64url");
    const input = `${encode({ alg: "HS256", kid, ...header })}.${encode(payload)}`;
    const secret = Buffer.from(k, "base64url");
    return `${input}.${createHmac("sha256", secret).update(input).digest("base64url")}`;
  };
  return { clock, storage, lines, ring, sign, problem, forge };
}

describe("signing and verifying", () => {
  it(verifies("keys.purpose", "gives back claims for the same purpose and subject"), async () => {
    const { ring, sign } = setUp();
    const verified = await ring.verify("cursor", await sign(), { subject });
    expect(verified).toEqual({ ok: true, value: claims });
  });

  it(verifies("keys.purpose", "signs a JWT that names key, audience and subject"), async () => {
    const { clock, storage, sign } = setUp();
    const token = await sign("cursor", 60_000);
    expect(decodeProtectedHeader(token)).toEqual({ alg: "HS256", kid: storage.keyIds()[0] });
    expect(decodeJwt(token)).toEqual({
      aud: "cursor",
      sub: subject,
      exp: clock.now() / 1000 + 60,
      claims,
    });
  });

  it(verifies("keys.purpose", "refuses a token of another purpose or subject"), async () => {
    const { sign, problem } = setUp();
    const token = await sign("cursor");
    const wrongPurpose = { kind: "wrong-purpose", expected: "approval" };
    expect(await problem(token, "approval")).toEqual(wrongPurpose);
    expect(await problem(token, "cursor", "tenant/other")).toEqual({ kind: "wrong-subject" });
  });

  it(verifies("keys.purpose", "lets no claim pass for a registered one"), async () => {
    const { ring, clock, problem } = setUp();
    const passing = { aud: "approval", sub: "tenant/other", exp: 9_999_999_999 };
    const options = { subject, expiresAt: clock.now() + 1000 };
    const token = value(await ring.sign("cursor", passing, options));
    expect((await problem(token, "approval")).kind).toBe("wrong-purpose");
    expect((await problem(token, "cursor", "tenant/other")).kind).toBe("wrong-subject");
    clock.advance(1000);
    expect((await problem(token)).kind).toBe("expired");
  });

  it(verifies("keys.expiry", "refuses a token from the moment it expires"), async () => {
    const { clock, ring, sign, problem } = setUp();
    const token = await sign("cursor", 60_000);
    clock.advance(59_999);
    expect((await ring.verify("cursor", token, { subject })).ok).toBe(true);
    clock.advance(1);
    expect(await problem(token)).toEqual({ kind: "expired" });
  });

  it(verifies("keys.expiry", "signs nothing that outlives the keys or is over"), async () => {
    const { sign } = setUp();
    await expect(sign("cursor", maximumTokenLifetime)).resolves.toEqual(expect.any(String));
    for (const lifetime of [maximumTokenLifetime + 1, 0, -1]) {
      await expect(sign("cursor", lifetime)).rejects.toThrow(RangeError);
    }
  });

  it(verifies("keys.algorithm", "refuses a changed payload and a changed signature"), async () => {
    const { sign, problem } = setUp();
    const [header, payload = "", signature = ""] = (await sign()).split(".");
    const changed = Buffer.from(payload, "base64url").toString().replace("cursor", "approval");
    const other = Buffer.from(changed).toString("base64url");
    const bad = { kind: "bad-signature" };
    expect(await problem(`${header}.${other}.${signature}`, "approval")).toEqual(bad);
    const reversed = signature.split("").reverse().join("");
    expect(await problem(`${header}.${payload}.${reversed}`)).toEqual(bad);
    expect(await problem(`${header}.${payload}.`)).toEqual(bad);
  });

  it(verifies("keys.canonical", "accepts one text of a signature alone"), async () => {
    const { sign, problem } = setUp();
    const token = await sign();
    const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    // Four bits of the last of 43 characters are of the hash's 32 bytes, two are left over.
    const last = alphabet.indexOf(token.at(-1) ?? "");
    const endings = [1, 2, 3].map((bits) => alphabet[last ^ bits] ?? "");
    const texts = endings.map((ending) => token.slice(0, -1) + ending);
    texts.push(`${token}=`, `${token} `, `${token}\n`, ` ${token}`, `${token}A`);
    for (const text of texts) {
      expect((await problem(text)).kind, text.slice(-3)).toMatch(/^(bad-signature|malformed)$/);
    }
    expect((await problem(texts[0] ?? "")).kind).toBe("bad-signature");
  });

  it(verifies("keys.algorithm", "accepts HS256 alone"), async () => {
    const { forge, problem, storage } = setUp();
    const payload = { ...registered, claims };
    for (const alg of ["none", "HS512", "RS256", "hs256", undefined]) {
      expect(await problem(await forge(payload, { alg })), String(alg)).toEqual({
        kind: "unsupported-algorithm",
        expected: "HS256",
      });
    }
    const { kid } = JSON.parse(storage.stored?.text ?? "").keys[0];
    const unsigned = [{ alg: "none", kid }, payload]
      .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
      .join(".");
    expect((await problem(`${unsigned}.`)).kind).toBe("unsupported-algorithm");
  });

  const good = { ...registered, claims };
  it.each<[string, object, object]>([
    [verifies("keys.expiry", "that never expires"), { ...good, exp: undefined }, {}],
    [verifies("keys.algorithm", "with a critical header"), good, { crit: ["x"], x: 1 }],
    [verifies("keys.algorithm", "with b64"), good, { crit: ["b64"], b64: false }],
    ["without a key id", good, { kid: undefined }],
    ["without claims", registered, {}],
  ])("refuses a token %s", async (_what, payload, header) => {
    const { forge, problem } = setUp();
    expect(await problem(await forge(payload, header))).toEqual({ kind: "malformed" });
  });

  it("refuses what is no token", async () => {
    const { sign, problem } = setUp();
    await sign();
    for (const text of ["", "a", "a.b.c", "..", "e30.e30.e30", "x".repeat(10_000)]) {
      expect((await problem(text)).kind, text.slice(0, 20)).toMatch(
        /^(malformed|unsupported-algorithm)$/,
      );
    }
  });

  it(verifies("keys.unknown-reread", "refuses a token of a key that nobody has"), async () => {
    const { sign, problem } = setUp();
    await sign();
    const stranger = await new SignJWT({ claims })
      .setProtectedHeader({ alg: "HS256", kid: "stranger" })
      .setAudience("cursor")
      .setSubject(subject)
      .setExpirationTime("1h")
      .sign(randomBytes(32));
    expect(await problem(stranger)).toEqual({ kind: "unknown-key" });
  });

  it(verifies("keys.strength", "makes keys of 32 random bytes"), async () => {
    const asked: number[] = [];
    const storage = new MemoryKeyStorage();
    const clock = new FakeClock();
    const noting = (size: number) => {
      asked.push(size);
      return randomBytes(size);
    };
    const ring = testKeyRing({ storage, clock, randomBytes: noting });
    await ring.sign("cursor", {}, { subject, expiresAt: clock.now() + 1000 });
    expect(asked).toContain(32);
    const [key] = JSON.parse(storage.stored?.text ?? "").keys;
    expect(key).toMatchObject({ kty: "oct", alg: "HS256", use: "sig" });
    expect(Buffer.from(key.k, "base64url")).toHaveLength(32);
  });
});
