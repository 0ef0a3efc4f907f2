import type { lookup } from "node:dns";
import { createServer } from "node:http";
import { describe, expect, it } from "vitest";
import { AddressGuard } from "../../../probe/shared/address-guard.ts";
import { createClient } from "../../../probe/shared/http-client.ts";
import { verifies } from "../../requirements.ts";
import { listen } from "../../support/listen.ts";

const cited = ["authsuite.token-stays", "doctor.token-stays"] as const;

/** A resolver that knows every name by one address. */
function resolvingTo(address: string) {
  return ((_name: string, _options: object, callback: (...found: unknown[]) => void) =>
    callback(null, [{ address, family: 4 }])) as unknown as typeof lookup;
}

describe("a host that a server names", () => {
  it.each([
    // Where the server is, where the name or address leads, and whether that is asked.
    ["93.184.216.34", "keys.example", "127.0.0.1", false],
    ["93.184.216.34", "127.0.0.1", "127.0.0.1", false],
    ["10.1.2.3", "keys.example", "127.0.0.1", false],
    ["127.0.0.1", "keys.example", "127.0.0.1", true],
    ["127.0.0.1", "keys.example", "169.254.169.254", false],
  ])(
    verifies(cited, "from a server at %s, %s, which leads to %s: asked is %j"),
    async (server, host, address, isAsked) => {
      let requests = 0;
      const { port, close } = await listen(
        createServer((_request, response) => {
          requests += 1;
          response.end();
        }),
      );
      const guard = new AddressGuard(resolvingTo(address));
      guard.answered("server.example", server);
      const client = createClient({
        ...{ userAgent: "guard-test", timeout: 5_000, concurrency: 1, now: Date.now, guard },
      });
      try {
        const url = new URL(`http://${host}:${port}/`);
        const { problem } = await client.send({ method: "GET", url });
        expect(requests).toBe(isAsked ? 1 : 0);
        if (!isAsked) expect(problem?.words).toContain("ERR_ADDRESS_REFUSED");
      } finally {
        client.close();
        await close();
      }
    },
  );

  it.each([
    // Later answers, and whether this machine is asked then.
    ["the same name, elsewhere on this machine", "named.example", "::1", true],
    ["the same name, outside", "named.example", "93.184.216.34", false],
    ["another name, outside", "authority.example", "93.184.216.34", true],
  ])(
    verifies(cited, "from a server on this machine, after an answer of %s (%s, %s): asked is %j"),
    (_words, host, address, isAsked) => {
      const guard = new AddressGuard();
      guard.answered("named.example", "127.0.0.1");
      guard.answered(host, address);
      guard.answered("named.example", undefined);
      expect(guard.allows("127.0.0.1")).toBe(isAsked);
      guard.answered("named.example", "127.0.0.1");
      expect(guard.allows("127.0.0.1")).toBe(isAsked);
    },
  );

  it(verifies(cited, "is judged by the address that answered first"), async () => {
    const { port, close } = await listen(createServer((_request, response) => response.end()));
    const guard = new AddressGuard();
    const client = createClient({
      ...{ userAgent: "guard-test", timeout: 5_000, concurrency: 1, now: Date.now, guard },
    });
    await client.send({ method: "GET", url: new URL(`http://127.0.0.1:${port}/`) });
    client.close();
    await close();
    const asked = ["127.0.0.2", "10.0.0.1", "93.184.216.34", "169.254.169.254"];
    expect(asked.map((address) => guard.allows(address))).toEqual([true, true, true, false]);
  });
});
