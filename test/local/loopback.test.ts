import { once } from "node:events";
import { createServer } from "node:http";
import { connect } from "node:net";
import { describe, expect, it } from "vitest";
import { listenOnLoopback } from "../../local/loopback.ts";
import { verifies } from "../requirements.ts";
import { hasOtherLoopback } from "./other-loopback.ts";

const part = "Test";

describe("listening on the loopback address", () => {
  it(verifies("local.loopback", "answers there and nowhere else"), async ({ skip }) => {
    skip(process.platform === "darwin", "macOS has no other loopback address to try");
    const server = createServer((_, response) => response.end("here"));
    const { port, close } = await listenOnLoopback(server, { part, port: 0 });
    try {
      expect(await (await fetch(`http://127.0.0.1:${port}`)).text()).toBe("here");
      await expect(once(connect(port, "127.0.0.2"), "connect")).rejects.toMatchObject({
        code: "ECONNREFUSED",
      });
    } finally {
      await close();
    }
  });

  it(verifies("local.both-addresses", "answers under both of its addresses"), async ({ skip }) => {
    skip(!hasOtherLoopback, "this machine has no IPv6");
    const server = createServer((request, response) => response.end(request.socket.localAddress));
    const { port, close } = await listenOnLoopback(server, { part, port: 0 });
    const addresses = ["127.0.0.1", "[::1]"];
    const answers = addresses.map(async (host) => (await fetch(`http://${host}:${port}`)).text());
    expect(await Promise.all(answers)).toEqual(["127.0.0.1", "::1"]);
    await expect(listenOnLoopback(createServer(), { part, port })).rejects.toThrow(/in use/);
    await close();
    await expect(fetch(`http://[::1]:${port}`)).rejects.toThrow();

    const other = createServer();
    await once(other.listen(port, "::1"), "listening");
    await expect(listenOnLoopback(createServer(), { part, port })).rejects.toThrow(/in use/);
    other.close();
  });

  it(verifies("local.port-in-use", "takes the port that is asked for, and frees it"), async () => {
    const first = await listenOnLoopback(createServer(), { part, port: 0 });
    const { port } = first;
    await expect(listenOnLoopback(createServer(), { part, port })).rejects.toThrow(
      `Test: port ${port} is in use. Stop the program that uses it, or choose another port.`,
    );
    await first.close();
    const second = await listenOnLoopback(createServer(), { part, port });
    await second.close();

    expect(second.port).toBe(port);
  });

  it("names a port that does not exist", async () => {
    await expect(listenOnLoopback(createServer(), { part, port: 70_000 })).rejects.toThrow(
      "Test: cannot listen on port 70000 (ERR_SOCKET_BAD_PORT)",
    );
  });

  it(verifies("local.close", "ends open connections, whatever they wait for"), async () => {
    const server = createServer(() => {});
    const { port, close } = await listenOnLoopback(server, { part, port: 0 });
    const idle = connect(port, "127.0.0.1");
    await once(idle, "connect");
    const unanswered = fetch(`http://127.0.0.1:${port}`);
    await once(server, "request");
    const ends = [once(idle.resume(), "close"), expect(unanswered).rejects.toThrow()];
    await Promise.all([close(), close()]);

    await Promise.all(ends);
  });
});
