import { randomBytes } from "node:crypto";
import { ErrorResponse } from "@azure/cosmos";
import { beforeEach, describe, expect, it } from "vitest";
import { createOpaqueToken, readOpaqueToken } from "../../../src/gateway/tokens/opaque-token.ts";
import { verifies } from "../../requirements.ts";
import { value } from "../../support/value.ts";
import {
  challengeOf,
  client,
  codeVerifier,
  day,
  errorOf,
  Instance,
  invalidGrant,
  minute,
  oid,
  redirectUri,
  second,
  tokensOf,
  unavailable,
  World,
} from "./world.ts";

let world: World;
let instance: Instance;
beforeEach(() => {
  world = new World();
  instance = new Instance(world);
});

describe("a code", () => {
  it(verifies("gateway.code.redeemed", "brings tokens that let its person in"), async () => {
    const { accessToken } = tokensOf(await instance.redeem(await instance.begin()));
    expect(await instance.verify(accessToken)).toMatchObject({
      ok: true,
      value: { objectId: oid },
    });
    expect(world.audited()).toEqual([
      {
        event: "audit.gateway-code",
        outcome: "success",
        objectId: oid,
        clientId: client.id,
        correlationId: "invocation-1",
      },
    ]);
    // Entra has just been asked, by the sign-in.
    expect(world.entra.asked).toEqual([]);
  });

  it(verifies("gateway.code.expired", "is good for a minute"), async () => {
    const code = await instance.begin();
    const late = await instance.begin();
    world.clock.advance(minute - 1);
    expect((await instance.redeem(code)).status).toBe(200);
    world.clock.advance(1);
    expect(errorOf(await instance.redeem(late))).toEqual(invalidGrant);
    expect(world.audited().at(-1)).toMatchObject({ outcome: "refused", reason: "code-expired" });
  });

  it(
    verifies("gateway.code.expired", "that nobody redeemed leaves nothing behind for long"),
    async () => {
      await instance.begin();
      const [record] = world.memory.documents();
      expect(record).toMatchObject({ kind: "grant", expiresAt: world.clock.now() + 6 * minute });
    },
  );

  it.each([
    ["a verifier that is not the client's", { code_verifier: "another".repeat(7) }],
    ["a verifier that is too short to be one", { code_verifier: "short" }],
    // With `plain`, whoever has seen the authorization request could redeem.
    ["the challenge as verifier", { code_verifier: challengeOf(codeVerifier) }],
    ["another redirect URI", { redirect_uri: `${redirectUri}/` }],
    ["another client", { client_id: "https://other.example/client.json" }],
  ])(verifies("gateway.code.misused", "is spent by %s"), async (_what, change) => {
    const code = await instance.begin();
    expect(errorOf(await instance.redeem(code, change))).toEqual(invalidGrant);
    expect(errorOf(await instance.redeem(code))).toEqual(invalidGrant);
    expect(world.stored()).toMatchObject({ state: "ended", why: "code-misused" });
    expect(world.audited()).toMatchObject([
      { event: "audit.gateway-code", outcome: "refused", reason: "code-misused", objectId: oid },
      { event: "audit.gateway-code", outcome: "refused", reason: "grant-ended", objectId: oid },
    ]);
    // The person can start again.
    expect((await instance.redeem(await instance.begin())).status).toBe(200);
  });

  it(
    verifies("gateway.code.misused", "whose verifier is none by RFC 7636 is good for nobody"),
    async () => {
      for (const verifier of ["guessable", "x".repeat(42), "x".repeat(129), `${"x".repeat(43)}+`]) {
        const code = await instance.begin({ codeChallenge: challengeOf(verifier) });
        const told = await instance.redeem(code, { code_verifier: verifier });
        expect(errorOf(told)).toEqual(invalidGrant);
      }
    },
  );
});

describe("a code that is used twice", () => {
  it(
    verifies("gateway.code.replayed", "ends the grant with its tokens, however late"),
    async () => {
      for (const wait of [0, minute, 3 * day]) {
        const code = await instance.begin();
        const { accessToken, refreshToken } = tokensOf(await instance.redeem(code));
        world.clock.advance(wait);
        world.lines.length = 0;
        expect(errorOf(await instance.redeem(code))).toEqual(invalidGrant);
        expect(world.audited()).toMatchObject([
          {
            event: "audit.gateway-reuse",
            outcome: "refused",
            reason: "code-replayed",
            objectId: oid,
          },
        ]);
        expect((await instance.verify(accessToken)).ok).toBe(false);
        expect(errorOf(await instance.refresh(refreshToken))).toEqual(invalidGrant);
      }
    },
  );

  it(verifies("gateway.code.replayed", "ends it whatever comes with it"), async () => {
    const code = await instance.begin();
    const { refreshToken } = tokensOf(await instance.redeem(code));
    const change = { code_verifier: "another".repeat(7), client_id: "other" };
    expect(errorOf(await instance.redeem(code, change))).toEqual(invalidGrant);
    expect(errorOf(await instance.refresh(refreshToken))).toEqual(invalidGrant);
  });

  it(
    verifies("gateway.code.once", "at once brings tokens at most once, and ends the grant"),
    async () => {
      const instances = [instance, new Instance(world), new Instance(world, { staleReads: 2 })];
      const code = await instance.begin();
      const answers = await Promise.all(
        Array.from({ length: 9 }, (_, index) => instances[index % 3]?.redeem(code)),
      );
      const statuses = answers.map((answer) => answer?.status);
      expect(statuses.filter((status) => status === 200)).toHaveLength(1);
      expect(world.stored()).toMatchObject({ state: "ended", why: "code-replayed" });
    },
  );

  it(
    verifies("gateway.own-write", "ends nothing where its only redemption was written twice"),
    async () => {
      let lost = 1;
      const unlucky = new Instance(world, {
        after({ operation }) {
          if (operation !== "replace" || lost === 0) return;
          lost -= 1;
          throw Object.assign(new ErrorResponse("Sent again, it finds itself."), { code: 412 });
        },
      });
      const { accessToken, refreshToken } = tokensOf(await unlucky.redeem(await instance.begin()));
      expect((await instance.verify(accessToken)).ok).toBe(true);
      lost = 1;
      const next = tokensOf(await unlucky.refresh(refreshToken));
      expect((await unlucky.verify(next.accessToken)).ok).toBe(true);
      lost = 1;
      const grantId = String(world.stored()?.grantId);
      expect(value(await unlucky.grants.end(oid, grantId, "connection-ended"))).toBe(true);
      expect((await unlucky.verify(next.accessToken)).ok).toBe(false);
      expect(errorOf(await instance.refresh(next.refreshToken))).toEqual(invalidGrant);
    },
  );

  it(
    verifies("gateway.stale", "brings and ends nothing where its redemption is not seen yet"),
    async () => {
      const code = await instance.begin();
      const late = new Instance(world);
      late.view.lag();
      const { refreshToken } = tokensOf(await instance.redeem(code));
      expect(errorOf(await late.redeem(code))).toEqual(unavailable);
      tokensOf(await instance.refresh(refreshToken));
      late.view.catchUp();
      expect(errorOf(await late.redeem(code))).toEqual(invalidGrant);
      expect(world.stored()).toMatchObject({ state: "ended", why: "code-replayed" });
    },
  );
});

describe("a code that was invented", () => {
  it(verifies("gateway.genuine", "ends nobody's grant, with the right ids either"), async () => {
    const code = await instance.begin();
    const { refreshToken } = tokensOf(await instance.redeem(code));
    const { objectId, grantId } = readOpaqueToken("code", code) ?? { objectId: "", grantId: "" };
    const key = { id: "any", secret: randomBytes(32) };
    const invented = createOpaqueToken("code", { objectId, grantId }, key, randomBytes).text;
    const changed = code.slice(0, -1) + (code.endsWith("A") ? "E" : "A");
    world.lines.length = 0;
    for (const text of [invented, changed, "gwc_", "anything", refreshToken]) {
      expect(errorOf(await instance.redeem(text))).toEqual(invalidGrant);
    }
    expect(world.audited()).toMatchObject(
      Array(5).fill({ event: "audit.gateway-code", outcome: "refused", reason: "unknown-token" }),
    );
    expect((await instance.refresh(refreshToken)).status).toBe(200);
  });

  it(verifies("gateway.genuine", "before the code was redeemed leaves it good"), async () => {
    const code = await instance.begin();
    const { objectId, grantId } = readOpaqueToken("code", code) ?? { objectId: "", grantId: "" };
    const key = { id: "any", secret: randomBytes(32) };
    const invented = createOpaqueToken("code", { objectId, grantId }, key, randomBytes).text;
    expect(errorOf(await instance.redeem(invented))).toEqual(invalidGrant);
    expect((await instance.redeem(code)).status).toBe(200);
  });
});

describe("what is stored", () => {
  it(verifies("gateway.store.secrets", "holds no token, code or verifier of anybody"), async () => {
    const code = await instance.begin();
    const first = tokensOf(await instance.redeem(code));
    const next = tokensOf(await instance.refresh(first.refreshToken));
    const text = JSON.stringify(world.memory.documents());
    const secrets = [code, first.accessToken, first.refreshToken, next.refreshToken, codeVerifier];
    for (const secret of [...secrets, "entra-access", "entra-refresh"]) {
      expect(text).not.toContain(secret);
    }
    const lines = JSON.stringify(world.lines);
    for (const secret of [...secrets, "entra-access", "entra-refresh"]) {
      expect(lines).not.toContain(secret);
    }
  });

  it(
    verifies("gateway.ended.emptied", "of a grant that has ended is nothing that a token opens"),
    async () => {
      const code = await instance.begin();
      const { refreshToken } = tokensOf(await instance.redeem(code));
      await instance.refresh(refreshToken);
      await instance.redeem(code);
      expect(Object.keys(world.stored() ?? {}).sort()).toEqual(
        [
          ...["clientDomain", "clientId", "clientName", "encryptionKeyId", "endedAt", "endsAt"],
          ...["grantId", "lastUsed", "objectId", "redirectUri", "scopes", "since", "state"],
          ...["version", "why"],
        ].sort(),
      );
      const [record] = world.memory.documents();
      expect(record).toMatchObject({ expiresAt: world.clock.now() + day });
    },
  );
});

describe("a store or keys that fail", () => {
  it(verifies("gateway.token.unavailable", "are answered 503, and spend no code"), async () => {
    let fails = true;
    const failing = new Instance(world, {
      before: () => {
        if (fails)
          throw Object.assign(new Error("secret words"), { code: 429, retryAfterInMs: 2500 });
      },
    });
    const code = await instance.begin();
    const told = await failing.redeem(code);
    expect(errorOf(told)).toEqual(unavailable);
    expect(told.headers["retry-after"]).toBe("3");
    expect(world.audited().at(-1)).toMatchObject({ outcome: "failed", reason: "store-throttled" });
    fails = false;
    world.clock.advance(second);
    expect((await failing.redeem(code)).status).toBe(200);
  });

  it(
    verifies("gateway.token.unavailable", "are answered 503 where there are no keys"),
    async () => {
      const code = await instance.begin();
      world.keyStorage.read = async () => ({
        ok: false,
        reason: { kind: "unavailable", cause: "no storage" },
      });
      const keyless = new Instance(world);
      expect(errorOf(await keyless.redeem(code))).toEqual(unavailable);
      expect((await instance.redeem(code)).status).toBe(200);
    },
  );
});
