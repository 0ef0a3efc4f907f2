import { describe, expect, it } from "vitest";
import { failure } from "../../src/core/result.ts";
import type { KeyRing } from "../../src/keys/key-ring.ts";
import {
  maximumTokenLifetime,
  publicationLead,
  rotationInterval,
} from "../../src/keys/rotation.ts";
import { coolDown, refreshInterval } from "../../src/keys/stored-keys.ts";
import { verifies } from "../requirements.ts";
import { value } from "../support/value.ts";
import { FakeClock } from "./fake-clock.ts";
import { MemoryKeyStorage } from "./memory-key-storage.ts";
import { type LogLine, testKeyRing } from "./test-key-ring.ts";

const subject = "tenant/person";
const minute = 60_000;

function sign(ring: KeyRing, clock: FakeClock, lifetime = minute) {
  return ring.sign("cursor", {}, { subject, expiresAt: clock.now() + lifetime });
}

async function keyIdUsedBy(ring: KeyRing, clock: FakeClock): Promise<string> {
  const token = value(await sign(ring, clock));
  const [header = ""] = token.split(".");
  return JSON.parse(Buffer.from(header, "base64url").toString()).kid;
}

async function verifyKind(ring: KeyRing, token: string): Promise<string> {
  const verified = await ring.verify("cursor", token, { subject });
  return verified.ok ? "ok" : verified.reason.kind;
}

function setUp() {
  const clock = new FakeClock();
  const storage = new MemoryKeyStorage();
  const lines: LogLine[] = [];
  return { clock, storage, lines, ring: testKeyRing({ clock, storage, lines }) };
}

describe("start", () => {
  it(verifies("keys.lazy", "asks the storage for nothing before the first use"), async () => {
    const { storage, clock, ring } = setUp();
    expect(storage.calls).toEqual({ read: 0, create: 0, replace: 0 });
    await sign(ring, clock);
    expect(storage.calls).toEqual({ read: 1, create: 1, replace: 0 });
  });

  it(verifies("keys.lazy", "reads once for all who need it at the same time"), async () => {
    const { storage, clock, ring } = setUp();
    const outcomes = await Promise.all(Array.from({ length: 100 }, () => sign(ring, clock)));
    expect(outcomes.every(({ ok }) => ok)).toBe(true);
    expect(storage.calls).toEqual({ read: 1, create: 1, replace: 0 });
    await sign(ring, clock);
    expect(storage.calls.read).toBe(1);
  });

  it(
    verifies("keys.created-once", "makes one ring for fifty instances that start together"),
    async () => {
      const { storage, clock, lines } = setUp();
      const rings = Array.from({ length: 50 }, () => testKeyRing({ storage, clock, lines }));
      const tokens = await Promise.all(rings.map(async (ring) => value(await sign(ring, clock))));

      expect(storage.calls.create).toBe(50);
      expect(storage.keyIds()).toHaveLength(1);
      expect(lines).toEqual([{ level: "info", event: "keys.created" }]);
      for (const ring of rings) {
        for (const token of tokens) expect(await verifyKind(ring, token)).toBe("ok");
      }
    },
  );
});

describe("rotation", () => {
  const due = rotationInterval - publicationLead;

  it(verifies("keys.rotated", "publishes the next key an hour before it signs"), async () => {
    const { storage, clock, ring } = setUp();
    const first = await keyIdUsedBy(ring, clock);
    clock.advance(due - 1);
    expect(await keyIdUsedBy(ring, clock)).toBe(first);
    expect(storage.keyIds()).toEqual([first]);

    clock.advance(refreshInterval);
    expect(await keyIdUsedBy(ring, clock)).toBe(first);
    const [, second] = storage.keyIds();
    expect(storage.keyIds()).toEqual([first, second]);

    clock.advance(publicationLead - 1);
    expect(await keyIdUsedBy(ring, clock)).toBe(first);
    clock.advance(1);
    expect(await keyIdUsedBy(ring, clock)).toBe(second);
    expect(storage.keyIds()).toHaveLength(2);
  });

  it(verifies("keys.rotated-once", "makes one next key for fifty instances"), async () => {
    const { storage, clock, lines } = setUp();
    const rings = Array.from({ length: 50 }, () => testKeyRing({ storage, clock, lines }));
    await Promise.all(rings.map((ring) => sign(ring, clock)));
    clock.advance(due);
    await Promise.all(rings.map((ring) => sign(ring, clock)));

    expect(storage.keyIds()).toHaveLength(2);
    expect(lines.filter(({ event }) => event === "keys.rotated")).toHaveLength(1);
    clock.advance(publicationLead);
    const used = await Promise.all(rings.map((ring) => keyIdUsedBy(ring, clock)));
    expect(new Set(used)).toEqual(new Set([storage.keyIds()[1]]));
  });

  it(verifies("keys.rotated", "goes on for years, one key every 30 days"), async () => {
    const { storage, clock, ring } = setUp();
    const used = new Set<string>();
    for (let hours = 0; hours < 365 * 24; hours += 1) {
      used.add(await keyIdUsedBy(ring, clock));
      expect(storage.keyIds().length).toBeLessThanOrEqual(2);
      clock.advance(60 * minute);
    }
    expect(used.size).toBe(13);
  });

  it(verifies("keys.rotated", "makes up for months without a call"), async () => {
    const { storage, clock, ring } = setUp();
    const first = await keyIdUsedBy(ring, clock);
    clock.advance(5 * rotationInterval);
    expect(await keyIdUsedBy(ring, clock)).toBe(first);
    clock.advance(publicationLead);
    expect(await keyIdUsedBy(ring, clock)).toBe(storage.keyIds()[1]);
  });

  it(verifies("keys.old-kept", "keeps an old key until all it signed has expired"), async () => {
    const { storage, clock, ring } = setUp();
    const first = await keyIdUsedBy(ring, clock);
    clock.advance(due);
    await sign(ring, clock);
    clock.advance(publicationLead - 1000);
    const last = value(await sign(ring, clock, maximumTokenLifetime));

    clock.advance(maximumTokenLifetime - 1000);
    expect(await verifyKind(ring, last)).toBe("ok");
    expect(storage.keyIds()).toContain(first);
    clock.advance(1000);
    expect(await verifyKind(ring, last)).toBe("expired");

    clock.advance(publicationLead + refreshInterval);
    expect(await verifyKind(ring, last)).toBe("unknown-key");
    expect(storage.keyIds()).not.toContain(first);
    expect(storage.keyIds()).toHaveLength(1);
  });

  it(verifies("keys.outage", "puts a rotation off while nothing can be written"), async () => {
    const { storage, clock, lines, ring } = setUp();
    const first = await keyIdUsedBy(ring, clock);
    storage.writesOut = true;
    clock.advance(rotationInterval);
    expect(await keyIdUsedBy(ring, clock)).toBe(first);
    expect(lines.at(-1)).toEqual({ level: "warn", event: "keys.not-rotated" });

    storage.writesOut = false;
    clock.advance(refreshInterval);
    await sign(ring, clock);
    expect(storage.keyIds()).toHaveLength(2);
  });
});

describe("several instances", () => {
  it(verifies("keys.unknown-reread", "learns a key that another instance has made"), async () => {
    const { storage, clock, ring } = setUp();
    await sign(ring, clock);
    storage.stored = undefined;
    const token = value(await sign(testKeyRing({ storage, clock }), clock));

    expect(await verifyKind(ring, token)).toBe("unknown-key");
    expect(storage.calls.read).toBe(2);
    clock.advance(coolDown);
    expect(await verifyKind(ring, token)).toBe("ok");
    expect(storage.calls.read).toBe(3);
  });

  it(verifies("keys.unknown-reread", "reads no more often, whatever it is shown"), async () => {
    const { storage, clock, ring } = setUp();
    const token = value(await sign(testKeyRing(), clock));
    for (let seconds = 0; seconds < 300; seconds += 1) {
      expect(await verifyKind(ring, token)).toBe("unknown-key");
      clock.advance(1000);
    }
    expect(storage.calls.read).toBe(300_000 / coolDown);
  });

  it(
    verifies("keys.clock-skew", "signs with the oldest key where a clock is behind all"),
    async () => {
      const { storage, clock, ring } = setUp();
      const behind = new FakeClock(clock.now() - 5 * minute);
      const first = await keyIdUsedBy(ring, clock);
      clock.advance(rotationInterval);
      await sign(ring, clock);
      expect(storage.keyIds()).toHaveLength(2);
      const late = testKeyRing({ storage, clock: behind });
      expect(await keyIdUsedBy(late, behind)).toBe(first);
    },
  );

  it.each([-5 * minute, 5 * minute])(
    verifies("keys.clock-skew", "accepts each other's tokens with clocks %d ms apart"),
    async (skew) => {
      const { storage, clock } = setUp();
      const here = { clock, ring: testKeyRing({ storage, clock }) };
      const skewed = new FakeClock(clock.now() + skew);
      const there = { clock: skewed, ring: testKeyRing({ storage, clock: skewed }) };

      // From the first start over two rotations, closely around them.
      const steps = [
        0,
        rotationInterval - publicationLead - 10 * minute,
        ...Array<number>(20).fill(5 * minute),
        maximumTokenLifetime,
        rotationInterval - maximumTokenLifetime - publicationLead,
        ...Array<number>(20).fill(5 * minute),
      ];
      for (const step of steps) {
        for (const { clock } of [here, there]) clock.advance(step);
        for (const [from, to] of [
          [here, there],
          [there, here],
        ] as const) {
          const token = value(await sign(from.ring, from.clock, 30 * minute));
          expect(await verifyKind(to.ring, token)).toBe("ok");
        }
      }
      expect(storage.keyIds().length).toBeGreaterThan(1);
    },
  );
});

describe("trouble with the storage", () => {
  it(verifies("keys.outage", "goes on with the keys it holds"), async () => {
    const { storage, clock, lines, ring } = setUp();
    const token = value(await sign(ring, clock, maximumTokenLifetime));
    storage.readsOut = true;
    clock.advance(refreshInterval);

    expect(await verifyKind(ring, token)).toBe("ok");
    expect((await sign(ring, clock)).ok).toBe(true);
    expect(storage.calls.read).toBe(2);
    expect(lines.at(-1)).toEqual({ level: "error", event: "keys.unavailable" });
    clock.advance(coolDown);
    expect(await verifyKind(ring, token)).toBe("ok");
    expect(storage.calls.read).toBe(3);
  });

  it(verifies("keys.outage", "cannot judge a token of an unknown key meanwhile"), async () => {
    const { storage, clock, ring } = setUp();
    await sign(ring, clock);
    const token = value(await sign(testKeyRing(), clock));
    storage.readsOut = true;
    clock.advance(coolDown);
    expect(await verifyKind(ring, token)).toBe("unavailable");
  });

  it(verifies("keys.unavailable", "fails without any key, and recovers in a second"), async () => {
    const { storage, clock, ring } = setUp();
    storage.readsOut = true;
    const unavailable = { ok: false, reason: { kind: "unavailable", cause: "outage" } };
    expect(await sign(ring, clock)).toEqual(unavailable);
    const token = value(await sign(testKeyRing(), clock));
    expect(await ring.verify("cursor", token, { subject })).toEqual(unavailable);
    expect(storage.calls.read).toBe(1);

    storage.readsOut = false;
    clock.advance(1000);
    expect((await sign(ring, clock)).ok).toBe(true);
  });

  it(
    verifies("keys.unavailable", "does not sign with a ring that it could not store"),
    async () => {
      const { storage, clock, ring } = setUp();
      storage.writesOut = true;
      expect(await sign(ring, clock)).toMatchObject({ ok: false, reason: { kind: "unavailable" } });
    },
  );

  const key = {
    kty: "oct",
    use: "sig",
    alg: "HS256",
    kid: "a",
    activeFrom: "2026-01-01T00:00:00Z",
  };
  const secret = Buffer.alloc(32, 7).toString("base64url");
  it.each([
    ["no JSON", "{"],
    ["nothing at all", ""],
    ["another document", '{"version":1}'],
    ["no keys", '{"keys":[]}'],
    ["a short key", JSON.stringify({ keys: [{ ...key, k: "c2hvcnQ" }] })],
    ["another kind of key", JSON.stringify({ keys: [{ ...key, kty: "RSA", k: secret }] })],
    ["a key twice", JSON.stringify({ keys: Array(2).fill({ ...key, k: secret }) })],
    ["no date", JSON.stringify({ keys: [{ ...key, k: secret, activeFrom: "soon" }] })],
  ])(verifies("keys.damaged", "leaves %s as it is, and says so"), async (_what, text) => {
    const { storage, clock, lines, ring } = setUp();
    storage.put(text);
    const signed = await sign(ring, clock);
    expect(signed).toEqual(
      failure({ kind: "damaged", cause: expect.not.stringContaining(secret) }),
    );
    expect(storage.stored?.text).toBe(text);
    expect(storage.calls).toMatchObject({ create: 0, replace: 0 });
    expect(lines).toEqual([{ level: "error", event: "keys.damaged" }]);
  });

  it(
    verifies("keys.damaged", "goes on with the keys it holds, and the mended document"),
    async () => {
      const { storage, clock, ring } = setUp();
      const token = value(await sign(ring, clock, maximumTokenLifetime));
      const good = storage.stored?.text ?? "";
      storage.put("{");
      clock.advance(rotationInterval / 30);
      expect(await verifyKind(ring, token)).toBe("ok");
      expect(storage.stored?.text).toBe("{");

      storage.put(good);
      expect(await verifyKind(testKeyRing({ storage, clock }), token)).toBe("ok");
    },
  );

  it(verifies("keys.revocable", "makes a new ring where the stored one was deleted"), async () => {
    const { storage, clock, ring } = setUp();
    const token = value(await sign(ring, clock, maximumTokenLifetime));
    const [old] = storage.keyIds();
    storage.stored = undefined;
    clock.advance(refreshInterval);

    expect(await verifyKind(ring, token)).toBe("unknown-key");
    expect(storage.keyIds()).toEqual([expect.not.stringContaining(old ?? "")]);
  });
});
