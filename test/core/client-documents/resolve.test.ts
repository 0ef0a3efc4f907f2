import { createSocket, type RemoteInfo } from "node:dgram";
import { describe, expect, it, onTestFinished } from "vitest";
import { resolvePublicly } from "../../../src/core/client-documents/resolve.ts";
import { verifies } from "../../requirements.ts";

const cited = "client-documents.names";

/** A name server that answers each query so; nothing where the answer is nothing. */
async function nameServer(answer: (query: Buffer) => Buffer | undefined) {
  const socket = createSocket("udp4");
  const { promise: asked, resolve } = Promise.withResolvers<void>();
  socket.on("message", (query: Buffer, { port, address }: RemoteInfo) => {
    resolve();
    const message = answer(query);
    if (message) socket.send(message, port, address);
  });
  await new Promise<void>((listening) => socket.bind(0, "127.0.0.1", listening));
  onTestFinished(() => void socket.close());
  return { servers: [`127.0.0.1:${socket.address().port}`], asked };
}

/** An answer (RFC 1035, section 4.1) with addresses of IPv4 to whoever asks for those. */
function answerWith(addresses: readonly string[], query: Buffer): Buffer {
  const end = query.indexOf(0, 12) + 5;
  const isForIpv4 = query.readUInt16BE(end - 4) === 1;
  const records = (isForIpv4 ? addresses : []).map((address) =>
    Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 9, 0, 4, ...address.split(".").map(Number)]),
  );
  const head = Buffer.from(query.subarray(0, end));
  head.writeUInt16BE(0x8180, 2);
  head.writeUInt16BE(records.length, 6);
  head.writeUInt16BE(0, 8);
  head.writeUInt16BE(0, 10);
  return Buffer.concat([head, ...records]);
}

describe("the name of a document's host", () => {
  it(verifies(cited, "is resolved to all its addresses"), async () => {
    const addresses = ["93.184.216.34", "10.0.0.1"];
    const { servers } = await nameServer((query) => answerWith(addresses, query));
    const { signal } = new AbortController();
    const found = await resolvePublicly("client.example", signal, servers);
    expect([...found].sort()).toEqual([...addresses].sort());
  });

  it(verifies(cited, "is not looked for any longer once the time is up"), async () => {
    const { servers, asked } = await nameServer(() => undefined);
    const controller = new AbortController();
    const found = resolvePublicly("client.example", controller.signal, servers);
    await asked;
    controller.abort();
    await expect(found).rejects.toMatchObject({ code: "ECANCELLED" });
  });

  it(verifies(cited, "leads nowhere where the server knows none"), async () => {
    const { servers } = await nameServer((query) => answerWith([], query));
    const { signal } = new AbortController();
    const found = resolvePublicly("client.example", signal, servers);
    await expect(found).rejects.toMatchObject({ code: "ENODATA" });
  });

  it.each(["localhost", "LOCALHOST.", "a.localhost"])(
    verifies(cited, "is this machine where it is %s, whatever a server says"),
    async (host) => {
      const { servers } = await nameServer((query) => answerWith(["93.184.216.34"], query));
      const { signal } = new AbortController();
      expect(await resolvePublicly(host, signal, servers)).toEqual(["127.0.0.1"]);
    },
  );
});
