import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { StoredGrants } from "../../../src/gateway/grants/stored-grants.ts";
import { createGatewayStore } from "../../../src/gateway/store/cosmos-records.ts";
import { verifies } from "../../requirements.ts";
import { idleMilliseconds, oid } from "../tokens/world.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it(
  verifies("gateway.access.in-time", "a call does not wait for a database that hangs"),
  async () => {
    const grants = new StoredGrants({
      store: createGatewayStore({ open: () => new Promise(() => {}), now: Date.now }),
      idleMilliseconds,
      monotonicNow: Date.now,
      pause: async () => {},
    });
    const read = grants.recent({ objectId: oid, grantId: "0".repeat(32) }, 1);
    await vi.advanceTimersByTimeAsync(5_000);
    await expect(read).resolves.toEqual({
      ok: false,
      reason: { kind: "store", reason: { kind: "cancelled" } },
    });
  },
);
