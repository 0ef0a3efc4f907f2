import { describe, expect, it } from "vitest";
import { verifies } from "../requirements.ts";
import { answerJson, beginEvents, bridged, modern, result } from "./bridged.ts";

describe("the bridge ends", () => {
  it(
    verifies("bridge.end", "when standard input does, once what is under way is answered"),
    async () => {
      let answer: (() => void) | undefined;
      await using bridge = await bridged(({ json }, response) => {
        answer = () => answerJson(response, result(json.id));
      });
      bridge.send(modern(1, "tools/call", { name: "add" }));
      bridge.input.end();
      await bridge.hasReceived(1);
      answer?.();
      await bridge.served;
      expect(await bridge.next()).toEqual(result(1));
    },
  );

  it(
    verifies("bridge.end", "when standard input does, without waiting for subscriptions"),
    async () => {
      await using bridge = await bridged((_received, response) => beginEvents(response));
      bridge.send(modern(1, "subscriptions/listen", { notifications: {} }));
      await bridge.hasReceived(1);
      const startedAt = performance.now();
      bridge.input.end();
      await bridge.served;
      expect(performance.now() - startedAt).toBeLessThan(2_000);
      expect(bridge.unread()).toEqual([]);
    },
  );

  it(verifies("bridge.end", "when it is told to, and lets go of what is under way"), async () => {
    await using bridge = await bridged((_received, response) => beginEvents(response));
    bridge.send(modern(1, "tools/call", { name: "add" }));
    await bridge.hasReceived(1);
    bridge.stopping.abort();
    await bridge.served;
    expect(bridge.unread()).toEqual([]);
    const left = bridge.received[0]?.left;
    while (!left?.aborted) await new Promise((resolve) => setImmediate(resolve));
  });

  it(verifies("bridge.end", "when nobody reads standard output any more"), async () => {
    await using bridge = await bridged(() => {});
    bridge.send(modern(1, "tools/call", { name: "add" }));
    await bridge.hasReceived(1);
    bridge.output.destroy();
    await bridge.served;
  });
});
