import type { lookup } from "node:dns";
import { createServer } from "node:http";
import { describe, expect, it } from "vitest";
import { AddressGuard, depthOf } from "../../../probe/shared/address-guard.ts";
import { createClient } from "../../../probe/shared/http-client.ts";
import { verifies } from "../../requirements.ts";
import { listen } from "../../support/listen.ts";

const cited = ["authsuite.token-stays", "doctor.token-stays"] as const;
const nowhere = Number.POSITIVE_INFINITY;

describe("an address", () => {
  it.each([
    [0, ["93.184.216.34", "2606:4700::1", "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::1"]],
    [1, ["10.0.0.1", "172.31.0.1", "192.168.1.1", "100.64.0.1", "fd00::1", "::ffff:10.0.0.1"]],
    [1, ["64:ff9b::a00:1", "2002:a00:1::1", "64:ff9b::192.168.1.1"]],
    [0, ["2606:4700::5efe:8.8.8.8"]],
    [1, ["2606:4700::5efe:10.0.0.1", "2606:4700:0:1:200:5efe:a00:1", "fd00::5efe:8.8.8.8"]],
    [2, ["2606:4700::5efe:127.0.0.1", "2606:4700:0:1:0:5efe:7f00:1", "2606::200:5efe:7f00:1%2"]],
    [2, ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::"]],
    [nowhere, ["169.254.169.254", "0.0.0.0", "::", "fe80::1%eth0", "fec0::1", "ff02::1"]],
    [nowhere, ["64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "::7f00:1", "255.255.255.255", "2001::1"]],
    [nowhere, ["168.63.129.16", "::ffff:168.63.129.16", "192.88.99.1", "3fff::1", "5f00::1"]],
    [nowhere, ["64:ff9b::a83f:8110", "2002:a83f:8110::1", "2606::5efe:a9fe:a9fe", "100:0:0:1::1"]],
    [nowhere, ["2606:4700:1:1:0:5efe::", "2606:4700:1:1:200:5efe:0:1"]],
  ])(verifies(cited, "lies at depth %d: %j"), (depth, addresses) => {
    expect(addresses.map(depthOf)).toEqual(addresses.map(() => depth));
  });
});

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
