import { afterEach, describe, expect, it, vi } from "vitest";
import { domain } from "../../src/domain.ts";
import { createRateLimits } from "../../src/gates/rate-limits.ts";
import { verifies } from "../requirements.ts";
import { composeForTest, host } from "../support/composed.ts";
import { claimsWith, sign } from "./tokens.ts";

const day = 24 * 60 * 60 * 1000;

describe("a clock that was set back by 401 days", () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  it(verifies("durations.monotonic", "makes nobody wait longer for the keys"), async () => {
    const clock = { wall: 800 * day, monotonic: 0 };
    let asked = 0;
    const app = await composeForTest(domain, {
      adapters: {
        now: () => clock.wall,
        monotonicNow: () => clock.monotonic,
        fetch: async () => {
          asked += 1;
          throw new TypeError("fetch failed");
        },
      },
    });
    const headers = { host, authorization: `Bearer ${await sign(app.key, claimsWith())}` };
    const send = () =>
      app.send(new Request("https://server.invalid/mcp", { method: "POST", headers, body: "{}" }));
    await send();
    clock.wall -= 401 * day;
    clock.monotonic += 1_000;
    expect((await send()).headers.get("retry-after")).toBe("4");
    clock.monotonic += 4_000;
    await send();
    expect(asked).toBe(2);
  });

  it(verifies("durations.monotonic", "makes nobody wait longer for a rate limit"), async () => {
    vi.useFakeTimers({ toFake: ["Date"], now: 800 * day });
    const { address } = createRateLimits({ perCaller: 0, perAddress: 1 }, 1);
    const from = { headers: { "x-forwarded-for": "203.0.113.7" } };
    const arrival = { request: new Request("https://server.invalid/mcp", from) };
    const pass = () => address.pass(arrival as Parameters<typeof address.pass>[0]);
    await pass();
    vi.setSystemTime(399 * day);
    expect(await pass()).toEqual({
      refused: { kind: "address-rate-limited", retryAfterSeconds: 60 },
    });
  });
});
