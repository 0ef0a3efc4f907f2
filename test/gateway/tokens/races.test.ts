import { setImmediate } from "node:timers/promises";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { verifies } from "../../requirements.ts";
import { client, Instance, minute, second, type Told, World } from "./world.ts";

/*
 * Several holders of one grant's tokens, honest and not, do anything in any order on instances that see
 * late, while calls to the database fail before or after they have taken place.
 */
const step = fc.record({
  what: fc.constantFrom(
    ...([
      "refresh",
      "refresh",
      "refresh",
      "redeem",
      "verify",
      "revoke",
      "end",
      "challenge",
    ] as const),
  ),
  /** Which of the refresh tokens that have been given out, counted from the latest. */
  which: fc.constantFrom(0, 0, 0, 0, 1, 2, 3),
  instance: fc.nat({ max: 2 }),
  clientId: fc.constantFrom(client.id, client.id, client.id, "other"),
  wait: fc.constantFrom(0, 0, 0, second, 59 * second, minute, 5 * minute),
  fate: fc.constantFrom("goes on", "goes on", "goes on", "fails before", "fails after"),
  /** Whether the next one waits for it. */
  isAwaited: fc.boolean(),
});

/** Of a step that is under way, how its next write fares. */
interface Fate {
  fate: "goes on" | "fails before" | "fails after";
}

function instanceWith(world: World, staleReads: number, next: Fate): Instance {
  const fail = () => {
    next.fate = "goes on";
    throw Object.assign(new Error("lost"), { code: "ECONNRESET" });
  };
  return new Instance(world, {
    staleReads,
    before: ({ operation }) => {
      if (operation === "replace" && next.fate === "fails before") fail();
    },
    after: ({ operation }) => {
      if (operation === "replace" && next.fate === "fails after") fail();
    },
  });
}

describe("whatever happens to a grant, in whatever order", () => {
  it(verifies(
    ["gateway.races", "gateway.ended.final"],
    "no token brings it back, and none is good twice",
  ), async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 14 }), async (steps) => {
        const world = new World();
        const fates: Fate[] = [0, 1, 2].map(() => ({ fate: "goes on" }));
        const instances = fates.map((fate, index) => instanceWith(world, index, fate));
        const [first] = instances;
        if (!first) throw new Error("There is no instance.");
        const code = await first.begin();
        /** In the order in which clients got to see them. */
        const given: string[] = [];
        const accessTokens: string[] = [];
        let hasEnded = false;
        /** Which refresh token brought which: one token has one successor. */
        const successors = new Map<string, string>();

        const took = (told: Told, wasOver: boolean, presented?: string) => {
          if (told.status !== 200 || told.content.access_token === undefined) return;
          expect(wasOver, "tokens of a grant that had ended before").toBe(false);
          const refreshToken = String(told.content.refresh_token);
          accessTokens.push(String(told.content.access_token));
          if (!given.includes(refreshToken)) given.push(refreshToken);
          if (presented === undefined) return;
          expect(successors.get(presented) ?? refreshToken).toBe(refreshToken);
          successors.set(presented, refreshToken);
        };
        took(await first.redeem(code), false);

        const running: Promise<void>[] = [];
        for (const { what, which, instance: index, clientId, wait, fate, isAwaited } of steps) {
          world.clock.advance(wait);
          const instance = instances[index] ?? first;
          Object.assign(fates[index] ?? {}, { fate });
          const refreshToken = given.at(-1 - which) ?? given[0] ?? "";
          const accessToken = accessTokens.at(-1) ?? "";
          const wasOver = hasEnded;
          const act = async (): Promise<void> => {
            switch (what) {
              case "refresh": {
                const told = await instance.refresh(refreshToken, { client_id: clientId });
                if (clientId !== client.id) expect(told.status).not.toBe(200);
                took(told, wasOver, refreshToken);
                break;
              }
              case "redeem":
                expect((await instance.redeem(code)).status).not.toBe(200);
                break;
              case "verify":
                await instance.verify(accessToken);
                break;
              case "revoke": {
                const { status } = await instance.revoke(refreshToken, { client_id: clientId });
                if (status === 200) hasEnded = true;
                break;
              }
              case "end":
                if ((await instance.endAll("connection-ended")).ok) {
                  hasEnded ||= world.stored()?.state === "ended";
                }
                break;
              case "challenge": {
                const caller = await instance.verify(accessToken);
                if (!caller.ok) break;
                await instance.grants.challenged(caller.value, { kind: "sign-in-ended" });
                break;
              }
            }
            // What the database says has ended stays so.
            const { state } = world.stored() ?? {};
            if (hasEnded) expect(state).toBe("ended");
            if (state === "ended") hasEnded = true;
          };
          const under = act();
          running.push(under);
          if (isAwaited) await under;
          else await setImmediate();
        }
        await Promise.all(running);

        // One that looks afterwards sees at most one good refresh token, and the one before it.
        const survivor = new Instance(world);
        if (hasEnded) {
          for (const token of given) expect((await survivor.refresh(token)).status).toBe(400);
          world.clock.advance(10 * second);
          for (const token of accessTokens) expect((await survivor.verify(token)).ok).toBe(false);
        } else {
          const latest = given.at(-1) ?? "";
          expect((await survivor.refresh(latest)).status).not.toBe(503);
        }
        // And the person can start again.
        const again = await survivor.signedIn();
        expect((await survivor.verify(again.accessToken)).ok).toBe(true);
      }),
      { numRuns: 60 },
    );
  }, 30_000);
});
