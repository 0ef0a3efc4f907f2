import { once } from "node:events";
import { createServer } from "node:http";
import { Duplex } from "node:stream";
import { describe, expect, it } from "vitest";
import type { ProgrammingModel } from "../../../local/functions-host/core-types.ts";
import { startStreamProxy } from "../../../local/functions-host/stream-proxy.ts";
import { portOf } from "../../../local/loopback.ts";
import { verifies } from "../../requirements.ts";

/** Listens as the library does, on all interfaces. */
async function startLikeTheLibrary() {
  const server = createServer();
  const model = {
    name: "test",
    version: "1",
    getInvocationModel: () => {
      throw new Error("not used");
    },
    getCapabilities: async () => {
      await once(server.listen(), "listening");
      return { HttpUri: `http://localhost:${portOf(server)}/` };
    },
  } satisfies ProgrammingModel;
  return { server, port: await startStreamProxy(model) };
}

function connectionFrom(remoteAddress: string) {
  const silent = new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() });
  return Object.assign(silent, { remoteAddress });
}

describe("the stream proxy", () => {
  it(verifies("functions-host.loopback", "listens on the loopback interface"), async () => {
    const { server, port } = await startLikeTheLibrary();
    expect(server.address()).toMatchObject({ address: "127.0.0.1", port });
    server.close();
  });

  it(verifies("functions-host.loopback", "refuses connections from elsewhere"), async () => {
    const { server } = await startLikeTheLibrary();
    const stranger = connectionFrom("192.0.2.7");
    server.emit("connection", stranger);
    expect(stranger.destroyed).toBe(true);
    for (const address of ["127.0.0.1", "::1", "::ffff:127.0.0.1"]) {
      const neighbour = connectionFrom(address);
      server.emit("connection", neighbour);
      expect(neighbour.destroyed).toBe(false);
      neighbour.destroy();
    }
    server.close();
  });

  it("leaves servers alone that start later", async () => {
    const { server } = await startLikeTheLibrary();
    const later = createServer();
    await once(later.listen(), "listening");
    expect(later.address()).not.toMatchObject({ address: "127.0.0.1" });
    later.close();
    server.close();
  });
});
