import crypto from "node:crypto";
import { createKeyRing, type KeyRing } from "../../src/keys/key-ring.ts";
import type { KeyStorage } from "../../src/keys/key-storage.ts";
import { FakeClock } from "./fake-clock.ts";
import { MemoryKeyStorage } from "./memory-key-storage.ts";

export interface LogLine {
  readonly level: string;
  readonly event: string;
}

/** A key ring as one instance of the server has it. */
export function testKeyRing({
  storage = new MemoryKeyStorage(),
  clock = new FakeClock(),
  lines = [],
  randomBytes = crypto.randomBytes,
}: {
  storage?: KeyStorage;
  clock?: FakeClock;
  lines?: LogLine[];
  randomBytes?: (size: number) => Buffer;
} = {}): KeyRing {
  return createKeyRing({
    storage,
    now: clock.now,
    monotonicNow: clock.now,
    randomBytes,
    log: (level, event) => lines.push({ level, event }),
  });
}
