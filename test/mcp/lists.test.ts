import { describe, expect, it } from "vitest";
import { failure } from "../../src/core/result.ts";
import type { AdministratorCheck } from "../../src/mcp/policy.ts";
import { verifies } from "../requirements.ts";
import { callerWith, modern, setUp } from "./test-server.ts";

describe("the endpoint", () => {
  it(
    verifies(
      "mcp.private-lists",
      "says that its lists are the caller's own and may be kept a minute",
    ),
    async () => {
      const response = await setUp().serve(modern("tools/list"), callerWith("user-1"));
      expect((await response.json()) as unknown).toMatchObject({
        result: { ttlMs: 60_000, cacheScope: "private", resultType: "complete" },
      });
    },
  );

  it(
    verifies("mcp.uncertain-lists", "says that a list made during an outage must not be kept"),
    async () => {
      const outage: AdministratorCheck = async () => failure({ cause: "graph-unavailable" });
      const response = await setUp(outage).serve(modern("tools/list"), callerWith("user-1"));
      expect((await response.json()) as unknown).toMatchObject({
        result: { ttlMs: 0, cacheScope: "private", resultType: "complete" },
      });
    },
  );

  it(
    verifies(
      "mcp.no-subscriptions",
      "acknowledges a subscription as empty, ends it, and offers no changes",
    ),
    async () => {
      const { serve } = setUp(undefined, (server) => {
        const read = async () => ({ contents: [] });
        server.registerResource("anything", "test://anything", {}, read);
        server.registerPrompt("anything", {}, async () => ({ messages: [] }));
      });
      const notifications = { toolsListChanged: true, resourcesListChanged: true };
      for (let times = 0; times < 3; times += 1) {
        const listen = await serve(
          modern("subscriptions/listen", { notifications }),
          callerWith("user-1"),
        );
        expect(await listen.text()).toMatch(
          /notifications\/subscriptions\/acknowledged.*"notifications":\{\}.*"result":/s,
        );
      }
      const discover = await serve(modern("server/discover"), callerWith("user-1"));
      const { result } = (await discover.json()) as { result: { capabilities: unknown } };
      const none = { listChanged: false };
      expect(result.capabilities).toEqual({ tools: none, resources: none, prompts: none });
    },
  );
});
