import { describe, expect, it } from "vitest";
import { failure } from "../../src/core/result.ts";
import { ReadHandle } from "../../src/keys/handle.ts";
import { longestLifetime, publicationLead, rotationInterval } from "../../src/keys/rotation.ts";
import { coolDown, refreshInterval } from "../../src/keys/stored-keys.ts";
import { verifies } from "../requirements.ts";
import { value } from "../support/value.ts";
import { FakeClock } from "./fake-clock.ts";
import { MemoryKeyStorage } from "./memory-key-storage.ts";
import { type LogLine, testKeyRing } from "./test-key-ring.ts";

const cursor = { purpose: "cursor", bound: { owner: 4 } };
const owner = "tenant/person";
const minute = 60_000;

/** One instance of the server; what it is given it shares with others. */
function setUp({
  clock = new FakeClock(),
  storage = new MemoryKeyStorage(),
  lines = [] as LogLine[],
} = {}) {
  const ring = testKeyRing({ clock, storage, lines });
  const sign = (lifetime = minute) =>
    ring.seal(cursor, new Uint8Array(), { owner }, clock.now() + lifetime);
  const signed = async (lifetime?: number) => value(await sign(lifetime));
  const keyIdUsed = async () => {
    const handle = ReadHandle.from(await signed());
    return storage.keyIds().find((id) => handle?.names(id)) ?? "";
  };
  const verified = async (handle: string) => {
    const outcome = await ring.open(cursor, handle, { owner });
    return outcome.ok ? "ok" : outcome.reason.kind;
  };
  return { clock, storage, lines, ring, sign, signed, keyIdUsed, verified };
}

/** Fifty instances that share their storage. */
function setUpFifty() {
  const shared = setUp();
  return { ...shared, instances: Array.from({ length: 50 }, () => setUp(shared)) };
}

describe("start", () => {
  it(verifies("keys.lazy", "asks the storage for nothing before the first use"), async () => {
    const { storage, sign } = setUp();
    expect(storage.calls).toEqual({ read: 0, create: 0, replace: 0 });
    await sign();
    expect(storage.calls).toEqual({ read: 1, create: 1, replace: 0 });
  });

  it(verifies("keys.lazy", "reads once for all who need it at the same time"), async () => {
    const { storage, sign } = setUp();
    const outcomes = await Promise.all(Array.from({ length: 100 }, () => sign()));
    expect(outcomes.every(({ ok }) => ok)).toBe(true);
    expect(storage.calls).toEqual({ read: 1, create: 1, replace: 0 });
    await sign();
    expect(storage.calls.read).toBe(1);
  });

  it(verifies("keys.created-once", "makes one ring for fifty that start together"), async () => {
    const { storage, lines, instances } = setUpFifty();
    const handles = await Promise.all(instances.map(({ signed }) => signed()));

    expect(storage.calls.create).toBe(50);
    expect(storage.keyIds()).toHaveLength(1);
    expect(lines).toEqual([{ level: "info", event: "keys.created" }]);
    for (const { verified } of instances) {
      for (const handle of handles) expect(await verified(handle)).toBe("ok");
    }
  });
});

describe("rotation", () => {
  const due = rotationInterval - publicationLead;

  it(verifies("keys.rotated", "publishes the next key an hour before it signs"), async () => {
    const { clock, storage, keyIdUsed } = setUp();
    const first = await keyIdUsed();
    clock.advance(due - 1);
    expect(await keyIdUsed()).toBe(first);
    expect(storage.keyIds()).toEqual([first]);

    clock.advance(refreshInterval);
    expect(await keyIdUsed()).toBe(first);
    const [, second] = storage.keyIds();
    expect(storage.keyIds()).toEqual([first, second]);

    clock.advance(publicationLead - 1);
    expect(await keyIdUsed()).toBe(first);
    clock.advance(1);
    expect(await keyIdUsed()).toBe(second);
    expect(storage.keyIds()).toHaveLength(2);
  });

  it(verifies("keys.rotated-once", "makes one next key for fifty instances"), async () => {
    const { storage, clock, lines, instances } = setUpFifty();
    await Promise.all(instances.map(({ sign }) => sign()));
    clock.advance(due);
    await Promise.all(instances.map(({ sign }) => sign()));

    expect(storage.keyIds()).toHaveLength(2);
    expect(lines.filter(({ event }) => event === "keys.rotated")).toHaveLength(1);
    clock.advance(publicationLead);
    const used = await Promise.all(instances.map(({ keyIdUsed }) => keyIdUsed()));
    expect(new Set(used)).toEqual(new Set([storage.keyIds()[1]]));
  });

  it(verifies("keys.rotated", "goes on for years, one key every 30 days"), async () => {
    const { clock, storage, keyIdUsed } = setUp();
    const used = new Set<string>();
    for (let hours = 0; hours < 365 * 24; hours += 4) {
      used.add(await keyIdUsed());
      expect(storage.keyIds().length).toBeLessThanOrEqual(2);
      clock.advance(4 * 60 * minute);
    }
    expect(used.size).toBe(13);
  });

  it(verifies("keys.rotated", "makes up for months without a call"), async () => {
    const { clock, storage, keyIdUsed } = setUp();
    const first = await keyIdUsed();
    clock.advance(5 * rotationInterval);
    expect(await keyIdUsed()).toBe(first);
    clock.advance(publicationLead);
    expect(await keyIdUsed()).toBe(storage.keyIds()[1]);
  });

  it(verifies("keys.old-kept", "keeps an old key until all it signed has expired"), async () => {
    const { clock, storage, sign, signed, keyIdUsed, verified } = setUp();
    const first = await keyIdUsed();
    clock.advance(due);
    await sign();
    clock.advance(publicationLead - 1000);
    const last = await signed(longestLifetime);

    clock.advance(longestLifetime - 1000);
    expect(await verified(last)).toBe("ok");
    expect(storage.keyIds()).toContain(first);
    clock.advance(1000);
    expect(await verified(last)).toBe("expired");

    clock.advance(publicationLead + refreshInterval);
    expect(await verified(last)).toBe("unknown-key");
    expect(storage.keyIds()).not.toContain(first);
    expect(storage.keyIds()).toHaveLength(1);
  });

  it(verifies("keys.outage", "puts a rotation off while nothing can be written"), async () => {
    const { clock, storage, lines, sign, keyIdUsed } = setUp();
    const first = await keyIdUsed();
    storage.writesOut = true;
    clock.advance(rotationInterval);
    expect(await keyIdUsed()).toBe(first);
    expect(lines.at(-1)).toEqual({ level: "warn", event: "keys.not-rotated" });

    storage.writesOut = false;
    clock.advance(refreshInterval);
    await sign();
    expect(storage.keyIds()).toHaveLength(2);
  });
});

describe("several instances", () => {
  it(verifies("keys.unknown-reread", "learns a key that another instance has made"), async () => {
    const { clock, storage, sign, verified } = setUp();
    await sign();
    storage.stored = undefined;
    const handle = await setUp({ storage, clock }).signed();

    expect(await verified(handle)).toBe("unknown-key");
    expect(storage.calls.read).toBe(2);
    clock.advance(coolDown);
    expect(await verified(handle)).toBe("ok");
    expect(storage.calls.read).toBe(3);
  });

  it(verifies("keys.unknown-reread", "reads no more often, whatever it is shown"), async () => {
    const { clock, storage, verified } = setUp();
    const handle = await setUp().signed();
    for (let seconds = 0; seconds < 300; seconds += 1) {
      expect(await verified(handle)).toBe("unknown-key");
      clock.advance(1000);
    }
    expect(storage.calls.read).toBe(300_000 / coolDown);
  });

  it(verifies("keys.clock-skew", "signs with the oldest key if a clock is behind"), async () => {
    const { clock, storage, sign, keyIdUsed } = setUp();
    const behind = new FakeClock(clock.now() - 5 * minute);
    const first = await keyIdUsed();
    clock.advance(rotationInterval);
    await sign();
    expect(storage.keyIds()).toHaveLength(2);
    expect(await setUp({ storage, clock: behind }).keyIdUsed()).toBe(first);
  });

  it.each([-5 * minute, 5 * minute])(
    verifies("keys.clock-skew", "accepts each other's handles with clocks %d ms apart"),
    async (skew) => {
      const here = setUp();
      const { storage } = here;
      const there = setUp({ storage, clock: new FakeClock(here.clock.now() + skew) });

      // From the first start over two rotations, closely around them.
      const steps = [
        0,
        rotationInterval - publicationLead - 10 * minute,
        ...Array<number>(20).fill(5 * minute),
        longestLifetime,
        rotationInterval - longestLifetime - publicationLead,
        ...Array<number>(20).fill(5 * minute),
      ];
      for (const step of steps) {
        for (const { clock } of [here, there]) clock.advance(step);
        expect(await there.verified(await here.signed(30 * minute))).toBe("ok");
        expect(await here.verified(await there.signed(30 * minute))).toBe("ok");
      }
      expect(storage.keyIds().length).toBeGreaterThan(1);
    },
  );
});

describe("trouble with the storage", () => {
  it(verifies("keys.outage", "goes on with the keys it holds"), async () => {
    const { clock, storage, lines, sign, signed, verified } = setUp();
    const handle = await signed(longestLifetime);
    storage.readsOut = true;
    clock.advance(refreshInterval);

    expect(await verified(handle)).toBe("ok");
    expect((await sign()).ok).toBe(true);
    expect(storage.calls.read).toBe(2);
    expect(lines.at(-1)).toEqual({ level: "error", event: "keys.unavailable" });
    clock.advance(coolDown);
    expect(await verified(handle)).toBe("ok");
    expect(storage.calls.read).toBe(3);
  });

  it(verifies("keys.outage", "cannot judge a handle of an unknown key meanwhile"), async () => {
    const { clock, storage, sign, verified } = setUp();
    await sign();
    const handle = await setUp().signed();
    storage.readsOut = true;
    clock.advance(coolDown);
    expect(await verified(handle)).toBe("unavailable");
  });

  it(verifies("keys.unavailable", "fails without any key, and recovers in a second"), async () => {
    const { clock, storage, ring, sign } = setUp();
    storage.readsOut = true;
    const unavailable = { ok: false, reason: { kind: "unavailable", cause: "outage" } };
    expect(await sign()).toEqual(unavailable);
    const handle = await setUp().signed();
    expect(await ring.open(cursor, handle, { owner })).toEqual(unavailable);
    expect(storage.calls.read).toBe(1);

    storage.readsOut = false;
    clock.advance(1000);
    expect((await sign()).ok).toBe(true);
  });

  it(verifies("keys.unavailable", "does not sign by a ring that it could not store"), async () => {
    const { storage, sign } = setUp();
    storage.writesOut = true;
    expect(await sign()).toMatchObject({ ok: false, reason: { kind: "unavailable" } });
  });

  const secret = Buffer.alloc(32, 7).toString("base64url");
  const common = { use: "sig", alg: "HS256", kid: "a" };
  const key = { ...common, kty: "oct", k: secret, activeFrom: "2026-01-01T00:00:00Z" };
  const withKey = (changes: object) => JSON.stringify({ keys: [{ ...key, ...changes }] });
  it.each([
    ["no JSON", "{"],
    ["nothing at all", ""],
    ["another document", '{"version":1}'],
    ["no keys", '{"keys":[]}'],
    ["a short key", withKey({ k: "c2hvcnQ" })],
    ["another kind of key", withKey({ kty: "RSA" })],
    ["a key twice", JSON.stringify({ keys: [key, key] })],
    ["no date", withKey({ activeFrom: "soon" })],
  ])(verifies("keys.damaged", "leaves %s as it is, and says so"), async (_what, text) => {
    const { storage, lines, sign } = setUp();
    storage.put(text);
    expect(await sign()).toEqual(
      failure({ kind: "damaged", cause: expect.not.stringContaining(secret) }),
    );
    expect(storage.stored?.text).toBe(text);
    expect(storage.calls).toMatchObject({ create: 0, replace: 0 });
    expect(lines).toEqual([{ level: "error", event: "keys.damaged" }]);
  });

  it(verifies("keys.damaged", "goes on with the keys held, then the mended ones"), async () => {
    const { clock, storage, signed, verified } = setUp();
    const handle = await signed(longestLifetime);
    const good = storage.stored?.text ?? "";
    storage.put("{");
    clock.advance(rotationInterval / 30);
    expect(await verified(handle)).toBe("ok");
    expect(storage.stored?.text).toBe("{");

    storage.put(good);
    expect(await setUp({ storage, clock }).verified(handle)).toBe("ok");
  });

  it(verifies("keys.revocable", "makes a new ring where the stored one was deleted"), async () => {
    const { clock, storage, signed, verified } = setUp();
    const handle = await signed(longestLifetime);
    const [old] = storage.keyIds();
    storage.stored = undefined;
    clock.advance(refreshInterval);

    expect(await verified(handle)).toBe("unknown-key");
    expect(storage.keyIds()).toEqual([expect.not.stringContaining(old ?? "")]);
  });
});
