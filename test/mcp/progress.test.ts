import { describe, expect, it } from "vitest";
import { z } from "zod";
import { failure } from "../../src/core/result.ts";
import { defineTool } from "../../src/mcp/define-tool.ts";
import { everyone } from "../../src/mcp/policy.ts";
import { withProgress } from "../../src/mcp/progress.ts";
import type { ToolContext } from "../../src/mcp/tool.ts";
import { verifies } from "../requirements.ts";
import { callerWith, type OfferServer, serveOffered } from "./offer-server.ts";

/** @param begun where the client has got what was told first, and the status with it */
const counting = (begun: Promise<void>) =>
  defineTool({
    name: "counts",
    title: "Counts",
    description: "Counts to three.",
    annotations: { readOnlyHint: true },
    inputSchema: z.strictObject({}),
    outputSchema: z.object({ value: z.string() }),
    policy: everyone,
    async handler(_input, { progress }) {
      progress(1, 3, "Under\nway");
      await begun;
      progress(3, 3);
      return failure({ reason: "claims", message: "Sign in again.", claims: "{}" });
    },
    present: ({ value }) => value,
  });

const asked = { name: "counts", arguments: {}, _meta: { progressToken: "token-7" } };
const capable = callerWith("user-1", { handlesClaimsChallenges: true });

describe("progress", () => {
  it(verifies("tool.progress", "is told before the result to a client that asks"), async () => {
    const message = { jsonrpc: "2.0", id: 1, method: "tools/call", params: asked };
    for (const send of [
      (server: OfferServer) => server.legacy(message, capable),
      (server: OfferServer) => server.modern("tools/call", asked, "counts", capable),
    ]) {
      const begun = Promise.withResolvers<void>();
      const response = await send(serveOffered({ tools: [counting(begun.promise)] }));
      begun.resolve();
      expect(response.headers.get("content-type")).toBe("text/event-stream");
      const events = (await response.text()).match(/(?<=^data: ).*/gm) ?? [];
      const messages = events.map((event) => JSON.parse(event));
      expect(messages.slice(0, -1)).toMatchObject([
        { params: { progressToken: "token-7", progress: 1, total: 3, message: "Under way" } },
        { params: { progressToken: "token-7", progress: 3, total: 3 } },
      ]);
      expect(messages.at(-1)).toMatchObject({ id: 1, result: { isError: true } });
    }
  });

  it(verifies("tool.progress", "is told to nobody else, who is challenged still"), async () => {
    const { _meta, ...unasked } = asked;
    const server = serveOffered({ tools: [counting(Promise.resolve())] });
    const response = await server.modern("tools/call", unasked, "counts", capable);
    expect(response.status).toBe(401);
  });

  it(verifies("tool.progress", "is told four times a second, and at the end"), async () => {
    let now = 0;
    const told: unknown[] = [];
    const context = { signal: AbortSignal.timeout(60_000), progress: () => {} };
    const { progress } = withProgress(
      context as unknown as ToolContext,
      {
        _meta: { progressToken: 1 },
        notify: async ({ params }) => void told.push((params as { progress: number }).progress),
      },
      () => now,
    );
    for (let done = 1; done <= 1000; done += 1) {
      progress(done, 1000);
      // What does not grow is not told.
      progress(done - 1, 1000);
      now += 1;
    }
    expect(told).toEqual([1, 251, 501, 751, 1000]);
  });

  it(verifies("tool.progress-bounded", "is not told with a token that would fill it"), async () => {
    const told: unknown[] = [];
    const context = { signal: AbortSignal.timeout(60_000), progress: () => {} };
    const notify = async (message: unknown) => void told.push(message);
    for (const progressToken of ["t".repeat(257), "t".repeat(256)]) {
      withProgress(context as unknown as ToolContext, {
        _meta: { progressToken },
        notify,
      }).progress(1);
    }
    expect(told).toHaveLength(1);
  });

  it(verifies("tool.progress", "that nobody takes any more does no harm"), async () => {
    const notify = async () => Promise.reject(new Error("gone"));
    const context = { signal: AbortSignal.timeout(60_000) } as unknown as ToolContext;
    const { progress } = withProgress(context, { _meta: { progressToken: 1 }, notify });
    expect(progress(1)).toBeUndefined();
    // A rejection that nobody handles would fail the run.
    await new Promise((resolve) => setImmediate(resolve));
  });
});
