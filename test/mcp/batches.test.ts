import { describe, expect, it } from "vitest";
import type { Log } from "../../src/core/log.ts";
import { success } from "../../src/core/result.ts";
import { verifies } from "../requirements.ts";
import { callerWith, legacy, post, send, setUp, toolWith, whoAmI } from "./test-server.ts";

/** A server with a tool `works`, and how many of its calls run now, ran at once, and ran in all. */
const counting = (work: (call: number) => Promise<string>) => {
  const calls = { running: 0, atOnce: 0, begun: 0 };
  const handler = async () => {
    calls.begun += 1;
    calls.running += 1;
    calls.atOnce = Math.max(calls.atOnce, calls.running);
    const value = await work(calls.begun);
    calls.running -= 1;
    return success({ value });
  };
  return { calls, server: setUp(undefined, undefined, [whoAmI, toolWith("works", { handler })]) };
};

const batchOf = (length: number) => Array.from({ length }, (_, index) => legacy(index, "works"));

describe("the endpoint", () => {
  it(
    verifies("mcp.batch-in-turn", "runs the calls of a batch one by one, and others in between"),
    async () => {
      const { calls, server } = counting(async () => "done");
      const sent = send(server, batchOf(50), callerWith("user-1"));
      await send(server, legacy(1, "who_am_i"), callerWith("user-2"));
      expect(calls.begun).toBeLessThan(25);
      expect((await sent).text?.match(/^data: /gm)).toHaveLength(50);
      expect(calls).toEqual({ running: 0, atOnce: 1, begun: 50 });
    },
  );

  it(
    verifies("mcp.batch-in-turn", "begins no call of a batch that nobody reads any more"),
    async () => {
      const second = Promise.withResolvers<string>();
      const left = Promise.withResolvers<void>();
      const { calls, server } = counting(async (call) => (call === 2 ? second.promise : "done"));
      const log: Log = (_level, _event, fields) => {
        if (fields?.reason === "cancelled") left.resolve();
      };
      const { body } = await server.serve(post(batchOf(3)), callerWith("user-1"), log);
      const reader = body?.getReader();
      await reader?.read();
      await reader?.cancel();
      second.resolve("done");
      await left.promise;
      expect(calls.begun).toBe(2);
    },
  );

  it(
    verifies("mcp.batch-size", "leaves calls undone once the results of their batch are large"),
    async () => {
      const { calls, server } = counting(async () => "x".repeat(120_000));
      const { text, events } = await send(server, batchOf(50), callerWith("user-1"));
      expect(calls.begun).toBe(5);
      expect(
        text?.match(/works was not carried out.*Send the call in another request/g),
      ).toHaveLength(45);
      expect(events.slice(4)).toEqual([
        ["audit.tool-call", "works", "success", undefined],
        ...Array(45).fill(["audit.tool-call", "works", "failed", "batch-too-large"]),
      ]);
    },
  );

  it(
    verifies("mcp.one-error-line", "logs one line of a batch of answers to no question"),
    async () => {
      const answers = Array.from({ length: 50 }, (_, id) => ({ jsonrpc: "2.0", id, result: {} }));
      const { events } = await send(setUp(), answers, callerWith("user-1"));
      expect(events.map(([event]) => event)).toEqual(["mcp.error"]);
    },
  );
});
