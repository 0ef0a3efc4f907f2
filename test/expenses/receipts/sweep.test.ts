import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { failure, success } from "../../../src/core/result.ts";
import { ReceiptFiles } from "../../../src/expenses/receipts/receipt-files.ts";
import { receiptUpkeep, sweepReceipts } from "../../../src/expenses/receipts/receipt-sweep.ts";
import type { FoundExpense } from "../../../src/expenses/store/store.ts";
import { verifies } from "../../requirements.ts";
import { MemoryUserBlobs } from "../../storage/memory-user-blobs.ts";
import { value } from "../../support/value.ts";
import { jpeg, png } from "./files.ts";
import { addLunch, type BackEnds, startBackEnds, storeWithExpense } from "./set-up.ts";

const hour = 60 * 60 * 1000;
const day = 24 * hour;
const call = () => ({ signal: AbortSignal.timeout(20_000), log: () => {} });

describe("the sweep, over Azurite and the emulator", () => {
  let backEnds: BackEnds;
  beforeAll(async () => {
    backEnds = await startBackEnds();
  });
  afterAll(() => backEnds.close());

  it(verifies("receipts.swept", "deletes what nothing refers to, and nothing else"), async () => {
    const { blobs } = backEnds;
    const { store, userId, expense } = await storeWithExpense(backEnds);
    const files = new ReceiptFiles({ blobs, store, now: Date.now });
    const attach = async (id: string, bytes: Buffer) =>
      value(await files.attach(userId, id, { bytes, mediaType: "image/png" }, call()));
    await attach(expense.id, png);
    // Deleted without its file, as a server of the version before would.
    const other = await addLunch(store, userId);
    await attach(other.id, png);
    await store.delete(userId, other.id, () => true);
    // Copied, and never referred to.
    const path = `${expense.id}/never-referred-to`;
    await blobs.put("receipts", userId, path, jpeg, { mediaType: "image/jpeg" });
    const { signal } = call();
    const parts = (age: number) => ({ blobs, store, now: () => Date.now() + age });

    const young = value(await sweepReceipts(parts(hour / 2), { signal }));
    expect(young).toEqual({ files: 3, unreferenced: 0, bytes: 0 });
    const found = { files: 3, unreferenced: 2, bytes: png.byteLength + jpeg.byteLength };
    const dry = value(await sweepReceipts(parts(2 * hour), { signal, isDryRun: true }));
    expect(dry).toEqual(found);
    expect(value(await sweepReceipts(parts(2 * hour), { signal }))).toEqual(found);
    const nothing = value(await sweepReceipts(parts(2 * hour), { signal }));
    expect(nothing).toEqual({ files: 1, unreferenced: 0, bytes: 0 });
    const [receipt] = value(await store.find(userId, expense.id))?.expense?.receipts ?? [];
    const kept = await files.read(userId, expense.id, receipt?.id ?? "", signal);
    expect(value(kept)?.mediaType).toBe("image/png");
  });
});

describe("the sweep", () => {
  const put = (blobs: MemoryUserBlobs, userId: string, path: string) =>
    blobs.put("receipts", userId, path, png, { mediaType: "image/png" });
  const noExpense = async () => success(undefined);

  it(
    verifies("receipts.swept", "keeps what it cannot tell, and stops where it cannot look"),
    async () => {
      const blobs = new MemoryUserBlobs(() => 0);
      for (const index of [1, 2, 3]) await put(blobs, "person", `expense/${index}`);
      const { signal } = call();
      const now = () => day;
      const unreadable = async (_userId: string, id: string) => success<FoundExpense>({ id });
      const kept = value(
        await sweepReceipts({ blobs, store: { find: unreadable }, now }, { signal }),
      );
      expect(kept.unreferenced).toBe(0);

      const outage = failure({ kind: "unavailable", cause: "outage" } as const);
      const unreachable = { find: async () => outage };
      expect(await sweepReceipts({ blobs, store: unreachable, now }, { signal })).toEqual(outage);
      blobs.fail = (made) => (made.startsWith("delete") ? outage.reason : undefined);
      const store = { find: noExpense };
      expect(await sweepReceipts({ blobs, store, now }, { signal })).toEqual(outage);
      expect(blobs.kept.size).toBe(3);
      blobs.fail = () => undefined;
      expect(value(await sweepReceipts({ blobs, store, now }, { signal })).unreferenced).toBe(3);
      expect(blobs.kept.size).toBe(0);
    },
  );

  it(verifies("receipts.swept", "reaches everybody once a day, as upkeep"), async () => {
    const blobs = new MemoryUserBlobs(() => 0);
    const digits = [..."0123456789abcdef"];
    for (const digit of digits) await put(blobs, `${digit}2c4`, "expense/1");
    const start = Date.parse("2026-11-21T00:00:00Z");
    let now = start;
    const lines: unknown[] = [];
    const upkeep = receiptUpkeep({ blobs, store: { find: noExpense }, now: () => now });
    const left: number[] = [];
    for (; now < start + day; now += 15 * 60 * 1000) {
      await upkeep(call().signal, (_level, event, fields) => lines.push({ event, ...fields }));
      left.push(blobs.kept.size);
    }
    expect(left.slice(0, 17)).toEqual([...digits.keys()].reverse().concat(0));
    expect(lines).toEqual(
      digits.map(() => ({
        event: "receipts.swept",
        files: 1,
        unreferenced: 1,
        bytes: png.byteLength,
      })),
    );
  });

  it(verifies("receipts.swept", "says in the log where it could not be done"), async () => {
    const blobs = new MemoryUserBlobs();
    blobs.fail = () => ({ kind: "denied", cause: "403" });
    const lines: unknown[] = [];
    const upkeep = receiptUpkeep({ blobs, store: { find: noExpense }, now: () => 0 });
    await upkeep(call().signal, (level, event, fields) => lines.push({ level, event, ...fields }));
    const line = { level: "error", event: "receipts.not-swept", reason: "denied", cause: "403" };
    expect(lines).toEqual([line]);
  });
});

it(
  verifies("receipts.deleted", "leaves to the sweep what cannot be deleted with its expense"),
  async () => {
    const blobs = new MemoryUserBlobs(() => 0);
    const receipt = { id: "1", mediaType: "image/png", bytes: 1, addedAt: "" };
    const store = {
      find: async () => success(undefined),
      changeReceipts: async () => success(undefined),
    };
    await blobs.put("receipts", "person", "expense/1", png, { mediaType: "image/png" });
    blobs.fail = () => ({ kind: "unavailable", cause: "outage" });
    const events: unknown[] = [];
    const files = new ReceiptFiles({ blobs, store, now: () => day });
    await files.deleteOf(
      "person",
      { id: "expense", receipts: [receipt] },
      { ...call(), log: (level, event) => events.push([level, event]) },
    );
    expect(events).toEqual([["warn", "receipt.left"]]);
    blobs.fail = () => undefined;
    await sweepReceipts({ blobs, store, now: () => day }, call());
    expect(blobs.kept.size).toBe(0);
  },
);
