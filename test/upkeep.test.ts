import { afterEach, describe, expect, it, vi } from "vitest";
import type { LogFields } from "../src/core/log.ts";
import { createUpkeep } from "../src/upkeep.ts";
import { verifies } from "./requirements.ts";

function collectLog() {
  const lines: { level: string; event: string; fields: LogFields | undefined }[] = [];
  return {
    lines,
    log: (level: string, event: string, fields?: LogFields) => lines.push({ level, event, fields }),
  };
}

afterEach(() => {
  vi.useRealTimers();
});

describe("upkeep", () => {
  it(verifies("upkeep.run", "runs each piece, although another fails"), async () => {
    const { lines, log } = collectLog();
    const second = vi.fn(async () => {});
    const failing = async () => {
      throw new Error("a text that stays out of the log");
    };
    await createUpkeep({ failing, second }, () => 0)(log);
    expect(second).toHaveBeenCalledOnce();
    expect(lines.map(({ level, event }) => `${level} ${event}`)).toEqual([
      "error upkeep.failed",
      "info upkeep.done",
    ]);
    expect(lines[0]?.fields).toMatchObject({ piece: "failing" });
    expect(JSON.stringify(lines)).not.toContain("stays out");
  });

  it(verifies("upkeep.run", "ends in time, although a piece never does"), async () => {
    vi.useFakeTimers();
    const { lines, log } = collectLog();
    const signals: AbortSignal[] = [];
    const endless = (signal: AbortSignal) => {
      signals.push(signal);
      return new Promise<void>(() => {});
    };
    const running = createUpkeep({ endless, notBegun: endless }, () => 0)(log);
    await vi.advanceTimersByTimeAsync(10 * 60 * 1000);
    await running;
    expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
    expect(lines.map(({ level, event }) => `${level} ${event}`)).toEqual([
      "warn upkeep.late",
      "warn upkeep.late",
      "info upkeep.done",
    ]);
  });
});
