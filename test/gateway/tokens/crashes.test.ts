import { describe, expect, it } from "vitest";
import { verifies } from "../../requirements.ts";
import { value } from "../../support/value.ts";
import type { ContainerCall, ViewOptions } from "../memory-container.ts";
import { client, Instance, minute, oid, type Told, tokensOf, World } from "./world.ts";

/*
 * An instance that is killed: from its Nth call to the database on, none takes place any more, or the Nth
 * still does and nobody learns of it. What it would have answered is lost in either case. Then others
 * look at what it has left behind.
 */
type Death = "before" | "after";

function dying(at: number, death: Death): ViewOptions & { readonly calls: () => number } {
  let calls = 0;
  const die = () => {
    throw Object.assign(new Error("killed"), { code: "ECONNRESET" });
  };
  return {
    calls: () => calls,
    before: (_call: ContainerCall) => {
      calls += 1;
      if (calls > at || (calls === at && death === "before")) die();
    },
    after: (_call: ContainerCall) => {
      if (calls === at && death === "after") die();
    },
  };
}

/** Does `work` on instances that die at each of its steps, and has `judge` look at what is left. */
async function atEachStep(
  prepare: (world: World, instance: Instance) => Promise<string>,
  work: (dying: Instance, prepared: string) => Promise<unknown>,
  judge: (survivor: Instance, prepared: string, world: World) => Promise<void>,
): Promise<void> {
  for (const death of ["before", "after"] as const) {
    for (let at = 1; ; at += 1) {
      const world = new World();
      const survivor = new Instance(world);
      const prepared = await prepare(world, survivor);
      const options = dying(at, death);
      await work(new Instance(world, options), prepared);
      await judge(survivor, prepared, world);
      await canStartAgain(survivor);
      if (options.calls() < at) {
        expect(at).toBeGreaterThan(1);
        break;
      }
    }
  }
}

async function canStartAgain(instance: Instance): Promise<void> {
  const tokens = await instance.signedIn();
  expect((await instance.verify(tokens.accessToken)).ok).toBe(true);
  expect((await instance.refresh(tokens.refreshToken)).status).toBe(200);
}

/** Nothing of the grant is good, and no answer says anything else. */
async function isOver(instance: Instance, refreshToken: string): Promise<void> {
  expect((await instance.refresh(refreshToken)).status).toBe(400);
}

const nothing = async () => "";

describe("an instance that is killed between any two steps", () => {
  it(verifies("gateway.crash", "of a sign-in leaves the person free to start again"), async () => {
    await atEachStep(
      nothing,
      (instance) => instance.tryToBegin(),
      async () => {},
    );
  });

  it(verifies("gateway.crash", "of a redemption has spent the code, or has not"), async () => {
    await atEachStep(
      (_world, instance) => instance.begin(),
      (instance, code) => instance.redeem(code),
      async (survivor, code, world) => {
        const state = world.stored()?.state;
        const told = await survivor.redeem(code);
        if (state === "pending") return void tokensOf(told);
        // The client asks again with a code that brought tokens, which may be in anybody's hands.
        expect(told.status).toBe(400);
        expect(world.stored()?.state).toBe("ended");
      },
    );
  });

  it(
    verifies("gateway.crash", "of a refresh loses nothing to a client that asks again"),
    async () => {
      await atEachStep(
        async (_world, instance) => (await instance.signedIn()).refreshToken,
        (instance, refreshToken) => instance.refresh(refreshToken),
        async (survivor, refreshToken) => {
          const next = tokensOf(await survivor.refresh(refreshToken));
          expect((await survivor.verify(next.accessToken)).ok).toBe(true);
          tokensOf(await survivor.refresh(next.refreshToken));
        },
      );
    },
  );

  it(
    verifies(
      "gateway.crash",
      "of a refresh that is asked for again too late ends the grant at worst",
    ),
    async () => {
      await atEachStep(
        async (_world, instance) => (await instance.signedIn()).refreshToken,
        (instance, refreshToken) => instance.refresh(refreshToken),
        async (survivor, refreshToken, world) => {
          const hasRotated = world.stored()?.previous !== undefined;
          world.clock.advance(minute);
          const { status } = await survivor.refresh(refreshToken);
          expect(status).toBe(hasRotated ? 400 : 200);
          expect(world.stored()?.state).toBe(hasRotated ? "ended" : "active");
        },
      );
    },
  );

  it(
    verifies("gateway.crash", "of an end has ended the grant, or lets it be ended again"),
    async () => {
      const ways: readonly ((instance: Instance, refreshToken: string) => Promise<unknown>)[] = [
        (instance, refreshToken) => instance.revoke(refreshToken),
        (instance) => instance.endAll(),
      ];
      for (const end of ways) {
        await atEachStep(
          async (_world, instance) => (await instance.signedIn()).refreshToken,
          end,
          async (survivor, refreshToken, world) => {
            const wasEnded = world.stored()?.state === "ended";
            if (wasEnded) await isOver(survivor, refreshToken);
            await end(survivor, refreshToken);
            await isOver(survivor, refreshToken);
          },
        );
      }
    },
  );

  it(
    verifies("gateway.crash", "of a refusal by Entra brings nothing back once it was written"),
    async () => {
      const claims = '{"access_token":{"acrs":{"essential":true,"value":"c1"}}}';
      await atEachStep(
        async (_world, instance) => (await instance.signedIn()).refreshToken,
        async (instance, refreshToken) => {
          instance.world.entra.failure = { kind: "refused", claims };
          await instance.refresh(refreshToken);
          instance.world.entra.failure = undefined;
        },
        async (survivor, refreshToken, world) => {
          const hasEnded = world.stored()?.state === "ended";
          // A grant that ended by a demand never ends without it.
          const demanded = value(await survivor.grants.demandOn(oid, client.id));
          if (hasEnded) expect(demanded).toBe(claims);
          const { status } = await survivor.refresh(refreshToken);
          expect(status).toBe(hasEnded ? 400 : 200);
        },
      );
    },
  );

  it(
    verifies("gateway.crash", "of a challenge never ends the grant without what was demanded"),
    async () => {
      const claims = '{"access_token":{"acrs":{"essential":true,"value":"c1"}}}';
      const challenge = { kind: "claims-challenge", claims } as const;
      await atEachStep(
        async (_world, instance) => (await instance.signedIn()).accessToken,
        async (instance, accessToken) => {
          const caller = await instance.verify(accessToken);
          if (caller.ok) await instance.grants.challenged(caller.value, challenge);
        },
        async (survivor, accessToken, world) => {
          if (world.stored()?.state === "ended") {
            expect(value(await survivor.grants.demandOn(oid, client.id))).toBe(claims);
            return;
          }
          // The next call meets it again.
          const caller = value(await survivor.verify(accessToken));
          await survivor.grants.challenged(caller, challenge);
          expect((await survivor.verify(accessToken)).ok).toBe(false);
          expect(value(await survivor.grants.demandOn(oid, client.id))).toBe(claims);
        },
      );
    },
  );

  it(
    verifies("gateway.crash", "of the end by a replay lets nobody in once it was written"),
    async () => {
      let tokens: Told | undefined;
      await atEachStep(
        async (_world, instance) => {
          const code = await instance.begin();
          tokens = await instance.redeem(code);
          return code;
        },
        (instance, code) => instance.redeem(code),
        async (survivor, code, world) => {
          const hasEnded = world.stored()?.state === "ended";
          const refreshToken = String(tokens?.content.refresh_token);
          if (hasEnded) return isOver(survivor, refreshToken);
          expect((await survivor.redeem(code)).status).toBe(400);
          await isOver(survivor, refreshToken);
        },
      );
    },
  );
});
