import { createServer } from "node:net";
import { afterAll, describe, expect, it } from "vitest";
import { createClientDocuments } from "../../../src/core/client-documents/documents.ts";
import { type DocumentNetwork, publicNetwork } from "../../../src/core/client-documents/network.ts";
import { hasOtherLoopback } from "../../local/other-loopback.ts";
import { verifies } from "../../requirements.ts";
import { documentHost, startDocumentHost } from "../../support/document-host.ts";
import { listen } from "../../support/listen.ts";

const cited = "client-documents.address";

let connections = 0;
const inside = createServer((socket) => {
  connections += 1;
  socket.destroy();
});
const { port, close } = await listen(inside, "127.0.0.1");
afterAll(close);

const load = (url: string, network?: DocumentNetwork) =>
  createClientDocuments({ redirectUriProblem: () => undefined, network, now: () => 0 }).load(
    url,
    false,
  );

/** The network as it is, but for what names lead to. */
const leadingTo = (addresses: readonly string[]): DocumentNetwork => ({
  ...publicNetwork,
  resolve: async () => addresses,
});

const refused = { ok: false, reason: { kind: "address" } };

const insideAddresses = [
  ...["127.0.0.1", "127.9.9.9", "0.0.0.0", "10.0.0.1", "172.16.0.1", "192.168.1.1", "100.64.0.1"],
  ...[
    "169.254.169.254",
    "168.63.129.16",
    "192.0.0.192",
    "198.18.0.1",
    "224.0.0.1",
    "255.255.255.255",
  ],
  ...["::1", "::", "fd00:ec2::254", "fe80::1", "fec0::1", "ff02::1", "::7f00:1", "2001::1"],
  ...[
    "::ffff:7f00:1",
    "::ffff:a9fe:a9fe",
    "::ffff:0:7f00:1",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
  ],
  ...["64:ff9b:1::7f00:1", "2002:7f00:1::", "2002:a9fe:a9fe::1", "2606:4700::5efe:7f00:1"],
  ...["2606:4700::200:5efe:a9fe:a9fe", "100::1", "2001:db8::1", "3fff::1", "5f00::1"],
];

describe("a document", () => {
  it.each(insideAddresses)(verifies(cited, "is not fetched from %s itself"), async (address) => {
    const host = address.includes(":") ? new URL(`https://[${address}]/`).hostname : address;
    const before = connections;
    expect(await load(`https://${host}:${port}/client.json`)).toEqual(refused);
    expect(connections).toBe(before);
  });

  it.each(insideAddresses)(
    verifies(cited, "is not fetched from a name that leads to %s"),
    async (address) => {
      const before = connections;
      const found = await load(`https://client.example:${port}/c`, leadingTo([address]));
      expect(found).toEqual(refused);
      expect(connections).toBe(before);
    },
  );

  it.each([["localhost"], ["localhost."]])(
    verifies(cited, "is not fetched from %s, as this machine resolves it"),
    async (host) => {
      const before = connections;
      const found = await load(`https://${host}:${port}/client.json`);
      expect(found).toMatchObject({ ok: false });
      expect(connections).toBe(before);
    },
  );

  it.each([
    ["a public address and a private one", ["93.184.216.34", "10.0.0.1"]],
    ["a private address and a public one", ["::1", "2606:4700::1"]],
    ["something that is no address", ["93.184.216.34", "client.example"]],
    ["an address with a zone", ["fe80::1%lo"]],
  ])(verifies(cited, "is not fetched from a name that leads to %s"), async (_what, addresses) => {
    expect(await load("https://client.example/client.json", leadingTo(addresses))).toEqual(refused);
  });

  it(verifies(cited, "is not fetched from a name that leads nowhere"), async () => {
    expect(await load("https://client.example/client.json", leadingTo([]))).toEqual({
      ok: false,
      reason: { kind: "unreachable", code: "ENOTFOUND" },
    });
  });
});

describe("a name that changes its mind", () => {
  it(
    verifies("client-documents.rebinding", "is resolved once, and connected to as it was judged"),
    async ({ skip }) => {
      skip(!hasOtherLoopback, "This machine has no ::1.");
      const host = await startDocumentHost();
      const hostPort = Number(new URL(host.origin).port);
      let visits = 0;
      const victim = createServer((socket) => {
        visits += 1;
        socket.destroy();
      });
      await new Promise<void>((resolve) => victim.listen(hostPort, "::1", resolve));
      try {
        const asked: string[] = [];
        const answers = [["127.0.0.1"], ["::1"], ["::1"]];
        const found = await load(host.publish("/client.json"), {
          ...host.network,
          allows: (address) => address === "127.0.0.1",
          resolve: async (name) => {
            asked.push(name);
            return answers[asked.length - 1] ?? [];
          },
        });
        expect(found).toMatchObject({ ok: true });
        expect(asked).toEqual([documentHost]);
        expect(visits).toBe(0);
      } finally {
        victim.close();
        await host.close();
      }
    },
  );
});
