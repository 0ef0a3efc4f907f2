import { exportJWK, generateKeyPair } from "jose";
import { describe, expect, it } from "vitest";
import type { LogFields } from "../../src/core/log.ts";
import { failure } from "../../src/core/result.ts";
import { createKeySet } from "../../src/gates/key-set.ts";
import { verifies } from "../requirements.ts";
import { issuer, keySetDocument, makeSigningKey, tenantId } from "./tokens.ts";

const minute = 60_000;
const hour = 60 * minute;

/** An authority whose answer can be changed, a clock that can be moved, and the key set between. */
async function setUp(keyIds: readonly string[], fetchKeys?: typeof fetch) {
  const authority = {
    document: await keySetDocument(await Promise.all(keyIds.map(makeSigningKey))),
    status: 200,
    requests: 0,
  };
  const clock = { milliseconds: 1_767_268_800_000 };
  const lines: { event: string; fields: LogFields | undefined }[] = [];
  const keySet = createKeySet({
    url: "https://login.example/keys",
    issuers: [issuer, issuer.replace(tenantId, "{tenantid}")],
    fetch:
      fetchKeys ??
      (async () => {
        authority.requests += 1;
        if (authority.status === 0) throw new TypeError("fetch failed: secret-detail");
        return Response.json(authority.document, { status: authority.status });
      }),
    now: () => clock.milliseconds,
    log: (_level, event, fields) => lines.push({ event, fields }),
  });
  const publish = async (...ids: string[]) => {
    authority.document = await keySetDocument(await Promise.all(ids.map(makeSigningKey)));
  };
  return { authority, clock, keySet, lines, publish };
}

describe("the authority's key set", () => {
  it(verifies("key-set.rollover", "is fetched once for all who ask at the same time"), async () => {
    const { authority, keySet } = await setUp(["one", "two"]);
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) => keySet.keyFor(index % 2 ? "one" : "two")),
    );
    expect(answers.every((answer) => answer.ok)).toBe(true);
    expect(authority.requests).toBe(1);
  });

  it(verifies("key-set.rollover", "is fetched anew for an unknown key, once in 30 s"), async () => {
    const { authority, clock, keySet, publish } = await setUp(["old"]);
    await keySet.keyFor("old");
    await publish("old", "new");

    expect(await keySet.keyFor("new")).toEqual(failure({ kind: "unknown-key", got: "new" }));
    expect(authority.requests).toBe(1);

    clock.milliseconds += 30_000;
    expect((await keySet.keyFor("new")).ok).toBe(true);
    for (let index = 0; index < 100; index += 1) await keySet.keyFor(`invented-${index}`);
    expect(authority.requests).toBe(2);
  });

  it(verifies("key-set.outage", "says how long it is out if nothing is held"), async () => {
    const { authority, clock, keySet, lines } = await setUp(["one"]);
    for (const status of [0, 500]) {
      authority.status = status;
      clock.milliseconds += minute;
      expect(await keySet.keyFor("one")).toEqual(
        failure({ kind: "key-set-unavailable", retryAfterSeconds: 5 }),
      );
    }
    expect(authority.requests).toBe(2);
    clock.milliseconds += 2_000;
    expect(await keySet.keyFor("one")).toEqual(
      failure({ kind: "key-set-unavailable", retryAfterSeconds: 3 }),
    );
    expect(authority.requests).toBe(2);
    expect(lines.map(({ event }) => event)).toEqual(["key-set.unavailable", "key-set.unavailable"]);
    expect(JSON.stringify(lines)).not.toContain("secret-detail");

    authority.status = 200;
    clock.milliseconds += 5_000;
    expect((await keySet.keyFor("one")).ok).toBe(true);
  });

  it(
    verifies(
      ["key-set.held", "key-set.outage"],
      "goes on with held keys in an outage, and does not call a new key unknown",
    ),
    async () => {
      const { authority, clock, keySet } = await setUp(["one"]);
      await keySet.keyFor("one");
      authority.status = 0;
      clock.milliseconds += 48 * hour;
      expect((await keySet.keyFor("one")).ok).toBe(true);
      expect(await keySet.keyFor("two")).toMatchObject(failure({ kind: "key-set-unavailable" }));
      expect((await keySet.keyFor("one")).ok).toBe(true);
    },
  );

  it(verifies("key-set.refresh", "forgets a withdrawn key after 12 hours"), async () => {
    const { clock, keySet, publish } = await setUp(["withdrawn", "kept"]);
    await keySet.keyFor("kept");
    await publish("kept");
    clock.milliseconds += 12 * hour + 1;
    expect((await keySet.keyFor("kept")).ok).toBe(true);
    // The refresh runs in the background; an unknown key id waits for the one in flight.
    expect((await keySet.keyFor("another")).ok).toBe(false);
    expect(await keySet.keyFor("withdrawn")).toEqual(
      failure({ kind: "unknown-key", got: "withdrawn" }),
    );
  });

  it(verifies("key-set.usable", "leaves out keys that do not sign with RS256"), async () => {
    const { authority, keySet } = await setUp(["good"]);
    const elliptic = await generateKeyPair("ES256", { extractable: true });
    const document = authority.document as { keys: Record<string, unknown>[] };
    const good = document.keys[0];
    authority.document = {
      keys: [
        { ...(await exportJWK(elliptic.publicKey)), kid: "elliptic" },
        { ...good, kid: "encryption", use: "enc" },
        { ...good, kid: undefined },
        { kty: "RSA", kid: "damaged", n: "AQAB" },
        good,
      ],
    };
    expect((await keySet.keyFor("good")).ok).toBe(true);
    expect((await keySet.keyFor("elliptic")).ok).toBe(false);
    expect((await keySet.keyFor("encryption")).ok).toBe(false);
  });

  it(verifies("key-set.issuer", "verifies nothing with keys of another issuer"), async () => {
    const { authority, keySet } = await setUp(["ours"]);
    const [key] = (authority.document as { keys: object[] }).keys;
    const named = { common: issuer.replace(tenantId, "{tenantid}"), tenant: issuer };
    const foreign = {
      tenants: "https://login.example/99999999-2222-3333-4444-555555555555/v2.0",
      elsewhere: named.common.replace("login.example", "evil.example"),
      empty: "",
    };
    authority.document = {
      keys: [
        key,
        ...Object.entries({ ...named, ...foreign }).map(([kid, issuer]) => ({
          ...key,
          kid,
          issuer,
        })),
      ],
    };
    for (const keyId of ["ours", ...Object.keys(named)]) {
      expect([keyId, (await keySet.keyFor(keyId)).ok]).toEqual([keyId, true]);
    }
    for (const keyId of Object.keys(foreign)) {
      expect(await keySet.keyFor(keyId)).toEqual(failure({ kind: "unknown-key", got: keyId }));
    }
  });

  it(verifies("key-set.bounded", "is given up while it is read once it is too large"), async () => {
    let sent = 0;
    async function* spaces() {
      for (; sent < 50_000_000; sent += 65_536) yield new Uint8Array(65_536).fill(0x20);
    }
    const { keySet } = await setUp([], async () => new Response(ReadableStream.from(spaces())));
    expect(await keySet.keyFor("one")).toMatchObject(failure({ kind: "key-set-unavailable" }));
    expect(sent).toBeLessThan(1_000_000);
  });

  it(verifies("key-set.usable", "that is malformed or empty counts as unavailable"), async () => {
    for (const document of [
      { keys: [] },
      { keys: "none" },
      [],
      { keys: [{ kty: "RSA", kid: "x" }] },
    ]) {
      const { authority, keySet } = await setUp(["one"]);
      authority.document = document;
      expect(await keySet.keyFor("one")).toMatchObject(failure({ kind: "key-set-unavailable" }));
    }
  });
});
