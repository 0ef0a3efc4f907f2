import { randomBytes } from "node:crypto";
import { SignJWT } from "jose";
import { describe, expect, it } from "vitest";
import { longestHandle, ReadHandle } from "../../src/keys/handle.ts";
import type { HandleKind } from "../../src/keys/key-ring.ts";
import { longestLifetime } from "../../src/keys/rotation.ts";
import { refreshInterval } from "../../src/keys/stored-keys.ts";
import { verifies } from "../requirements.ts";
import { value } from "../support/value.ts";
import { FakeClock } from "./fake-clock.ts";
import { MemoryKeyStorage } from "./memory-key-storage.ts";
import { type LogLine, testKeyRing } from "./test-key-ring.ts";

type Name = "owner" | "from" | "to";

const cursor: HandleKind<Name> = { purpose: "cursor", bound: { owner: 4, from: 1, to: 1 } };
const values = { owner: "tenant/person", from: "2026-01-01" };
const payload = Uint8Array.of(0, 1, 254, 255);

function setUp() {
  const clock = new FakeClock();
  const storage = new MemoryKeyStorage();
  const lines: LogLine[] = [];
  const ring = testKeyRing({ clock, storage, lines });
  const seal = async (kind = cursor, lifetime = 3_600_000) =>
    value(await ring.seal(kind, payload, values, clock.now() + lifetime));
  const problem = async (handle: string, kind = cursor, by: object = values) => {
    const opened = await ring.open(kind, handle, by);
    if (opened.ok) throw new Error("The handle was accepted.");
    return opened.reason;
  };
  return { clock, storage, lines, ring, seal, problem };
}

describe("sealing and opening", () => {
  it(verifies("keys.purpose", "gives back the payload for the same values"), async () => {
    const { ring, seal } = setUp();
    expect(await ring.open(cursor, await seal(), values)).toEqual({ ok: true, value: payload });
  });

  it(verifies("keys.purpose", "says which values differ, one that is absent too"), async () => {
    const { seal, problem } = setUp();
    const handle = await seal();
    for (const [changes, names] of [
      [{ owner: "tenant/other" }, ["owner"]],
      [{ from: "2026-01-02" }, ["from"]],
      [{ from: undefined }, ["from"]],
      [{ from: "" }, ["from"]],
      [{ to: "" }, ["to"]],
      [{ from: undefined, to: "2026-01-01" }, ["from", "to"]],
    ] as const) {
      const by = { ...values, ...changes };
      expect(await problem(handle, cursor, by)).toEqual({ kind: "differs", names });
    }
  });

  it(verifies("keys.purpose", "refuses a handle for another purpose or other names"), async () => {
    const { seal, problem } = setUp();
    const handle = await seal();
    for (const other of [
      { ...cursor, purpose: "approval" },
      { ...cursor, bound: { owner: 4, from: 1, to: 2 } },
      { ...cursor, bound: { from: 1, owner: 4, to: 1 } },
    ]) {
      expect(await problem(handle, other)).toEqual({ kind: "wrong-purpose" });
    }
  });

  it(verifies("keys.expiry", "refuses a handle from the moment it expires"), async () => {
    const { clock, ring, seal, problem } = setUp();
    const handle = await seal(cursor, 60_000);
    clock.advance(59_999);
    expect((await ring.open(cursor, handle, values)).ok).toBe(true);
    clock.advance(1);
    expect(await problem(handle)).toEqual({ kind: "expired" });
  });

  it(verifies("keys.expiry", "makes nothing that outlives the keys or is over"), async () => {
    const { seal } = setUp();
    await expect(seal(cursor, longestLifetime)).resolves.toEqual(expect.any(String));
    for (const lifetime of [longestLifetime + 1, 0, -1]) {
      await expect(seal(cursor, lifetime)).rejects.toThrow(RangeError);
    }
  });

  it(verifies("keys.unknown-reread", "refuses a handle of a key that nobody has"), async () => {
    const { seal, problem } = setUp();
    await seal();
    expect(await problem(await setUp().seal())).toEqual({ kind: "unknown-key" });
  });

  it(verifies("keys.old-kept", "tries each key that a handle may mean"), async () => {
    const { clock, ring, storage, seal, problem } = setUp();
    // The fingerprints of these two are the same.
    const [older, younger] = ["key-2069", "key-2591"].map((kid, index) => ({
      kty: "oct",
      use: "sig",
      alg: "HS256",
      kid,
      k: randomBytes(32).toString("base64url"),
      activeFrom: new Date(clock.now() + index * refreshInterval).toISOString(),
    }));
    storage.put(JSON.stringify({ keys: [older, younger] }));
    const early = await seal();
    clock.advance(refreshInterval);
    const late = await seal();
    const handle = ReadHandle.from(late);
    expect([older, younger].map((key) => handle?.names(String(key?.kid)))).toEqual([true, true]);
    for (const one of [early, late]) {
      expect(await ring.open(cursor, one, values)).toEqual({ ok: true, value: payload });
    }
    storage.put(JSON.stringify({ keys: [younger] }));
    clock.advance(refreshInterval);
    expect(await problem(early)).toEqual({ kind: "changed" });
    expect((await ring.open(cursor, late, values)).ok).toBe(true);
  });

  it("tells of what is a handle, whatever it is bound to, that nothing is wrong", async () => {
    const { clock, ring, seal } = setUp();
    const handle = await seal(cursor, 1000);
    expect(await ring.problemWith(cursor, handle)).toBeUndefined();
    expect(await ring.problemWith(cursor, `${handle}A`)).toBeDefined();
    expect(await ring.problemWith({ ...cursor, purpose: "approval" }, handle)).toEqual({
      kind: "wrong-purpose",
    });
    clock.advance(1000);
    expect(await ring.problemWith(cursor, handle)).toEqual({ kind: "expired" });
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
    await ring.seal(cursor, payload, values, clock.now() + 1000);
    expect(asked).toContain(32);
    const [key] = JSON.parse(storage.stored?.text ?? "").keys;
    expect(key).toMatchObject({ kty: "oct", alg: "HS256", use: "sig" });
    expect(Buffer.from(key.k, "base64url")).toHaveLength(32);
  });
});

describe("what is no handle", () => {
  it("is malformed", async () => {
    const { seal, problem } = setUp();
    const handle = await seal();
    const longer = handle + "A".repeat(longestHandle - handle.length + 1);
    for (const text of ["", "a", "a.b.c", "..", "e30.e30.e30", "AQ", "x".repeat(10_000), longer]) {
      expect(await problem(text), text.slice(0, 20)).toEqual({ kind: "malformed" });
    }
  });

  /** What the version before handles gave out. */
  async function earlierToken(kid: string, secret: Uint8Array) {
    return new SignJWT({ claims: { position: "p" } })
      .setProtectedHeader({ alg: "HS256", kid })
      .setAudience("cursor")
      .setSubject(values.owner)
      .setExpirationTime("1h")
      .sign(secret);
  }

  it(verifies("keys.earlier-version", "is told apart where that version signed it"), async () => {
    const { storage, seal, problem } = setUp();
    await seal();
    const { kid, k } = JSON.parse(storage.stored?.text ?? "").keys[0];
    const own = await earlierToken(kid, Buffer.from(k, "base64url"));
    expect(await problem(own)).toEqual({ kind: "of-earlier-version" });
    const foreign = await earlierToken(kid, randomBytes(32));
    expect(await problem(foreign)).toEqual({ kind: "malformed" });
    expect(await problem(`${own.slice(0, -5)}AAAAA`)).toEqual({ kind: "malformed" });
  });

  it(verifies("keys.earlier-version", "and no key changes what both versions read"), async () => {
    const { storage, seal } = setUp();
    await seal();
    expect(JSON.parse(storage.stored?.text ?? "")).toEqual({
      keys: [
        {
          kty: "oct",
          use: "sig",
          alg: "HS256",
          kid: expect.stringMatching(/^[\w-]{16}$/),
          k: expect.stringMatching(/^[\w-]{43}$/),
          activeFrom: expect.any(String),
        },
      ],
    });
  });
});
