import { createDefaultHttpClient } from "@azure/core-rest-pipeline";
import type { Container } from "@azure/cosmos";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { failure, success } from "../../../src/core/result.ts";
import { gatewayContainer } from "../../../src/gateway/store/container.ts";
import { createGatewayStore } from "../../../src/gateway/store/cosmos-records.ts";
import type { RecordKind, StoredRecord } from "../../../src/gateway/store/records.ts";
import { FakeClock } from "../../keys/fake-clock.ts";
import { verifies } from "../../requirements.ts";
import { answeringItems, failures, secret } from "../../storage/answering.ts";
import { type CosmosBackEnd, startCosmosEmulator } from "../../storage/cosmos-emulator.ts";
import { value } from "../../support/value.ts";
import { MemoryContainer } from "../memory-container.ts";

const ticket = { name: "ticket", schema: z.object({ text: z.string() }) };
const pass = { name: "pass", schema: z.object({ text: z.string() }) };
const key = { partition: "person-1", id: "first" };
const minute = 60_000;

let emulator: CosmosBackEnd;
beforeAll(async () => {
  emulator = await startCosmosEmulator(gatewayContainer.definition);
});
afterAll(() => emulator.close());

/** The records of one kind over a container, as one instance has them. */
function recordsOver(
  container: Container,
  { clock = new FakeClock(), kind = ticket as RecordKind<{ text: string }> } = {},
) {
  const pauses: number[] = [];
  const store = createGatewayStore({
    open: async () => container,
    now: clock.now,
    pause: async (milliseconds) => pauses.push(milliseconds),
  });
  return { clock, pauses, records: store.records(kind), soon: clock.now() + minute };
}

function found<Item>(record: StoredRecord<Item> | undefined): StoredRecord<Item> {
  if (!record) throw new Error("The record is not there.");
  return record;
}

describe("the gateway's container", () => {
  it(verifies("gateway.store.container", "is defined as the service is asked for it"), () => {
    expect(gatewayContainer).toEqual({
      name: "gateway",
      definition: {
        partitionKey: { paths: ["/partition"], kind: "Hash", version: 2 },
        indexingPolicy: {
          indexingMode: "consistent",
          automatic: true,
          includedPaths: [{ path: "/partition/?" }, { path: "/kind/?" }, { path: "/expiresAt/?" }],
          excludedPaths: [{ path: "/*" }],
        },
        defaultTtl: -1,
      },
    });
  });
});

describe.each<[string, () => Promise<Container>]>([
  ["Cosmos DB", () => emulator.openContainer(createDefaultHttpClient())],
  // What the other tests use in its place must behave the same.
  ["memory", async () => new MemoryContainer().view().container],
])("records in %s", (_where, open) => {
  it(verifies("gateway.store.one-wins", "are created once under an id, and stay"), async () => {
    const { records, soon } = recordsOver(await open());
    const texts = ["Milk", "Tea", "Rum"];
    const outcomes = await Promise.all(texts.map((text) => records.create(key, { text }, soon)));
    expect(outcomes.map(value).sort()).toEqual(["created", "exists", "exists"]);
    const text = texts[outcomes.map(value).indexOf("created")];
    expect(value(await records.read(key))).toEqual({
      ...key,
      etag: expect.any(String),
      item: { text },
    });
  });

  it(verifies("gateway.store.one-wins", "are replaced by one of several"), async () => {
    const { records, soon } = recordsOver(await open());
    await records.create(key, { text: "Milk" }, soon);
    const read = found(value(await records.read(key)));
    const texts = ["Tea", "Rum", "Gin"];
    const outcomes = await Promise.all(texts.map((text) => records.replace(read, { text }, soon)));
    expect(outcomes.map(value).sort()).toEqual([false, false, true]);
    const text = texts[outcomes.map(value).indexOf(true)];
    const again = found(value(await records.read(key)));
    expect(again.item).toEqual({ text });
    expect(again.etag).not.toBe(read.etag);
  });

  it(verifies("gateway.store.one-wins", "are deleted by one of several"), async () => {
    const { records, soon } = recordsOver(await open());
    await records.create(key, { text: "Milk" }, soon);
    const read = found(value(await records.read(key)));
    const outcomes = await Promise.all([1, 2, 3].map(() => records.delete(read)));
    expect(outcomes.map(value).sort()).toEqual([false, false, true]);
    expect(value(await records.read(key))).toBeUndefined();
    expect(value(await records.replace(read, { text: "Tea" }, soon))).toBe(false);
    expect(value(await records.create(key, { text: "Tea" }, soon))).toBe("created");
  });

  it(verifies("gateway.store.stale-write", "are written by the last version alone"), async () => {
    const { records, soon } = recordsOver(await open());
    await records.create(key, { text: "Milk" }, soon);
    const read = found(value(await records.read(key)));
    expect(value(await records.replace(read, { text: "Tea" }, soon))).toBe(true);
    expect(value(await records.replace(read, { text: "Rum" }, soon))).toBe(false);
    expect(value(await records.delete(read))).toBe(false);
    expect(found(value(await records.read(key))).item.text).toBe("Tea");
  });

  it(verifies("gateway.store.expiry", "are seen until they expire, and no longer"), async () => {
    const { records, clock, soon } = recordsOver(await open());
    await records.create(key, { text: "Milk" }, soon);
    await records.create({ ...key, id: "second" }, { text: "Tea" }, soon + 1);
    clock.advance(minute - 1);
    expect(value(await records.read(key))?.item.text).toBe("Milk");
    expect(value(await records.count(key.partition))).toBe(2);

    clock.advance(1);
    expect(value(await records.read(key))).toBeUndefined();
    expect(value(await records.count(key.partition))).toBe(1);
    expect(value(await records.list(key.partition)).map(({ id }) => id)).toEqual(["second"]);
  });

  it(verifies("gateway.store.expiry", "are in nobody's way once they have expired"), async () => {
    const { records, clock, soon } = recordsOver(await open());
    await records.create(key, { text: "Milk" }, soon);
    clock.advance(minute);
    const later = soon + minute;
    const texts = ["Tea", "Rum", "Gin"];
    const outcomes = await Promise.all(texts.map((text) => records.create(key, { text }, later)));
    expect(outcomes.map(value).sort()).toEqual(["created", "exists", "exists"]);
    const text = texts[outcomes.map(value).indexOf("created")];
    expect(value(await records.read(key))?.item).toEqual({ text });
  });

  it(
    verifies("gateway.store.expiry", "tell the database in whole seconds, rounded up"),
    async () => {
      const container = await open();
      const { records, clock } = recordsOver(container);
      const ttls = [-minute, 1, 1500, 365 * 24 * 60 * minute].map(async (milliseconds, index) => {
        const id = `record-${index}`;
        value(await records.create({ ...key, id }, { text: "" }, clock.now() + milliseconds));
        return (await container.item(`ticket:${id}`, key.partition).read()).resource.ttl;
      });
      expect(await Promise.all(ttls)).toEqual([1, 1, 2, 365 * 24 * 3600]);
    },
  );

  it(verifies("gateway.store.kinds", "of two kinds or partitions are two records"), async () => {
    const container = await open();
    const { records, soon } = recordsOver(container);
    const { records: passes } = recordsOver(container, { kind: pass });
    const others = { partition: "person-2", id: key.id };
    expect(value(await records.create(key, { text: "Milk" }, soon))).toBe("created");
    expect(value(await passes.create(key, { text: "Tea" }, soon))).toBe("created");
    expect(value(await records.create(others, { text: "Rum" }, soon))).toBe("created");
    expect(value(await records.read(key))?.item.text).toBe("Milk");
    expect(value(await passes.read(key))?.item.text).toBe("Tea");
    expect(value(await records.read(others))?.item.text).toBe("Rum");
    expect(value(await passes.read(others))).toBeUndefined();
  });

  it(verifies("gateway.store.listed", "are listed and counted by kind and partition"), async () => {
    const container = await open();
    const { records, soon } = recordsOver(container);
    const { records: passes } = recordsOver(container, { kind: pass });
    for (const id of ["a", "b:c"]) await records.create({ ...key, id }, { text: id }, soon);
    await passes.create(key, { text: "Tea" }, soon);
    await records.create({ partition: "person-2", id: "d" }, { text: "d" }, soon);

    const list = value(await records.list(key.partition));
    expect([...list].sort((one, other) => one.id.localeCompare(other.id))).toEqual(
      ["a", "b:c"].map((id) => ({ ...key, id, etag: expect.any(String), item: { text: id } })),
    );
    // Each is a version that can be replaced as it is.
    const [one] = list;
    expect(value(await records.replace(found(one), { text: "new" }, soon))).toBe(true);
    const counts = ["person-1", "person-2", "person-3"].map((person) => records.count(person));
    expect((await Promise.all(counts)).map(value)).toEqual([2, 1, 0]);
    expect(value(await records.list("person-3"))).toEqual([]);
  });

  it(
    verifies("gateway.store.unreadable", "that nobody knows fail, and can be deleted"),
    async () => {
      const container = await open();
      const { records, soon } = recordsOver(container);
      const stored = { id: "ticket:first", partition: "person-1", kind: "ticket", expiresAt: soon };
      await container.items.create({ ...stored, item: { text: 1 } });
      const unreadable = failure({
        kind: "unreadable-item",
        userId: "person-1",
        id: "first",
        etag: expect.any(String),
        properties: ["item.text"],
        stored: expect.objectContaining({ item: { text: 1 } }),
      });
      const read = await records.read(key);
      expect(read).toEqual(unreadable);
      expect(await records.list("person-1")).toEqual(unreadable);
      expect(value(await records.create(key, { text: "Milk" }, soon))).toBe("exists");
      if (read.ok || read.reason.kind !== "unreadable-item") throw new Error("It was read.");
      expect(value(await records.delete({ ...key, etag: read.reason.etag }))).toBe(true);
      expect(value(await records.read(key))).toBeUndefined();
    },
  );

  it(verifies("gateway.store.kinds", "have an id that cannot be taken for a path"), async () => {
    const { records, soon } = recordsOver(await open());
    for (const id of ["a/b", "a?b", "a#b", "a\\b", "https://client.example/"]) {
      await expect(async () => records.create({ ...key, id }, { text: "" }, soon)).rejects.toThrow(
        TypeError,
      );
    }
  });
});

describe("two instances", () => {
  it(
    verifies("gateway.store.late-read", "find what the other has written, a little later"),
    async () => {
      const memory = new MemoryContainer();
      const here = recordsOver(memory.view().container);
      const there = recordsOver(memory.view({ staleReads: 3 }).container);
      await here.records.create(key, { text: "Milk" }, here.soon);
      expect(value(await there.records.read(key))?.item.text).toBe("Milk");
      expect(there.pauses).toEqual([50, 100, 200]);
      expect(value(await here.records.read(key))?.item.text).toBe("Milk");
      expect(here.pauses).toEqual([]);
    },
  );

  it(
    verifies("gateway.store.late-read", "find what was prolonged, where the old one has expired"),
    async () => {
      const memory = new MemoryContainer();
      const clock = new FakeClock();
      const here = recordsOver(memory.view().container, { clock });
      await here.records.create(key, { text: "Milk" }, here.soon);
      const there = recordsOver(memory.view({ staleReads: 2 }).container, { clock });
      const read = found(value(await here.records.read(key)));
      await here.records.replace(read, { text: "Tea" }, here.soon + minute);
      clock.advance(minute);
      expect(value(await there.records.read(key))?.item.text).toBe("Tea");
    },
  );

  it(verifies("gateway.store.late-read", "stop looking after a moment, or when told"), async () => {
    const memory = new MemoryContainer();
    const view = memory.view();
    const there = recordsOver(view.container);
    view.lag();
    await recordsOver(memory.view().container).records.create(key, { text: "" }, there.soon);
    expect(value(await there.records.read(key))).toBeUndefined();
    expect(there.pauses).toEqual([50, 100, 200]);
    view.catchUp();
    expect(value(await there.records.read(key))).toBeDefined();

    const store = createGatewayStore({ open: async () => view.container, now: there.clock.now });
    const read = store.records(ticket).read({ ...key, id: "none" }, AbortSignal.timeout(10));
    expect(await read).toEqual(failure({ kind: "cancelled" }));
  });

  it(
    verifies("gateway.store.stale-write", "decide nothing by a version that they see too late"),
    async () => {
      const memory = new MemoryContainer();
      const here = recordsOver(memory.view().container);
      await here.records.create(key, { text: "Milk" }, here.soon);
      const view = memory.view();
      const there = recordsOver(view.container);
      view.lag();
      const read = found(value(await here.records.read(key)));
      await here.records.replace(read, { text: "Tea" }, here.soon);

      const late = found(value(await there.records.read(key)));
      expect(late.item.text).toBe("Milk");
      expect(value(await there.records.replace(late, { text: "Rum" }, there.soon))).toBe(false);
      expect(value(await there.records.delete(late))).toBe(false);
      expect(value(await there.records.create(key, { text: "Rum" }, there.soon))).toBe("exists");
      view.catchUp();
      expect(value(await there.records.read(key))?.item.text).toBe("Tea");
    },
  );
});

it(
  verifies(
    "gateway.store.current",
    "a list that has to be whole has what was just written elsewhere",
  ),
  async () => {
    const memory = new MemoryContainer();
    const here = recordsOver(memory.view().container);
    const view = memory.view();
    const there = recordsOver(view.container);
    view.lag();
    await here.records.create(key, { text: "Milk" }, here.soon);
    expect(value(await there.records.list(key.partition))).toEqual([]);
    const all = value(await there.records.listCurrent(key.partition));
    expect(all.map(({ item }) => item.text)).toEqual(["Milk"]);
    expect(value(await there.records.count(key.partition))).toBe(1);
  },
);

describe("a failure", () => {
  it.each(failures)(
    verifies("gateway.store.failures", "of %s is told as what it is"),
    async (what, answer, reason) => {
      const { records, soon } = recordsOver(await emulator.openContainer(answeringItems(answer)));
      const version = { ...key, etag: '"1"' };
      const writes = [
        await records.create(key, { text: "" }, soon),
        await records.replace(version, { text: "" }, soon),
        await records.delete(version),
      ];
      const reads = [
        await records.read(key),
        await records.list(key.partition),
        await records.count(key.partition),
      ];
      const failed = failure(reason);
      const isOpen = failure({ ...reason, isOutcomeUnknown: true });
      // A region that takes no writes has said no.
      const mayBeDone = "kind" in reason && reason.kind === "unavailable" && !/region/.test(what);
      const written = mayBeDone ? isOpen : failed;
      const isMissing = what === "a missing container";
      expect(writes).toEqual(
        isMissing ? [failed, success(false), success(false)] : [written, written, written],
      );
      expect(reads).toEqual([isMissing ? success(undefined) : failed, failed, failed]);
      expect(JSON.stringify([writes, reads])).not.toContain(secret);
    },
  );
});
