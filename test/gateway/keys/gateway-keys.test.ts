import crypto from "node:crypto";
import { compactVerify, SignJWT } from "jose";
import { describe, expect, it } from "vitest";
import { failure, success } from "../../../src/core/result.ts";
import { createGatewayKeys } from "../../../src/gateway/keys/gateway-keys.ts";
import {
  longestGrantLifetime,
  longestTokenLifetime,
} from "../../../src/gateway/keys/key-document.ts";
import { gatewaySettingsShape } from "../../../src/gateway/settings.ts";
import { accessTokenLifetime } from "../../../src/gateway/tokens/access-token.ts";
import { publicationLead, rotationInterval } from "../../../src/keys/rotation.ts";
import { coolDown, refreshInterval } from "../../../src/keys/stored-keys.ts";
import { FakeClock } from "../../keys/fake-clock.ts";
import { MemoryKeyStorage } from "../../keys/memory-key-storage.ts";
import type { LogLine } from "../../keys/test-key-ring.ts";
import { verifies } from "../../requirements.ts";
import { value } from "../../support/value.ts";

const minute = 60_000;
const day = 24 * 60 * minute;
const due = rotationInterval - publicationLead;

/** One instance of the server; what it is given it shares with others. */
function setUp({
  clock = new FakeClock(),
  storage = new MemoryKeyStorage(),
  lines = [] as LogLine[],
} = {}) {
  const keys = createGatewayKeys({
    storage,
    now: clock.now,
    monotonicNow: clock.now,
    randomBytes: crypto.randomBytes,
    log: (level, event) => lines.push({ level, event }),
  });
  return {
    clock,
    storage,
    lines,
    keys,
    signingId: async () => value(await keys.signingKey()).id,
    encryptionId: async () => value(await keys.encryptionKey()).id,
    async signed() {
      const { id, privateKey } = value(await keys.signingKey());
      return new SignJWT().setProtectedHeader({ alg: "ES256", kid: id }).sign(privateKey);
    },
    /** Whether the key that a token names verifies it. */
    async verified(token: string) {
      const { kid } = JSON.parse(Buffer.from(token.split(".")[0] ?? "", "base64url").toString());
      const key = await keys.verificationKey(kid);
      if (!key.ok) return key.reason.kind;
      if (key.value === undefined) return "unknown-key";
      return compactVerify(token, key.value).then(
        () => "ok",
        () => "changed",
      );
    },
  };
}

function setUpMany() {
  const shared = setUp();
  return { ...shared, instances: Array.from({ length: 20 }, () => setUp(shared)) };
}

/** The stored keys of one type, the oldest first. */
function stored(storage: MemoryKeyStorage, type: "EC" | "oct"): { kid: string }[] {
  const { keys } = JSON.parse(storage.stored?.text ?? '{"keys":[]}');
  return keys.filter(({ kty }: { kty: string }) => kty === type);
}

function storedIds(storage: MemoryKeyStorage, type: "EC" | "oct"): string[] {
  return stored(storage, type).map(({ kid }) => kid);
}

describe("the gateway's keys", () => {
  it(verifies("gateway.keys.document", "are one document, with a date each"), async () => {
    const { storage, clock, signingId, encryptionId } = setUp();
    await signingId();
    const base64url = expect.stringMatching(/^[\w-]{43}$/);
    const activeFrom = new Date(clock.now()).toISOString();
    expect(JSON.parse(storage.stored?.text ?? "")).toEqual({
      keys: [
        {
          kid: await signingId(),
          ...{ kty: "EC", crv: "P-256", use: "sig", alg: "ES256", activeFrom },
          ...{ x: base64url, y: base64url, d: base64url },
        },
        { kid: await encryptionId(), kty: "oct", use: "enc", k: base64url, activeFrom },
      ],
    });
    expect(storage.calls).toEqual({ read: 1, create: 1, replace: 0 });
  });

  it(verifies("gateway.keys.public", "show nothing but public keys to the world"), async () => {
    const { keys, signingId } = setUp();
    expect(value(await keys.publicKeys())).toEqual([
      {
        ...{ kty: "EC", crv: "P-256", use: "sig", alg: "ES256", kid: await signingId() },
        ...{ x: expect.any(String), y: expect.any(String) },
      },
    ]);
  });

  it(verifies("gateway.keys.shared", "verify and decrypt what another instance made"), async () => {
    const here = setUp();
    const there = setUp(here);
    expect(await there.verified(await here.signed())).toBe("ok");
    const key = value(await here.keys.encryptionKey());
    expect(key.secret).toHaveLength(32);
    const same = value(await there.keys.encryptionKeyOf(key.id));
    expect(same?.id).toBe(key.id);
    expect(Buffer.from(same?.secret ?? [])).toEqual(Buffer.from(key.secret));
    expect(value(await there.keys.encryptionKeyOf("another"))).toBeUndefined();
    // One kind of key is not taken for the other.
    expect(value(await there.keys.encryptionKeyOf(await here.signingId()))).toBeUndefined();
    expect(value(await there.keys.verificationKey(key.id))).toBeUndefined();
  });

  it(
    verifies("gateway.keys.created-once", "are made once by many that start together"),
    async () => {
      const { storage, lines, instances } = setUpMany();
      const tokens = await Promise.all(instances.map(({ signed }) => signed()));
      const encryption = await Promise.all(instances.map(({ encryptionId }) => encryptionId()));
      expect(storedIds(storage, "EC")).toHaveLength(1);
      expect(new Set(encryption)).toEqual(new Set(storedIds(storage, "oct")));
      expect(lines).toEqual([{ level: "info", event: "keys.created" }]);
      for (const { verified } of instances) {
        for (const token of tokens) expect(await verified(token)).toBe("ok");
      }
    },
  );
});

describe("rotation", () => {
  it(verifies("gateway.keys.rotated", "publishes the next keys before they are used"), async () => {
    const { clock, storage, keys, signingId, encryptionId } = setUp();
    const first = [await signingId(), await encryptionId()];
    clock.advance(due - 1);
    expect([await signingId(), await encryptionId()]).toEqual(first);
    clock.advance(refreshInterval);
    expect([await signingId(), await encryptionId()]).toEqual(first);
    const next = [storedIds(storage, "EC")[1], storedIds(storage, "oct")[1]];
    expect(value(await keys.publicKeys()).map(({ kid }) => kid)).toEqual([first[0], next[0]]);

    clock.advance(publicationLead - 1);
    expect([await signingId(), await encryptionId()]).toEqual(first);
    clock.advance(1);
    expect([await signingId(), await encryptionId()]).toEqual(next);
  });

  it(verifies("gateway.keys.created-once", "makes one pair of next keys for many"), async () => {
    const { clock, storage, lines, instances } = setUpMany();
    await Promise.all(instances.map(({ signed }) => signed()));
    clock.advance(due);
    await Promise.all(instances.map(({ signed }) => signed()));
    expect(storedIds(storage, "EC")).toHaveLength(2);
    expect(storedIds(storage, "oct")).toHaveLength(2);
    expect(lines.filter(({ event }) => event === "keys.rotated")).toHaveLength(1);
  });

  it(
    verifies("gateway.keys.old-kept", "keeps a signing key until its tokens expired"),
    async () => {
      const { clock, storage, signed, verified, signingId } = setUp();
      const first = await signingId();
      clock.advance(due);
      await signingId();
      clock.advance(publicationLead - 1);
      const last = await signed();
      clock.advance(longestTokenLifetime + 1);
      expect(await verified(last)).toBe("ok");
      expect(storedIds(storage, "EC")).toContain(first);

      clock.advance(publicationLead + refreshInterval);
      expect(await verified(last)).toBe("unknown-key");
      expect(storedIds(storage, "EC")).not.toContain(first);
    },
  );

  it(
    verifies("gateway.keys.old-kept", "keeps an encryption key as long as a grant may name it"),
    async () => {
      const { clock, storage, keys, encryptionId } = setUp();
      const first = await encryptionId();
      clock.advance(due);
      await encryptionId();
      clock.advance(publicationLead - 1);
      expect(await encryptionId()).toBe(first);
      const lastGrantEnds = clock.now() + longestGrantLifetime;
      let most = 0;
      while (clock.now() < lastGrantEnds) {
        expect(value(await keys.encryptionKeyOf(first))?.id).toBe(first);
        most = Math.max(most, stored(storage, "EC").length);
        clock.advance(day);
      }
      // Signing keys are dropped meanwhile, though they lie in the same document.
      expect(most).toBe(2);
      expect(storedIds(storage, "oct")).toHaveLength(14);

      clock.advance(publicationLead + day);
      expect(value(await keys.encryptionKeyOf(first))).toBeUndefined();
      expect(storedIds(storage, "oct")).not.toContain(first);
    },
  );

  it(verifies("gateway.keys.old-kept", "covers what settings and tokens allow"), () => {
    const { GATEWAY_ABSOLUTE_DAYS: days } = gatewaySettingsShape;
    const longestDays = longestGrantLifetime / day;
    expect(days.safeParse(String(longestDays)).success).toBe(true);
    expect(days.safeParse(String(longestDays + 1)).success).toBe(false);
    expect(accessTokenLifetime).toBeLessThanOrEqual(longestTokenLifetime);
  });

  it(verifies("gateway.keys.outage", "is put off while nothing can be written"), async () => {
    const { clock, storage, lines, signingId, encryptionId } = setUp();
    const first = [await signingId(), await encryptionId()];
    storage.writesOut = true;
    clock.advance(rotationInterval);
    expect([await signingId(), await encryptionId()]).toEqual(first);
    expect(lines.at(-1)).toEqual({ level: "warn", event: "keys.not-rotated" });
    storage.writesOut = false;
    clock.advance(refreshInterval);
    await signingId();
    expect(storedIds(storage, "EC")).toHaveLength(2);
  });
});

describe("trouble with the storage", () => {
  it(verifies("gateway.keys.outage", "leaves what is held in use"), async () => {
    const { clock, storage, signed, verified, keys, encryptionId } = setUp();
    const token = await signed();
    const id = await encryptionId();
    storage.readsOut = true;
    clock.advance(rotationInterval);
    expect(await verified(token)).toBe("ok");
    expect(await verified(await signed())).toBe("ok");
    expect(value(await keys.encryptionKeyOf(id))?.id).toBe(id);
    // What is not known cannot be judged meanwhile.
    clock.advance(coolDown);
    expect(await verified(await setUp().signed())).toBe("unavailable");
    expect(await keys.encryptionKeyOf("another")).toMatchObject({ ok: false });
  });

  it(verifies("gateway.keys.unavailable", "is told where nothing is held"), async () => {
    const { clock, storage, keys } = setUp();
    storage.readsOut = true;
    const unavailable = failure({ kind: "unavailable", cause: "outage" });
    expect(await keys.signingKey()).toEqual(unavailable);
    expect(await keys.verificationKey("a")).toEqual(unavailable);
    expect(await keys.publicKeys()).toEqual(unavailable);
    expect(await keys.encryptionKey()).toEqual(unavailable);
    expect(await keys.encryptionKeyOf("a")).toEqual(unavailable);
    storage.readsOut = false;
    clock.advance(1000);
    expect(await keys.publicKeys()).toMatchObject({ ok: true });
  });

  it(verifies("gateway.keys.unavailable", "lets nobody use keys that are not stored"), async () => {
    const { storage, keys } = setUp();
    storage.writesOut = true;
    expect(await keys.encryptionKey()).toMatchObject({ reason: { kind: "unavailable" } });
    expect(await keys.signingKey()).toMatchObject({ reason: { kind: "unavailable" } });
  });

  it(verifies("gateway.keys.unknown-reread", "is not made by ids that nobody knows"), async () => {
    const { clock, storage, verified, keys, encryptionId } = setUp();
    const token = await setUp().signed();
    await encryptionId();
    for (let seconds = 0; seconds < 300; seconds += 1) {
      expect(await verified(token)).toBe("unknown-key");
      expect(await keys.encryptionKeyOf("another")).toEqual(success(undefined));
      clock.advance(1000);
    }
    expect(storage.calls.read).toBe(300_000 / coolDown);
  });

  it(verifies("gateway.keys.unknown-reread", "is over once the new keys can be read"), async () => {
    const here = setUp();
    await here.signed();
    here.storage.stored = undefined;
    const there = setUp(here);
    const token = await there.signed();
    const id = await there.encryptionId();
    here.clock.advance(coolDown);
    expect(await here.verified(token)).toBe("ok");
    expect(value(await here.keys.encryptionKeyOf(id))?.id).toBe(id);
  });
});

describe("a damaged document", async () => {
  const { storage: good, signingId } = setUp();
  await signingId();
  const other = setUp();
  await other.signingId();
  const [pair, secret] = JSON.parse(good.stored?.text ?? "").keys;
  const [otherPair] = JSON.parse(other.storage.stored?.text ?? "").keys;
  const document = (...keys: object[]) => JSON.stringify({ keys });

  it.each([
    ["no JSON", "{"],
    ["nothing at all", ""],
    ["a key ring", document({ ...secret, use: "sig", alg: "HS256" })],
    ["no signing key", document(secret)],
    ["no encryption key", document(pair)],
    ["a public key", document({ ...pair, d: undefined }, secret)],
    ["another's private key", document({ ...pair, d: otherPair.d }, secret)],
    ["a point off the curve", document({ ...pair, x: otherPair.x }, secret)],
    ["another curve", document({ ...pair, crv: "P-384" }, secret)],
    ["a short secret", document(pair, { ...secret, k: "c2hvcnQ" })],
    ["an id twice", document(pair, { ...secret, kid: pair.kid })],
    ["no date", document({ ...pair, activeFrom: "soon" }, secret)],
  ])(
    verifies("gateway.keys.damaged", "with %s is left as it is, and told"),
    async (_what, text) => {
      const { storage, lines, keys } = setUp();
      storage.put(text);
      const outcome = await keys.signingKey();
      expect(outcome).toEqual(failure({ kind: "damaged", cause: expect.any(String) }));
      for (const held of [pair.d, otherPair.d, secret.k]) {
        expect(JSON.stringify(outcome)).not.toContain(held);
      }
      expect(storage.stored?.text).toBe(text);
      expect(storage.calls).toMatchObject({ create: 0, replace: 0 });
      expect(lines).toEqual([{ level: "error", event: "keys.damaged" }]);
    },
  );

  it(
    verifies("gateway.keys.damaged", "takes nothing from an instance that holds keys"),
    async () => {
      const { clock, storage, signed, verified } = setUp();
      const token = await signed();
      storage.put("{");
      clock.advance(rotationInterval);
      expect(await verified(token)).toBe("ok");
      expect(storage.stored?.text).toBe("{");
    },
  );

  it(verifies("gateway.keys.revocable", "can be deleted, which ends all it made"), async () => {
    const { clock, storage, keys, signed, verified, encryptionId } = setUp();
    const token = await signed();
    const id = await encryptionId();
    storage.stored = undefined;
    clock.advance(refreshInterval);
    expect(await verified(token)).toBe("unknown-key");
    expect(value(await keys.encryptionKeyOf(id))).toBeUndefined();
    expect(storedIds(storage, "EC")).toHaveLength(1);
  });
});
