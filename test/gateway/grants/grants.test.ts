import { beforeEach, describe, expect, it } from "vitest";
import { Caller } from "../../../src/core/caller.ts";
import { failure } from "../../../src/core/result.ts";
import { verifies } from "../../requirements.ts";
import { value } from "../../support/value.ts";
import {
  absoluteMilliseconds,
  client,
  day,
  errorOf,
  hour,
  Instance,
  invalidGrant,
  minute,
  oid,
  redirectUri,
  type Tokens,
  tokensOf,
  World,
} from "../tokens/world.ts";

const otherOid = "aaaaaaaa-0000-4000-8000-000000000002";
const otherClient = { ...client, id: "registered-1", name: "Self-made", domain: undefined };
const claims = '{"access_token":{"acrs":{"essential":true,"value":"c1"}}}';

let world: World;
let instance: Instance;
beforeEach(() => {
  world = new World();
  instance = new Instance(world);
});

async function isIn({ accessToken }: Tokens): Promise<boolean> {
  return (await instance.verify(accessToken)).ok;
}

describe("the connections of a person", () => {
  it(
    verifies("gateway.grants.listed", "are those that have not ended, with what was granted"),
    async () => {
      const since = world.clock.now();
      const { refreshToken } = await instance.signedIn();
      await instance.signedIn({ objectId: otherOid });
      world.clock.advance(hour);
      await instance.refresh(refreshToken);
      const [connection, ...others] = value(await instance.grants.connectionsOf(oid));
      expect(others).toEqual([]);
      expect(connection).toEqual({
        grantId: expect.stringMatching(/^[0-9a-f]{32}$/),
        clientId: client.id,
        clientName: "Example Client",
        clientDomain: "client.example",
        redirectUri,
        since,
        lastUsed: since + hour,
        endsAt: since + absoluteMilliseconds,
      });
    },
  );

  it(
    verifies("gateway.grants.listed", "have those whose code can still be redeemed among them"),
    async () => {
      await instance.begin({ client: otherClient });
      expect(value(await instance.grants.connectionsOf(oid))).toMatchObject([
        { clientId: "registered-1", clientName: "Self-made", clientDomain: undefined },
      ]);
      world.clock.advance(minute);
      expect(value(await instance.grants.connectionsOf(oid))).toEqual([]);
    },
  );

  it(verifies("gateway.grants.ended", "end one by one"), async () => {
    const tokens = await instance.signedIn();
    const others = await instance.signedIn({ client: otherClient });
    const found = value(await instance.grants.connectionsOf(oid));
    const { grantId = "" } = found.find(({ clientId }) => clientId === client.id) ?? {};
    const end = () => instance.grants.end(oid, grantId, "connection-ended");
    expect(value(await end())).toBe(true);
    expect(value(await end())).toBe(false);
    expect([await isIn(tokens), await isIn(others)]).toEqual([false, true]);
    expect(value(await instance.grants.connectionsOf(oid))).toHaveLength(1);
  });

  it(verifies("gateway.grants.ended", "are not to be ended by another person"), async () => {
    const tokens = await instance.signedIn();
    const [connection] = value(await instance.grants.connectionsOf(oid));
    const grantId = connection?.grantId ?? "";
    expect(value(await instance.grants.end(otherOid, grantId, "connection-ended"))).toBe(false);
    expect(await isIn(tokens)).toBe(true);
  });

  it(
    verifies("gateway.grants.ended", "end all at once, with codes that wait, and nobody else's"),
    async () => {
      const tokens = await instance.signedIn();
      const others = await instance.signedIn({ objectId: otherOid });
      const code = await instance.begin();
      expect(value(await instance.endAll())).toBe(2);
      expect(value(await instance.endAll())).toBe(0);
      expect([await isIn(tokens), await isIn(others)]).toEqual([false, true]);
      expect(errorOf(await instance.redeem(code))).toEqual(invalidGrant);
      expect(errorOf(await instance.refresh(tokens.refreshToken))).toEqual(invalidGrant);
    },
  );

  it(
    verifies("gateway.grants.none-missed", "end that another instance has made a moment before"),
    async () => {
      const late = new Instance(world);
      late.view.lag();
      const tokens = await instance.signedIn();
      const code = await instance.begin();
      expect(value(await late.grants.connectionsOf(oid))).toEqual([]);
      expect(value(await late.grants.everyConnectionOf(oid))).toHaveLength(2);
      const later = new Instance(world);
      later.view.lag();
      await instance.begin();
      expect(value(await later.endAll())).toBe(3);
      expect(errorOf(await instance.redeem(code))).toEqual(invalidGrant);
      expect(errorOf(await instance.refresh(tokens.refreshToken))).toEqual(invalidGrant);
    },
  );

  it(verifies("gateway.grants.contended", "end while the client goes on refreshing"), async () => {
    const { refreshToken } = await instance.signedIn();
    const other = new Instance(world);
    const [ended, refreshed] = await Promise.all([
      instance.endAll("connection-ended"),
      other.refresh(refreshToken),
    ]);
    expect(value(ended)).toBe(1);
    if (refreshed.status === 200) expect(await isIn(tokensOf(refreshed))).toBe(false);
    expect(world.stored()).toMatchObject({ state: "ended" });
  });

  it(
    verifies("gateway.grants.contended", "fail as busy where others never stop writing"),
    async () => {
      await instance.signedIn();
      const [connection] = value(await instance.grants.connectionsOf(oid));
      const writer = world.memory.view().container;
      const crowded = new Instance(world, {
        before: async ({ operation }) => {
          if (operation !== "replace") return;
          const [document] = world.memory.documents();
          if (document) await writer.item(String(document.id), oid).replace({ ...document });
        },
      });
      const grantId = connection?.grantId ?? "";
      expect(await crowded.grants.end(oid, grantId, "connection-ended")).toEqual(
        failure({ kind: "store", reason: { kind: "busy" } }),
      );
    },
  );
});

describe("a claims challenge", () => {
  let tokens: Tokens;
  let caller: Caller;
  beforeEach(async () => {
    tokens = await instance.signedIn();
    caller = value(await instance.verify(tokens.accessToken));
  });

  const challenge = (demanded = claims) =>
    instance.grants.challenged(caller, { kind: "claims-challenge", claims: demanded });
  const demand = async () => value(await instance.grants.demandOn(oid, client.id));

  it(verifies("gateway.challenge.ends", "ends the grant that let the caller in"), async () => {
    await challenge();
    expect(await isIn(tokens)).toBe(false);
    expect(errorOf(await instance.refresh(tokens.refreshToken))).toEqual(invalidGrant);
    expect(world.entra.asked).toEqual([]);
    expect(world.stored()).toMatchObject({ state: "ended", why: "sign-in-demanded" });
  });

  it(
    verifies(
      "gateway.challenge.demanded",
      "waits for the next sign-in of this person with this client",
    ),
    async () => {
      expect(await demand()).toBeUndefined();
      await challenge();
      expect(await demand()).toBe(claims);
      expect(value(await instance.grants.demandOn(otherOid, client.id))).toBeUndefined();
      expect(value(await instance.grants.demandOn(oid, otherClient.id))).toBeUndefined();
      world.clock.advance(day);
      expect(await demand()).toBeUndefined();
    },
  );

  it(
    verifies(
      "gateway.challenge.settled",
      "is settled by a sign-in that asked for it, and no other",
    ),
    async () => {
      await challenge();
      await instance.begin();
      expect(await demand()).toBe(claims);
      await instance.begin({ fulfils: '{"other":"claims"}' });
      expect(await demand()).toBe(claims);
      await instance.begin({ fulfils: claims });
      expect(await demand()).toBeUndefined();
    },
  );

  it(verifies("gateway.challenge.demanded", "takes the place of an earlier one"), async () => {
    await challenge('{"earlier":"claims"}');
    await challenge();
    expect(await demand()).toBe(claims);
  });

  it(verifies("gateway.challenge.demanded", "by several at once leaves one of them"), async () => {
    const all = ["1", "2", "3", "4"].map((n) => `{"access_token":{"acrs":{"value":"c${n}"}}}`);
    await Promise.all(all.map(challenge));
    expect(all).toContain(await demand());
  });

  it(verifies("gateway.challenge.ends", "without claims ends the grant alone"), async () => {
    await instance.grants.challenged(caller, { kind: "sign-in-ended" });
    expect(await isIn(tokens)).toBe(false);
    expect(await demand()).toBeUndefined();
  });

  it(
    verifies(
      "gateway.challenge.others",
      "of a caller who did not come through the gateway ends nothing",
    ),
    async () => {
      const stranger = new Caller({ ...caller }, "token");
      await instance.grants.challenged(stranger, { kind: "claims-challenge", claims });
      expect(await isIn(tokens)).toBe(true);
      expect(await demand()).toBeUndefined();
    },
  );

  it(
    verifies(
      "gateway.challenge.others",
      "that cannot be stored is written down, and fails nothing",
    ),
    async () => {
      const failing = new Instance(world, {
        before: ({ operation }) => {
          if (operation !== "read")
            throw Object.assign(new Error("down"), { code: "ECONNREFUSED" });
        },
      });
      const theirs = value(await failing.verify(tokens.accessToken));
      await failing.grants.challenged(theirs, { kind: "claims-challenge", claims });
      expect(world.lines.slice(-2)).toMatchObject([
        { level: "error", event: "gateway.demand-not-stored" },
        { level: "error", event: "gateway.grant-not-ended" },
      ]);
    },
  );
});
