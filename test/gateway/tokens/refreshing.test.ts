import { randomBytes } from "node:crypto";
import { beforeEach, describe, expect, it } from "vitest";
import { refreshesPerMinute } from "../../../src/gateway/tokens/entra-turns.ts";
import { createOpaqueToken, readOpaqueToken } from "../../../src/gateway/tokens/opaque-token.ts";
import { verifies } from "../../requirements.ts";
import { value } from "../../support/value.ts";
import {
  absoluteMilliseconds,
  client,
  day,
  errorOf,
  Instance,
  idleMilliseconds,
  invalidGrant,
  minute,
  oid,
  second,
  type Tokens,
  tokensOf,
  unavailable,
  World,
} from "./world.ts";

let world: World;
let instance: Instance;
let first: Tokens;
beforeEach(async () => {
  world = new World();
  instance = new Instance(world);
  first = await instance.signedIn();
  world.lines.length = 0;
});

describe("a refresh", () => {
  it(verifies("gateway.refresh.rotated", "brings a new refresh token each time"), async () => {
    const seen = new Set([first.refreshToken]);
    let { refreshToken } = first;
    for (let round = 0; round < 5; round += 1) {
      world.clock.advance(10 * minute);
      const next = tokensOf(await instance.refresh(refreshToken));
      expect(seen).not.toContain(next.refreshToken);
      seen.add(next.refreshToken);
      expect((await instance.verify(next.accessToken)).ok).toBe(true);
      ({ refreshToken } = next);
    }
    expect(world.audited()[0]).toEqual({
      event: "audit.gateway-refresh",
      outcome: "success",
      objectId: oid,
      clientId: client.id,
      correlationId: "invocation-1",
    });
  });

  it(verifies("gateway.refresh.limited", "is put off where there are too many"), async () => {
    const other = await instance.signedIn();
    let { refreshToken } = first;
    for (let count = 0; count < refreshesPerMinute; count += 1) {
      ({ refreshToken } = tokensOf(await instance.refresh(refreshToken)));
    }
    const put = await instance.refresh(refreshToken);
    expect(errorOf(put)).toEqual(unavailable);
    expect(Number(put.headers["retry-after"])).toBeGreaterThan(0);
    expect(world.entra.asked).toHaveLength(refreshesPerMinute);
    // Invented tokens, and those of other grants, count against none.
    expect((await instance.refresh(other.refreshToken)).status).toBe(200);
    expect((await new Instance(world).refresh(refreshToken)).status).toBe(200);
  });

  it(
    verifies("gateway.refresh.entra", "asks Entra each time, with what it gave last"),
    async () => {
      const second = tokensOf(await instance.refresh(first.refreshToken));
      await instance.refresh(second.refreshToken);
      expect(world.entra.asked).toEqual([`entra-refresh:${oid}:1`, `entra-refresh:${oid}:2`]);
    },
  );

  it(
    verifies("gateway.refresh.bound", "is for the client that the token was issued to"),
    async () => {
      const told = await instance.refresh(first.refreshToken, { client_id: "other" });
      expect(errorOf(told)).toEqual(invalidGrant);
      expect(world.audited()).toMatchObject([{ outcome: "refused", reason: "other-client" }]);
      expect(world.entra.asked).toEqual([]);
      expect((await instance.refresh(first.refreshToken)).status).toBe(200);
    },
  );
});

describe("a refresh token that was replaced", () => {
  it(verifies("gateway.refresh.window", "brings the same successor for a minute"), async () => {
    const { refreshToken } = tokensOf(await instance.refresh(first.refreshToken));
    const accessTokens = new Set<string>();
    for (const wait of [0, 30 * second, 30 * second - 1]) {
      world.clock.advance(wait);
      const again = tokensOf(await instance.refresh(first.refreshToken));
      expect(again.refreshToken).toBe(refreshToken);
      expect((await instance.verify(again.accessToken)).ok).toBe(true);
      accessTokens.add(again.accessToken);
    }
    expect(accessTokens.size).toBe(3);
    expect(world.entra.asked).toHaveLength(4);
    expect((await instance.refresh(refreshToken)).status).toBe(200);
  });

  it(verifies("gateway.refresh.reused", "ends the grant after that"), async () => {
    const next = tokensOf(await instance.refresh(first.refreshToken));
    world.clock.advance(minute);
    world.lines.length = 0;
    expect(errorOf(await instance.refresh(first.refreshToken))).toEqual(invalidGrant);
    expect(world.audited()).toMatchObject([
      { event: "audit.gateway-reuse", reason: "refresh-token-reused", objectId: oid },
    ]);
    expect(errorOf(await instance.refresh(next.refreshToken))).toEqual(invalidGrant);
    expect((await instance.verify(next.accessToken)).ok).toBe(false);
    expect(world.entra.asked).toHaveLength(1);
  });

  it(verifies("gateway.refresh.reused", "ends the grant once its successor was used"), async () => {
    const next = tokensOf(await instance.refresh(first.refreshToken));
    const last = tokensOf(await instance.refresh(next.refreshToken));
    expect(errorOf(await instance.refresh(first.refreshToken))).toEqual(invalidGrant);
    expect(errorOf(await instance.refresh(last.refreshToken))).toEqual(invalidGrant);
  });

  it(
    verifies("gateway.refresh.reused", "ends the grant days later, with the first one of all"),
    async () => {
      let { refreshToken } = first;
      for (let round = 0; round < 3; round += 1) {
        world.clock.advance(day);
        ({ refreshToken } = tokensOf(await instance.refresh(refreshToken)));
      }
      expect(errorOf(await instance.refresh(first.refreshToken))).toEqual(invalidGrant);
      expect(errorOf(await instance.refresh(refreshToken))).toEqual(invalidGrant);
    },
  );

  it(verifies("gateway.refresh.bound", "brings nothing to another client"), async () => {
    const next = tokensOf(await instance.refresh(first.refreshToken));
    const told = await instance.refresh(first.refreshToken, { client_id: "other" });
    expect(errorOf(told)).toEqual(invalidGrant);
    expect((await instance.refresh(next.refreshToken)).status).toBe(200);
  });
});

describe("one refresh token at several instances at once", () => {
  it(verifies("gateway.refresh.once", "has one successor for all"), async () => {
    const instances = [instance, new Instance(world), new Instance(world, { staleReads: 1 })];
    const answers = await Promise.all(
      Array.from({ length: 6 }, (_, index) => instances[index % 3]?.refresh(first.refreshToken)),
    );
    const given = answers.flatMap((told) => (told?.status === 200 ? [tokensOf(told)] : []));
    expect(given.length).toBeGreaterThan(1);
    expect(new Set(given.map(({ refreshToken }) => refreshToken)).size).toBe(1);
    for (const told of answers) if (told?.status !== 200) expect(told?.status).toBe(503);
    const [{ refreshToken } = first] = given;
    expect((await instance.refresh(refreshToken)).status).toBe(200);
  });

  it(verifies("gateway.stale", "ends nothing where one of them sees an old grant"), async () => {
    const late = new Instance(world);
    late.view.lag();
    const next = tokensOf(await instance.refresh(first.refreshToken));
    // To it this is a genuine token that is neither the one that is good nor the one before.
    expect(errorOf(await late.refresh(next.refreshToken))).toEqual(unavailable);
    expect(errorOf(await late.refresh(first.refreshToken))).toEqual(unavailable);
    late.view.catchUp();
    expect((await late.refresh(next.refreshToken)).status).toBe(200);
  });
});

describe("Entra", () => {
  it(
    verifies("gateway.refresh.once", "is asked once by a request that another came before"),
    async () => {
      const other = new Instance(world);
      let next: Tokens | undefined;
      world.entra.whileAsked = async () => {
        world.entra.whileAsked = () => {};
        next = tokensOf(await other.refresh(first.refreshToken));
      };
      const again = tokensOf(await instance.refresh(first.refreshToken));
      expect(again.refreshToken).toBe(next?.refreshToken);
      expect(world.entra.asked).toHaveLength(2);
      expect((await instance.verify(again.accessToken)).ok).toBe(true);
    },
  );

  it(verifies("gateway.refresh.refused", "that refuses ends the grant"), async () => {
    world.entra.failure = { kind: "refused", code: "AADSTS50173" };
    expect(errorOf(await instance.refresh(first.refreshToken))).toEqual(invalidGrant);
    expect(world.audited()).toMatchObject([
      {
        event: "audit.gateway-refresh",
        outcome: "refused",
        reason: "entra-refused",
        code: "AADSTS50173",
      },
    ]);
    expect(world.stored()).toMatchObject({ state: "ended", why: "entra-refused" });
    world.entra.failure = undefined;
    expect(errorOf(await instance.refresh(first.refreshToken))).toEqual(invalidGrant);
    expect((await instance.verify(first.accessToken)).ok).toBe(false);
    expect(value(await instance.grants.demandOn(oid, client.id))).toBeUndefined();
  });

  it(
    verifies("gateway.refresh.demanded", "that demands something has it asked at the next sign-in"),
    async () => {
      const claims = '{"access_token":{"acrs":{"essential":true,"value":"c1"}}}';
      world.entra.failure = { kind: "refused", code: "AADSTS50076", claims };
      expect(errorOf(await instance.refresh(first.refreshToken))).toEqual(invalidGrant);
      expect(value(await instance.grants.demandOn(oid, client.id))).toBe(claims);
    },
  );

  it.each([
    ["is down", { kind: "unavailable", retryAfterSeconds: 17 }, "17"],
    ["does not say for how long", { kind: "unavailable" }, "5"],
    [
      "does not accept the gateway's registration",
      { kind: "misconfigured", code: "AADSTS7000215" },
      "5",
    ],
  ] as const)(
    verifies("gateway.refresh.down", "that %s changes nothing"),
    async (_what, problem, seconds) => {
      const before = world.stored();
      world.entra.failure = problem;
      const told = await instance.refresh(first.refreshToken);
      expect(errorOf(told)).toEqual(unavailable);
      expect(told.headers["retry-after"]).toBe(seconds);
      expect(world.stored()).toEqual(before);
      expect(world.audited()).toMatchObject([{ outcome: "failed", reason: "entra-unavailable" }]);
      world.entra.failure = undefined;
      expect((await instance.refresh(first.refreshToken)).status).toBe(200);
    },
  );

  it(
    verifies("gateway.refresh.same-person", "that answers for another person ends the grant"),
    async () => {
      world.entra.impostor = "aaaaaaaa-0000-4000-8000-000000000002";
      expect(errorOf(await instance.refresh(first.refreshToken))).toEqual(invalidGrant);
      expect(world.audited()).toMatchObject([{ reason: "entra-refused", code: "other-person" }]);
      world.entra.impostor = undefined;
      expect(errorOf(await instance.refresh(first.refreshToken))).toEqual(invalidGrant);
    },
  );

  it(
    verifies("gateway.refresh.verified", "whose token would not pass on /mcp ends the grant"),
    async () => {
      world.entra.rejection = { kind: "no-delegated-scope", expected: "user_impersonation" };
      expect(errorOf(await instance.refresh(first.refreshToken))).toEqual(invalidGrant);
      expect(world.stored()).toMatchObject({ state: "ended", why: "entra-refused" });
    },
  );

  it.each([
    { kind: "key-set-unavailable", retryAfterSeconds: 3 },
    { kind: "unknown-key", got: "a key of this minute" },
  ] as const)(
    verifies(
      "gateway.refresh.down",
      "whose token cannot be checked right now changes nothing: $kind",
    ),
    async (rejection) => {
      world.entra.rejection = rejection;
      expect(errorOf(await instance.refresh(first.refreshToken))).toEqual(unavailable);
      world.entra.rejection = undefined;
      expect((await instance.refresh(first.refreshToken)).status).toBe(200);
    },
  );

  it.each(["revoked", "connection-ended", "person-erased"] as const)(
    verifies("gateway.ended.final", "that says yes while the grant ends (%s) brings nothing back"),
    async (why) => {
      const other = new Instance(world);
      world.entra.whileAsked = async () => void value(await other.endAll(why));
      expect(errorOf(await instance.refresh(first.refreshToken))).toEqual(invalidGrant);
      expect(world.stored()).toMatchObject({ state: "ended", why });
    },
  );

  it(
    verifies("gateway.refresh.once", "that refuses one of two at once does not undo the other's"),
    async () => {
      const other = new Instance(world);
      world.entra.whileAsked = async () => {
        world.entra.whileAsked = () => {};
        tokensOf(await other.refresh(first.refreshToken));
        world.entra.failure = { kind: "refused" };
        world.entra.whileAsked = () => {
          world.entra.failure = undefined;
        };
      };
      // Its refusal was not written: it is asked again, for the grant as it is now.
      tokensOf(await instance.refresh(first.refreshToken));
      expect(world.stored()).toMatchObject({ state: "active" });
    },
  );
});

describe("the scope of a refresh", () => {
  it.each([
    [undefined, "user_impersonation"],
    ["user_impersonation", "user_impersonation"],
    ["user_impersonation offline_access openid profile email", "user_impersonation"],
    ["offline_access", "user_impersonation"],
  ])(verifies("gateway.refresh.scope", "may be %s"), async (scope, granted) => {
    const { status, content } = await instance.refresh(first.refreshToken, { scope });
    expect([status, content.scope]).toEqual([200, granted]);
  });

  it.each(["another_scope_of_the_api", "user_impersonation admin", "User_Impersonation"])(
    verifies("gateway.refresh.scope", "may not be %s"),
    async (scope) => {
      const told = await instance.refresh(first.refreshToken, { scope });
      expect(errorOf(told)).toEqual([400, "invalid_scope"]);
      expect(world.entra.asked).toEqual([]);
      expect((await instance.refresh(first.refreshToken)).status).toBe(200);
    },
  );

  it(
    verifies("gateway.refresh.scope", "may be less than was granted, and all is there again"),
    async () => {
      const { refreshToken } = await instance.signedIn({ scopes: ["user_impersonation", "more"] });
      const less = await instance.refresh(refreshToken, { scope: "user_impersonation" });
      expect(less.content.scope).toBe("user_impersonation");
      const all = await instance.refresh(String(less.content.refresh_token));
      expect(all.content.scope).toBe("user_impersonation more");
    },
  );
});

describe("the life of a grant", () => {
  it(
    verifies("gateway.lifetime.idle", "ends when nobody has refreshed for the idle time"),
    async () => {
      world.clock.advance(idleMilliseconds - 1);
      const { refreshToken } = tokensOf(await instance.refresh(first.refreshToken));
      world.clock.advance(idleMilliseconds);
      expect(errorOf(await instance.refresh(refreshToken))).toEqual(invalidGrant);
      expect(value(await instance.grants.connectionsOf(oid))).toEqual([]);
    },
  );

  it(
    verifies("gateway.lifetime.absolute", "ends at its end, however much it is used"),
    async () => {
      const end = world.clock.now() + absoluteMilliseconds;
      let { refreshToken } = first;
      while (world.clock.now() + 10 * day < end) {
        world.clock.advance(10 * day);
        ({ refreshToken } = tokensOf(await instance.refresh(refreshToken)));
      }
      world.clock.advance(end - world.clock.now() - 60 * second);
      const told = await instance.refresh(refreshToken);
      expect(told.content.expires_in).toBe(60);
      const last = tokensOf(told);
      world.clock.advance(60 * second);
      expect(errorOf(await instance.refresh(last.refreshToken))).toEqual(invalidGrant);
      expect((await instance.verify(last.accessToken)).ok).toBe(false);
    },
  );
});

describe("a refresh token that was invented", () => {
  it(verifies("gateway.genuine", "ends nobody's grant, with the right ids either"), async () => {
    const { objectId, grantId } = readOpaqueToken("refresh", first.refreshToken) ?? {
      objectId: "",
      grantId: "",
    };
    const key = { id: "any", secret: randomBytes(32) };
    const invented = createOpaqueToken("refresh", { objectId, grantId }, key, randomBytes).text;
    for (const text of [invented, "gwr_", "anything", first.accessToken]) {
      expect(errorOf(await instance.refresh(text))).toEqual(invalidGrant);
    }
    expect(world.audited()).toMatchObject(Array(4).fill({ reason: "unknown-token" }));
    expect((await instance.refresh(first.refreshToken)).status).toBe(200);
  });
});
