import { decodeProtectedHeader } from "jose";
import { beforeEach, describe, expect, it } from "vitest";
import { publicationLead, rotationInterval } from "../../../src/keys/rotation.ts";
import { verifies } from "../../requirements.ts";
import { issuer } from "../composed-gateway.ts";
import { refresh, type Session, signInBy, statusOfCall } from "./outside.ts";
import { type Instance, minute, World } from "./world.ts";

let world: World;
let instances: readonly [Instance, Instance];

beforeEach(async () => {
  world = new World();
  instances = [await world.start(), await world.start({ staleReads: 2 })];
});

/** Each instance signs somebody in, both at once. */
function signInAtBoth(): Promise<Session[]> {
  return Promise.all(instances.map(({ fetch: http }) => signInBy(http)));
}

async function statusesEverywhere(sessions: readonly Session[]): Promise<number[]> {
  const calls = sessions.flatMap((session) =>
    instances.map(({ fetch: http }) => statusOfCall(http, session)),
  );
  return Promise.all(calls);
}

const signedBy = ({ accessToken }: Session) => decodeProtectedHeader(accessToken).kid;

async function shownKeys({ fetch: http }: Instance): Promise<(string | undefined)[]> {
  const { keys } = JSON.parse(await (await http(`${issuer}/jwks`)).text());
  return keys.map(({ kid }: { readonly kid: string }) => kid);
}

describe("two instances that make keys at once", () => {
  it(verifies("gateway.instances.keys", "make the first ones once, and share them"), async () => {
    const sessions = await signInAtBoth();
    expect(await statusesEverywhere(sessions)).toEqual([200, 200, 200, 200]);
    expect(new Set(sessions.map(signedBy)).size).toBe(1);
    expect(world.gatewayKeyStorage.keyIds()).toHaveLength(2);
    const [one, other] = instances;
    expect(await shownKeys(one)).toEqual(await shownKeys(other));
  });

  it(
    verifies("gateway.instances.keys", "show a new one an hour before either signs with it"),
    async () => {
      let sessions = await signInAtBoth();
      const [first] = await shownKeys(instances[0]);
      world.clock.advance(rotationInterval - publicationLead);
      // Both find that new keys are due.
      const shown = await Promise.all(instances.map(shownKeys));
      expect(shown[0]).toHaveLength(2);
      expect(shown[1]).toEqual(shown[0]);
      const next = shown[0]?.find((id) => id !== first);

      world.clock.advance(publicationLead - minute);
      sessions = await signInAtBoth();
      expect(sessions.map(signedBy)).toEqual([first, first]);
      world.clock.advance(minute);
      const later = await signInAtBoth();
      expect(later.map(signedBy)).toEqual([next, next]);
      expect(await statusesEverywhere([...sessions, ...later])).toEqual(Array(8).fill(200));
      // A grant that began with the old keys goes on with the new.
      const refreshed = await Promise.all(
        sessions.map((session, index) => {
          const other = instances[1 - index] ?? instances[0];
          return refresh(other.fetch, session);
        }),
      );
      expect(refreshed.map(({ session }) => signedBy(session))).toEqual([next, next]);
      const known = await Promise.all(instances.map(shownKeys));
      expect(known).toEqual([
        [first, next],
        [first, next],
      ]);
    },
  );

  it(
    verifies("gateway.instances.keys", "take each other's tokens where one has just started"),
    async () => {
      const [session] = await signInAtBoth();
      if (!session) throw new Error("Nobody has signed in.");
      const started = await world.start({ staleReads: 2 });
      expect(await statusOfCall(started.fetch, session)).toBe(200);
      expect((await refresh(started.fetch, session)).status).toBe(200);
    },
  );
});
