import { expect, it } from "vitest";
import type { EndedGrant } from "../../../src/gateway/grants/grant-record.ts";
import { SeenGrants } from "../../../src/gateway/grants/seen-grants.ts";
import { FakeClock } from "../../keys/fake-clock.ts";
import { verifies } from "../../requirements.ts";

function grantWith(grantId: string, version = 1): EndedGrant {
  return {
    ...{ objectId: "person", grantId, clientId: "client", clientName: "Client" },
    ...{ redirectUri: "https://client.example/", scopes: [], since: 0, lastUsed: 0, endsAt: 0 },
    ...{ encryptionKeyId: "key-1", version, state: "ended", endedAt: 0, why: "revoked" },
  };
}

it(
  verifies("gateway.ended.final", "never takes an older version that is read for a newer one"),
  () => {
    const clock = new FakeClock();
    const seen = new SeenGrants(clock.now);
    const newer = grantWith("a", 3);
    expect(seen.keep(newer, clock.now())).toBe(newer);
    // Where it is known for long that there is a newer one, too.
    clock.advance(10_000);
    expect(seen.find(newer)).toBeUndefined();
    expect(seen.keep(grantWith("a", 2), clock.now())).toBe(newer);
  },
);

it(verifies("gateway.ended.elsewhere", "counts the ten seconds from before the read"), () => {
  const clock = new FakeClock();
  const seen = new SeenGrants(clock.now);
  const readAt = clock.now();
  clock.advance(4_000);
  seen.keep(grantWith("a"), readAt);
  clock.advance(5_999);
  expect(seen.find(grantWith("a"))).toBeDefined();
  clock.advance(1);
  expect(seen.find(grantWith("a"))).toBeUndefined();
});

it(verifies("gateway.grants.bounded", "holds 500 grants, the latest"), () => {
  const clock = new FakeClock();
  const seen = new SeenGrants(clock.now);
  for (let n = 0; n < 501; n += 1) seen.keep(grantWith(String(n)), clock.now());
  expect(seen.find(grantWith("0"))).toBeUndefined();
  expect(seen.find(grantWith("1"))).toBeDefined();
  expect(seen.find(grantWith("500"))).toBeDefined();
  seen.forget(grantWith("500"));
  expect(seen.find(grantWith("500"))).toBeUndefined();
});
