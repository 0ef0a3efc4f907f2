import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { createDefaultHttpClient } from "@azure/core-rest-pipeline";
import type { Container } from "@azure/cosmos";
import fc from "fast-check";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { LogFields } from "../../../src/core/log.ts";
import { failure } from "../../../src/core/result.ts";
import type { Connections } from "../../../src/define-domain.ts";
import { domain } from "../../../src/expenses/domain.ts";
import { eraseableBlobs } from "../../../src/expenses/erasure/eraseable-blobs.ts";
import { eraseable } from "../../../src/expenses/erasure/eraseable-store.ts";
import { Eraser } from "../../../src/expenses/erasure/erasure.ts";
import type { NewExpense } from "../../../src/expenses/expense.ts";
import { CosmosExpenseStore } from "../../../src/expenses/store/cosmos-store.ts";
import type { ExpenseStore } from "../../../src/expenses/store/store.ts";
import type { UserBlobs } from "../../../src/storage/user-blobs.ts";
import { FakeClock } from "../../keys/fake-clock.ts";
import { verifies } from "../../requirements.ts";
import { type CosmosBackEnd, startCosmosEmulator } from "../../storage/cosmos-emulator.ts";
import { MemoryUserBlobs } from "../../storage/memory-user-blobs.ts";
import { value } from "../../support/value.ts";
import { MemoryConnections } from "./memory-connections.ts";
import { Mortal } from "./mortal.ts";

const lunch: NewExpense = {
  date: "2026-11-20",
  minorUnits: 1250,
  decimals: 2,
  currency: "USD",
  category: "food",
  description: "Lunch",
  paymentMethod: "visa",
  isRefund: false,
};
const areas = Object.keys(domain.blobs ?? {});
const signal = new AbortController().signal;

let backEnd: CosmosBackEnd;
let database: Container;
let kept: MemoryUserBlobs;
let connected: MemoryConnections;
let clock: FakeClock;
let events: { event: string; fields: LogFields | undefined }[];

beforeAll(async () => {
  backEnd = await startCosmosEmulator(domain.containers.expenses);
});
afterAll(() => backEnd.close());
beforeEach(async () => {
  database = await backEnd.openContainer(createDefaultHttpClient());
  kept = new MemoryUserBlobs();
  connected = new MemoryConnections();
  clock = new FakeClock();
  events = [];
  // What is done beside a call is logged to the process's output.
  vi.spyOn(console, "info").mockImplementation(() => {});
});
afterEach(() => {
  vi.restoreAllMocks();
});

const log = (_level: string, event: string, fields?: LogFields) => {
  events.push({ event, fields });
};

/** An instance of the server, as far as it is about what is stored. */
function instance(
  container = database,
  files: UserBlobs = kept,
  connections: Connections = connected,
) {
  const open = async () => container;
  const eraser = new Eraser({ open, blobs: files, areas, connections, now: clock.now });
  return {
    eraser,
    store: eraseable(new CosmosExpenseStore(open), eraser),
    blobs: eraseableBlobs(files, eraser),
  };
}

async function add(store: ExpenseStore, userId: string, idempotencyKey?: string) {
  return store.add(userId, lunch, { now: clock.now(), ...(idempotencyKey && { idempotencyKey }) });
}

async function fill(userId: string, expenses = 3): Promise<void> {
  const { store, blobs } = instance();
  for (let count = 0; count < expenses; count += 1) value(await add(store, userId, `key-${count}`));
  const put = (area: string, path: string) =>
    blobs.put(area, userId, path, Buffer.from(path), { mediaType: "image/png" });
  for (const area of areas) value(await put(area, "one"));
  value(await put("receipts", "two/deeper"));
  connected.kept.set(userId, 2);
}

async function idsOf(store: ExpenseStore, userId: string): Promise<string[]> {
  return value(await store.list(userId, {}, { limit: 100 })).expenses.map(({ id }) => id);
}

/** Everything that lies anywhere of a person, whatever hides it. */
async function leftOf(userId: string): Promise<string[]> {
  const { resources } = await database.items
    .query<string>({
      query: "SELECT VALUE c.id FROM c WHERE c.userId = @userId",
      parameters: [{ name: "@userId", value: userId }],
    })
    .fetchAll();
  const files = [...kept.kept.keys()].filter((name) => name.split("/")[1] === userId);
  const clients = connected.kept.has(userId) ? ["connections"] : [];
  return [...resources, ...files, ...clients];
}

async function erase(userId: string, { eraser } = instance()) {
  value(await eraser.begin(userId, signal));
  return value(await eraser.carryOn(userId, signal, log));
}

describe("an erasure", () => {
  it(verifies("erasure.all", "deletes all of a person, and the person begins anew"), async () => {
    await fill("user-1", 120);
    const progress = await erase("user-1");
    const counts = { expenses: 120, receipts: 2, uploads: 2, connections: 2 };
    expect(progress).toMatchObject({ state: "finished", counts });
    expect(await leftOf("user-1")).toEqual([]);

    const { store } = instance();
    expect(value(await add(store, "user-1", "key-0")).kind).toBe("added");
    expect(await idsOf(store, "user-1")).toHaveLength(1);
  });

  it(verifies("erasure.audited", "is on record when it ends"), async () => {
    await fill("user-1");
    await erase("user-1");
    expect(events).toEqual([
      {
        event: "audit.erasure-ended",
        fields: expect.objectContaining({ outcome: "success", objectId: "user-1" }),
      },
    ]);
  });

  it(
    verifies("erasure.hides", "hides everything, and refuses what is new, from its begin"),
    async () => {
      await fill("user-1");
      const { store, blobs, eraser } = instance();
      const [id = ""] = await idsOf(store, "user-1");
      const found = value(await store.find("user-1", id));
      value(await eraser.begin("user-1", signal));
      // Somebody is at it, so that the calls here leave it to them.
      clock.advance(-1);
      const taken = await database.item("~erasure", "user-1").read();
      await database.items.upsert({ ...taken.resource, worker: "somebody" });

      expect(await idsOf(store, "user-1")).toEqual([]);
      expect(value(await store.find("user-1", id))).toBeUndefined();
      expect(value(await store.figures("user-1", {}))).toMatchObject({ figures: [] });
      expect(value(await blobs.list("receipts", "user-1"))).toEqual([]);
      expect(value(await blobs.get("receipts", "user-1", "one"))).toBeUndefined();
      const version = found?.expense?.version ?? "";
      const refused = [
        await add(store, "user-1"),
        await add(store, "user-1", "key-0"),
        await store.update("user-1", id, { version, changes: { category: "other" } }),
        await store.changeReceipts("user-1", id, () => []),
        await store.delete("user-1", id, () => true),
        await blobs.put("imports", "user-1", "new", Buffer.from("x"), { mediaType: "text/csv" }),
        await blobs.copy(
          { area: "receipts", userId: "user-1", path: "one" },
          { area: "receipts", userId: "user-1", path: "copy" },
        ),
      ];
      for (const outcome of refused) {
        expect(outcome).toEqual({ ok: false, reason: { kind: "being-erased" } });
      }
      // What was refused left nothing behind, and nobody else is concerned.
      expect((await leftOf("user-1")).length).toBe(3 + 4 + 1 + 1);
      expect(value(await add(store, "user-2")).kind).toBe("added");
    },
  );

  it(verifies("erasure.two-people", "leaves people whose ids begin alike alone"), async () => {
    const people = ["user", "user-1", "user-10", "user-1-1"];
    for (const person of people) await fill(person);
    await erase("user-1");
    expect(await leftOf("user-1")).toEqual([]);
    for (const person of ["user", "user-10", "user-1-1"]) {
      expect(await leftOf(person)).toHaveLength(3 + 4 + 1);
      expect(await idsOf(instance().store, person)).toHaveLength(3);
    }
  });

  it(verifies("erasure.by-hand", "begins with the item of docs/privacy.md"), async () => {
    await fill("user-1");
    const page = await readFile(join(import.meta.dirname, "../../../docs/privacy.md"), "utf8");
    const [, item = ""] = /```json\n(.*?)```/s.exec(page) ?? [];
    await database.items.create(JSON.parse(item.replace("OBJECT_ID", "user-1")));
    const { eraser, store } = instance();
    await eraser.carryOnAll(signal, log);
    expect(await leftOf("user-1")).toEqual([]);
    expect(value(await add(store, "user-1")).kind).toBe("added");
  });

  it.each([10, 300])(
    verifies("erasure.cost", "costs other calls a point read, with %i expenses"),
    async (expenses) => {
      await fill("user-1", expenses);
      const network = createDefaultHttpClient();
      const requests: string[] = [];
      const counted = await backEnd.openContainer(
        {
          sendRequest(request) {
            const { pathname } = new URL(request.url);
            const { method } = request;
            if (/\/docs/.test(pathname)) {
              requests.push(pathname.endsWith("erasure") ? "erasure" : method);
            }
            return network.sendRequest(request);
          },
        },
        database,
      );
      const plain = new CosmosExpenseStore(async () => counted);
      const { store } = instance(counted);
      value(await plain.list("user-1", {}, { limit: 5 }));
      const query = requests.splice(0);
      value(await store.list("user-1", {}, { limit: 5 }));
      expect(requests.splice(0).sort()).toEqual([...query, "erasure"]);
      value(await add(store, "user-1"));
      expect(requests).toEqual(["POST", "erasure"]);
    },
  );

  it(verifies("erasure.old-version", "is no expense to the version before"), async () => {
    const { eraser } = instance();
    value(await eraser.begin("user-1", signal));
    const { resource } = await database.item("~erasure", "user-1").read();
    expect(resource.type).toBe("erasure");
    // What the version before asks for, and what it takes for the id of an expense.
    expect(await idsOf(new CosmosExpenseStore(async () => database), "user-1")).toEqual([]);
    expect(resource.id).not.toMatch(/^[\w-]{1,64}$/);
  });
});

describe("an erasure whose process dies", () => {
  it.each([
    ["before a step", false],
    ["behind a step, whose answer is lost", true],
  ])(
    verifies("erasure.resumed", "%s is finished by upkeep, and nothing comes back"),
    async (_case, isAnswerLost) => {
      const mortal = new Mortal();
      const container = await backEnd.openContainer(createDefaultHttpClient());
      database = container;
      // The same container through a connection that breaks.
      const dying = await backEnd.openContainer(mortal.client(), container);
      for (let step = 1; ; step += 1) {
        const userId = randomUUID();
        await fill(userId);
        await fill("bystander", 1);
        mortal.dieAt(step, isAnswerLost);
        const first = instance(dying, mortal.blobs(kept), mortal.connections(connected));
        const begun = await first.eraser.begin(userId, signal);
        if (begun.ok) await first.eraser.carryOn(userId, signal, log);
        const hasDied = mortal.isDead;

        const { store, eraser } = instance();
        const isUnderWay = value(await eraser.find(userId)) !== undefined;
        const left = await leftOf(userId);
        // All of it is there, or none is seen.
        if (!isUnderWay) expect([0, 3 + 4 + 1]).toContain(left.length);
        clock.advance(5 * 60_000);
        if (isUnderWay) {
          const { resource } = await database.item("~erasure", userId).read();
          expect(resource.counts ?? { expenses: 3 }).toMatchObject({ expenses: 3 });
        }
        await eraser.carryOnAll(signal, log);
        if (isUnderWay || left.length === 0) {
          expect(await leftOf(userId)).toEqual([]);
          expect(await idsOf(store, userId)).toEqual([]);
        } else {
          expect(await idsOf(store, userId)).toHaveLength(3);
          expect(await erase(userId)).toMatchObject({ state: "finished" });
        }
        value(await add(store, userId, "key-0"));
        await eraser.carryOnAll(signal, log);
        expect(await idsOf(store, userId)).toHaveLength(1);
        expect(await idsOf(store, "bystander")).toHaveLength(1);
        if (!hasDied) return;
      }
    },
  );

  it(verifies("erasure.resumed", "is carried on by any later call of the person"), async () => {
    await fill("user-1");
    const { store, eraser } = instance();
    value(await eraser.begin("user-1", signal));
    expect(await idsOf(store, "user-1")).toEqual([]);
    expect(await leftOf("user-1")).toEqual([]);
  });

  it(
    verifies("erasure.connections", "is carried on where connections could not be ended"),
    async () => {
      await fill("user-1");
      const { store, eraser } = instance();
      value(await eraser.begin("user-1", signal));
      // Counted before anything is deleted; then the gateway's store is out of reach.
      const count = vi.spyOn(connected, "count");
      vi.spyOn(connected, "endAll").mockResolvedValueOnce(
        failure({ kind: "unavailable", cause: "out" }),
      );
      expect((await eraser.carryOn("user-1", signal, log)).ok).toBe(false);
      expect(count).toHaveBeenCalledOnce();
      expect(await leftOf("user-1")).toEqual(["~erasure", "connections"]);
      expect(await add(store, "user-1")).toMatchObject({ ok: false });

      clock.advance(5 * 60_000);
      await eraser.carryOnAll(signal, log);
      expect(await leftOf("user-1")).toEqual([]);
    },
  );

  it(verifies("erasure.connections", "ends them whatever the count was"), async () => {
    await fill("user-1");
    const { eraser } = instance();
    value(await eraser.begin("user-1", signal));
    connected.isOut = true;
    expect((await eraser.carryOn("user-1", signal, log)).ok).toBe(false);
    connected.isOut = false;
    connected.kept.set("user-1", 3);
    const counts = { expenses: 3, connections: 3 };
    expect(value(await eraser.carryOn("user-1", signal, log))).toMatchObject({ counts });
    expect(await leftOf("user-1")).toEqual([]);
  });

  it(
    verifies("erasure.old-version", "is carried on from the record of the version before"),
    async () => {
      await fill("user-1");
      const { eraser } = instance();
      value(await eraser.begin("user-1", signal));
      const { resource } = await database.item("~erasure", "user-1").read();
      const counts = { expenses: 3, receipts: 2, uploads: 2 };
      await database.items.upsert({ ...resource, counts });
      const progress = value(await eraser.carryOn("user-1", signal, log));
      expect(progress).toMatchObject({ state: "finished", counts: { ...counts, connections: 0 } });
      expect(await leftOf("user-1")).toEqual([]);
    },
  );

  it(verifies("erasure.resumed", "ends in time, and says that it goes on"), async () => {
    await fill("user-1");
    const { eraser } = instance();
    const time = new AbortController();
    kept.fail = () => {
      time.abort();
      return undefined;
    };
    value(await eraser.begin("user-1", signal));
    const progress = value(await eraser.carryOn("user-1", time.signal, log));
    expect(progress?.state).toBe("under-way");
    kept.fail = () => undefined;
    expect(await erase("user-1")).toMatchObject({ state: "finished" });
  });
});

describe("several at once", () => {
  it(verifies(
    "erasure.at-once",
    "delete all that was there, and keep what is added afterwards",
  ), async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 3 }),
        fc.integer({ min: 0, max: 4 }),
        fc.infiniteStream(fc.integer({ min: 0, max: 12 })),
        async (erasures, adds, waits) => {
          const userId = randomUUID();
          await fill(userId);
          const before = await idsOf(instance().store, userId);
          const network = createDefaultHttpClient();
          const slow = await backEnd.openContainer(
            {
              async sendRequest(request) {
                const turns = waits.next().value ?? 0;
                for (let turn = 0; turn < turns; turn += 1) await new Promise(setImmediate);
                return network.sendRequest(request);
              },
            },
            database,
          );
          const erasing = Array.from({ length: erasures }, () => {
            clock.advance(30_000);
            return erase(userId, instance(slow));
          });
          const adding = Array.from({ length: adds }, () => add(instance(slow).store, userId));
          await Promise.all(erasing);
          const added = await Promise.all(adding);
          const { store, eraser } = instance();
          clock.advance(5 * 60_000);
          await eraser.carryOnAll(signal, log);

          const after = await idsOf(store, userId);
          expect(after.filter((id) => before.includes(id))).toEqual([]);
          const acknowledged = added.flatMap((one) => (one.ok ? [one.value.expense.id] : []));
          expect(after.filter((id) => !acknowledged.includes(id))).toEqual([]);
          // And it stays.
          await eraser.carryOnAll(signal, log);
          const last = value(await add(store, userId)).expense.id;
          expect((await idsOf(store, userId)).sort()).toEqual([...after, last].sort());
        },
      ),
      { numRuns: 25 },
    );
  }, 60_000);

  it(
    verifies("erasure.at-once", "refuse an add that was written before the record was seen"),
    async () => {
      // The add has been written; the erasure has begun and has not found it; then the add looks.
      const { store: healthy, eraser } = instance();
      const plain = new CosmosExpenseStore(async () => database);
      const store = eraseable(
        {
          ...forward(plain),
          add: async (...call) => {
            const added = await plain.add(...call);
            value(await eraser.begin("user-1", signal));
            return added;
          },
        },
        eraser,
      );
      expect(await add(store, "user-1")).toEqual({ ok: false, reason: { kind: "being-erased" } });
      expect(await leftOf("user-1")).toEqual([]);
      expect(value(await add(healthy, "user-1")).kind).toBe("added");
    },
  );

  it(
    verifies("erasure.at-once", "end by the run alone that the record names, or an add is lost"),
    async () => {
      const { store, eraser } = instance();
      value(await eraser.begin("user-1", signal));
      const network = createDefaultHttpClient();
      const found = Promise.withResolvers<void>();
      const mayDelete = Promise.withResolvers<void>();
      // The second run has found the expense that the first has not, and is about to delete it.
      const second = await backEnd.openContainer(
        {
          async sendRequest(request) {
            if (request.method === "DELETE") {
              found.resolve();
              await mayDelete.promise;
            }
            return network.sendRequest(request);
          },
        },
        database,
      );
      let written: Awaited<ReturnType<typeof add>> | undefined;
      let running: Promise<unknown> | undefined;
      let reads = 0;
      // The first run has found nothing left, and is about to look whether it may end the erasure.
      const first = await backEnd.openContainer(
        {
          async sendRequest(request) {
            if (request.method === "GET" && request.url.includes("erasure")) reads += 1;
            if (reads === 3 && !running) {
              written = await add(new CosmosExpenseStore(async () => database), "user-1");
              running = erase("user-1", instance(second));
              await found.promise;
            }
            return network.sendRequest(request);
          },
        },
        database,
      );
      const progress = value(await instance(first).eraser.carryOn("user-1", signal, log));
      // Now the add would look whether it counts.
      const counts = value(await eraser.find("user-1")) === undefined;
      mayDelete.resolve();
      await running;
      expect(written?.ok && progress?.state).toBe("under-way");
      expect(await idsOf(store, "user-1")).toHaveLength(counts ? 1 : 0);
    },
  );

  it(
    verifies("erasure.at-once", "leave what is added anew to a run that was overtaken alone"),
    async () => {
      await fill("user-1");
      // A run has found all, and sleeps; meanwhile another finishes, and the person adds anew.
      let isOvertaken = false;
      const container = await backEnd.openContainer(
        {
          async sendRequest(request) {
            const network = createDefaultHttpClient();
            const { method } = request;
            if (method === "DELETE" && !isOvertaken) {
              isOvertaken = true;
              await erase("user-1");
              value(await add(instance().store, "user-1", "key-0"));
              value(await add(instance().store, "user-1", "key-1"));
            }
            return network.sendRequest(request);
          },
        },
        database,
      );
      const slow = instance(container);
      await erase("user-1", slow);
      expect(isOvertaken).toBe(true);
      expect(await idsOf(instance().store, "user-1")).toHaveLength(2);
    },
  );
});

/** Methods of a class, as they can be spread. */
function forward(store: CosmosExpenseStore): ExpenseStore {
  return {
    add: store.add.bind(store),
    list: store.list.bind(store),
    figures: store.figures.bind(store),
    find: store.find.bind(store),
    update: store.update.bind(store),
    changeReceipts: store.changeReceipts.bind(store),
    delete: store.delete.bind(store),
    statistics: store.statistics.bind(store),
  };
}
