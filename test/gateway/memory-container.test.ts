import { describe, expect, it } from "vitest";
import { z } from "zod";
import { failure } from "../../src/core/result.ts";
import { createGatewayStore } from "../../src/gateway/store/cosmos-records.ts";
import { verifies } from "../requirements.ts";
import { value } from "../support/value.ts";
import { type ContainerCall, MemoryContainer, type ViewOptions } from "./memory-container.ts";

const counter = { name: "counter", schema: z.object({ count: z.int() }) };
const key = { partition: "person-1", id: "first" };
const soon = 60_000;

function setUp() {
  const memory = new MemoryContainer();
  return {
    memory,
    instance(options?: ViewOptions) {
      const view = memory.view(options);
      const store = createGatewayStore({
        open: async () => view.container,
        now: () => 0,
        pause: async () => {},
      });
      return { view, records: store.records(counter) };
    },
  };
}

async function countIn({ view: { container } }: ReturnType<ReturnType<typeof setUp>["instance"]>) {
  return (await container.item("counter:first", key.partition).read()).resource?.item.count;
}

describe("a container in memory", () => {
  it(verifies("gateway.store.adapter", "shows a view old versions for so many reads"), async () => {
    const { instance } = setUp();
    const here = instance();
    await here.records.create(key, { count: 0 }, soon);
    const there = instance({ staleReads: 2 });
    const read = value(await here.records.read(key));
    if (!read) throw new Error("It is not there.");
    await here.records.replace(read, { count: 1 }, soon);
    const seen = [await countIn(there), await countIn(there), await countIn(there)];
    expect(seen).toEqual([0, 0, 1]);
    expect(await countIn(here)).toBe(1);

    const again = value(await here.records.read(key));
    if (again) await here.records.delete(again);
    const gone = [await countIn(there), await countIn(there), await countIn(there)];
    expect(gone).toEqual([1, 1, undefined]);
  });

  it(verifies("gateway.store.adapter", "lets a list lag as a read does"), async () => {
    const { instance } = setUp();
    const there = instance({ staleReads: 1 });
    await instance().records.create(key, { count: 0 }, soon);
    expect(value(await there.records.count(key.partition))).toBe(0);
    expect(value(await there.records.count(key.partition))).toBe(1);
  });

  it(verifies("gateway.store.adapter", "shows each view what it has written itself"), async () => {
    const { instance } = setUp();
    const here = instance({ staleReads: 5 });
    here.view.lag();
    await here.records.create(key, { count: 7 }, soon);
    expect(await countIn(here)).toBe(7);
    expect(value(await here.records.count(key.partition))).toBe(1);
    here.view.catchUp();
    expect(await countIn(here)).toBe(7);
  });

  it(
    verifies("gateway.store.adapter", "shows a view that writes what was written before"),
    async () => {
      const { instance } = setUp();
      const here = instance();
      const there = instance({ staleReads: 5 });
      await here.records.create(key, { count: 1 }, soon);
      await there.records.create({ ...key, id: "second" }, { count: 2 }, soon);
      expect(value(await there.records.count(key.partition))).toBe(2);
      await here.records.create({ ...key, partition: "person-2" }, { count: 1 }, soon);
      expect(value(await there.records.count("person-2"))).toBe(0);
    },
  );

  it(verifies("gateway.store.adapter", "ends a call before or after it takes place"), async () => {
    const { instance, memory } = setUp();
    const cut = ({ operation }: ContainerCall) => {
      if (operation === "create") throw new Error("The connection broke.");
    };
    const unknown = failure({
      kind: "unavailable",
      cause: expect.any(String),
      isOutcomeUnknown: true,
    });
    expect(await instance({ before: cut }).records.create(key, { count: 0 }, soon)).toEqual(
      unknown,
    );
    expect(memory.documents()).toEqual([]);
    expect(await instance({ after: cut }).records.create(key, { count: 0 }, soon)).toEqual(unknown);
    expect(memory.documents()).toEqual([
      expect.objectContaining({ id: "counter:first", partition: "person-1", item: { count: 0 } }),
    ]);
  });
});

describe("instances that lag", () => {
  it(verifies("gateway.store.one-wins", "lose no change that one of them made"), async () => {
    const { instance, memory } = setUp();
    const instances = Array.from({ length: 8 }, (_, staleReads) => instance({ staleReads }));
    await instances[0]?.records.create(key, { count: 0 }, soon);
    let changes = 0;
    await Promise.all(
      instances.map(async ({ records }) => {
        for (let attempt = 0; attempt < 50; attempt += 1) {
          const read = value(await records.read(key));
          if (!read) continue;
          const next = { count: read.item.count + 1 };
          if (value(await records.replace(read, next, soon))) changes += 1;
        }
      }),
    );
    expect(changes).toBeGreaterThan(10);
    expect(memory.documents()).toEqual([expect.objectContaining({ item: { count: changes } })]);
  });
});
