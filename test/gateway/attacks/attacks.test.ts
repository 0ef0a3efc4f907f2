import { describe, it } from "vitest";
import { verifies } from "../../requirements.ts";
import { composeGateway } from "../composed-gateway.ts";
import { attacks } from "./all.ts";

// Not by `each`, which cuts long names off.
for (const { threat, name, source, run } of attacks) {
  describe.concurrent(`${name} (${source})`, () => {
    it(verifies(threat, "comes to nothing"), async () => {
      await run(await composeGateway(), composeGateway);
    });
  });
}
