import type { McpServer } from "@modelcontextprotocol/server";
import { describe, expect, it } from "vitest";
import { verifies } from "../requirements.ts";
import { inTheEnd } from "./serve-alone.ts";
import { callerWith, legacy, modern, post, send, setUp } from "./test-server.ts";

describe("the endpoint", () => {
  it(verifies("mcp.time-limit", "ends a request that the protocol never answers"), async () => {
    // The legacy revisions let a batch cancel what it asks for; nothing is ever said of it then.
    const batch = [
      { jsonrpc: "2.0", id: 7, method: "tools/call", params: { name: "never", arguments: {} } },
      { jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: 7 } },
    ];
    const response = await inTheEnd(() => setUp().serve(post(batch), callerWith("user-1")));
    expect(response.status).toBe(504);
  });

  it(verifies("mcp.time-limit", "keeps nothing of a request that was never answered"), async () => {
    const servers: McpServer[] = [];
    const { serve } = setUp(undefined, (server) => {
      servers.push(server);
      server.registerResource("never", "test://never", {}, () => new Promise(() => {}));
    });
    const params = { uri: "test://never" };
    for (const request of [
      modern("resources/read", params, params.uri),
      post({ jsonrpc: "2.0", id: 1, method: "resources/read", params }),
    ]) {
      const response = await inTheEnd(() => serve(request, callerWith("user-1")));
      expect(response.status).toBe(504);
    }
    expect(servers.map((server) => server.isConnected())).toEqual([false, false]);
  });

  it(verifies("mcp.time-limit", "tells the model of a tool that takes too long"), async () => {
    const { serve } = setUp();
    const call = {
      jsonrpc: "2.0",
      id: 1,
      method: "tools/call",
      params: { name: "never", arguments: {} },
    };
    const response = await inTheEnd(() => serve(post(call), callerWith("user-1")));
    expect([response.status, await response.text()]).toEqual([
      expect.any(Number),
      expect.stringMatching(/took too long|not answered in time/),
    ]);
  });

  it(
    verifies("mcp.time-limit", "ends a check of administrators that hangs, on list and call"),
    async () => {
      const server = setUp(() => new Promise(() => {}));
      const call = await inTheEnd(() =>
        send(server, legacy(1, "administrators"), callerWith("user-1")),
      );
      expect(call.text).toMatch(/took too long|not answered in time/);
      const modernCall = modern("tools/call", { name: "administrators" }, "administrators");
      const response = await inTheEnd(() => server.serve(modernCall, callerWith("user-1")));
      expect(await response.text()).toMatch(/took too long|not answered in time/);
    },
  );
});
