import { afterAll, describe, expect, it } from "vitest";
import { verifies } from "../../requirements.ts";
import { sharedSigningKey } from "../../support/composed.ts";
import type { composeGateway } from "../composed-gateway.ts";
import { attacks } from "./all.ts";
import { type Guard, guardsOf } from "./attack.ts";
import { Client } from "./client.ts";
import { Mutants } from "./mutants.ts";

const mutants = new Mutants();
afterAll(() => mutants.end());

/** Attacks on one guard, which are tried on one server without it. */
const byGuard = Map.groupBy(attacks, (attack) => JSON.stringify(guardsOf(attack)));

for (const [text, group] of byGuard) {
  const guards: readonly Guard[] = JSON.parse(text);
  const names = group.map(({ name }) => name).join("; ");
  describe.concurrent(`without what keeps off: ${names}`, () => {
    it(verifies("gateway-attacks.guards", "serves, and is attacked with success"), async () => {
      const mutant = await mutants.without(guards);
      const signingKey = await sharedSigningKey();
      const compose: typeof composeGateway = (options) =>
        mutant.composeGateway({ signingKey, ...options });
      const gateway = await compose();
      const { accessToken } = await (await Client.registered(gateway)).signIn();
      expect((await gateway.call(accessToken)).status).toBe(200);
      for (const { name, run } of group) {
        const attack = run(await compose(), compose);
        await expect(attack, name).rejects.toHaveProperty("name", "AssertionError");
      }
    });
  });
}
