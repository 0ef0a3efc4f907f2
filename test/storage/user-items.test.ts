import {
  createDefaultHttpClient,
  type HttpClient,
  type PipelineRequest,
} from "@azure/core-rest-pipeline";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { failure } from "../../src/core/result.ts";
import { type StoreFailure, storeToolFailures } from "../../src/storage/failure.ts";
import { readableOf, UserItems, userContainer } from "../../src/storage/user-items.ts";
import { verifies } from "../requirements.ts";
import { value } from "../support/value.ts";
import { type Answer, answeringItems, failures, secret, status } from "./answering.ts";
import { type CosmosBackEnd, startCosmosEmulator } from "./cosmos-emulator.ts";

const note = z.object({ id: z.string(), userId: z.string(), text: z.string(), rank: z.int() });
const first = { id: "first", userId: "user-1", text: "Milk", rank: 1 };
const byRank = {
  query: "SELECT * FROM c WHERE c.userId = @userId AND c.rank > 0 ORDER BY c.rank",
  parameters: [{ name: "@userId", value: "user-1" }],
};

let emulator: CosmosBackEnd;
beforeAll(async () => {
  emulator = await startCosmosEmulator(userContainer(["rank"]));
});
afterAll(() => emulator.close());

async function notesOver(httpClient: HttpClient = createDefaultHttpClient()) {
  const container = await emulator.openContainer(httpClient);
  return { container, notes: new UserItems(async () => container, note) };
}

describe("a container of people's items", () => {
  it(
    verifies("storage.container", "is partitioned by person and indexes what it is told to"),
    () => {
      expect(userContainer(["rank"])).toEqual({
        partitionKey: { paths: ["/userId"], kind: "Hash", version: 2 },
        indexingPolicy: {
          indexingMode: "consistent",
          automatic: true,
          includedPaths: [{ path: "/userId/?" }, { path: "/rank/?" }],
          excludedPaths: [{ path: "/*" }],
        },
      });
    },
  );
});

describe("people's items", () => {
  it(
    verifies("storage.queries-in-turn", "are queried one after the other, for each person"),
    async () => {
      const running = new Map<string, number>();
      let atOnce = 0;
      const items = {
        query: (_query: unknown, { partitionKey }: { partitionKey: string }) => ({
          async fetchAll() {
            running.set(partitionKey, (running.get(partitionKey) ?? 0) + 1);
            atOnce = Math.max(
              atOnce,
              [...running.values()].reduce((sum, one) => sum + one, 0),
            );
            expect(running.get(partitionKey)).toBe(1);
            await new Promise((resolve) => setImmediate(resolve));
            running.set(partitionKey, 0);
            if (partitionKey === "user-3") throw new Error("cut");
            return { resources: [1] };
          },
        }),
      };
      const container = { items } as unknown as Awaited<ReturnType<typeof notesOver>>["container"];
      const notes = new UserItems(async () => container, note);
      const asked = ["user-1", "user-2", "user-3"].flatMap((userId) =>
        Array.from({ length: 5 }, () => notes.select(userId, byRank, z.int())),
      );
      const results = await Promise.all(asked);
      expect(results.map(({ ok }) => ok)).toEqual(Array.from({ length: 15 }, (_, at) => at < 10));
      expect(atOnce).toBe(3);
    },
  );

  it(verifies("storage.isolated", "are found by the person they belong to alone"), async () => {
    const { notes } = await notesOver();
    expect(value(await notes.create(first))).toBe("created");
    expect(value(await notes.create({ ...first, userId: "user-2", text: "Tea" }))).toBe("created");
    expect(value(await notes.create({ ...first, id: "second", rank: 2 }))).toBe("created");

    expect(value(await notes.find("user-1", "first"))?.item).toEqual(first);
    expect(value(await notes.find("user-2", "first"))?.item).toMatchObject({ text: "Tea" });
    expect(value(await notes.find("user-2", "second"))).toBeUndefined();
    const found = readableOf(value(await notes.query("user-1", byRank)));
    expect(found.items.map(({ id }) => id)).toEqual(["first", "second"]);
  });

  it(
    verifies("storage.versions", "are created once under an id, and stay as they were"),
    async () => {
      const { notes } = await notesOver();
      const outcomes = await Promise.all(
        ["Milk", "Tea", "Rum"].map((text) => notes.create({ ...first, text })),
      );
      expect(outcomes.map(value).sort()).toEqual(["created", "exists", "exists"]);
      const kept = value(await notes.find("user-1", "first"))?.item.text;
      expect(kept).toBe(["Milk", "Tea", "Rum"][outcomes.map(value).indexOf("created")]);
    },
  );

  it(verifies("storage.versions", "are deleted in the version that was read alone"), async () => {
    const { container, notes } = await notesOver();
    value(await notes.create(first));
    const read = value(await notes.find("user-1", "first"));
    if (!read) throw new Error("The note is not there.");
    await container.item("first", "user-1").replace({ ...first, text: "Rum" });
    expect(value(await notes.delete(read))).toBe(false);

    const again = value(await notes.find("user-1", "first"));
    expect(again?.item.text).toBe("Rum");
    const outcomes = again && [await notes.delete(again), await notes.delete(again)];
    expect(outcomes?.map(value)).toEqual([true, false]);
    expect(value(await notes.find("user-1", "first"))).toBeUndefined();
  });

  it(
    verifies("storage.partition-stated", "are read, written and asked for in their partition"),
    async () => {
      const stated: (string | undefined)[] = [];
      const network = createDefaultHttpClient();
      const { notes } = await notesOver({
        sendRequest(request) {
          if (isAboutItems(request)) {
            stated.push(request.headers.get("x-ms-documentdb-partitionkey"));
          }
          return network.sendRequest(request);
        },
      });
      value(await notes.create(first));
      const read = value(await notes.find("user-1", "first"));
      value(await notes.query("user-1", byRank));
      if (read) value(await notes.delete(read));
      expect(stated).toEqual(Array(4).fill('["user-1"]'));
    },
  );

  it(
    verifies("storage.unreadable", "hide no others where the schema does not know them"),
    async () => {
      const { container, notes } = await notesOver();
      await container.items.create({ ...first, text: undefined, rank: "high" });
      await container.items.create({ ...first, id: "second" });
      const unreadable = failure({
        kind: "unreadable-item",
        userId: "user-1",
        id: "first",
        etag: expect.any(String),
        properties: ["text", "rank"],
        stored: expect.objectContaining({ rank: "high" }),
      });
      const read = await notes.find("user-1", "first");
      expect(read).toEqual(unreadable);
      const all = { query: "SELECT * FROM c WHERE c.userId = 'user-1' ORDER BY c.id" };
      const found = value(await notes.query("user-1", all));
      const second = { ...first, id: "second" };
      expect(found).toEqual([unreadable, { ok: true, value: second }]);
      expect(readableOf(found)).toEqual({ items: [second], unreadable: ["first"] });
      if (read.ok || read.reason.kind !== "unreadable-item") throw new Error("It was read.");
      expect(value(await notes.delete(read.reason))).toBe(true);
      expect(value(await notes.find("user-1", "first"))).toBeUndefined();
    },
  );
});

/** The SDK also asks for each query's plan, which is worked out from its text alone. */
function isAboutItems({ headers, url }: PipelineRequest): boolean {
  return (
    /\/docs(\/|$)/.test(new URL(url).pathname) && !headers.has("x-ms-cosmos-is-query-plan-request")
  );
}

/** How each of the operations ends. */
async function outcomes(answer: Answer | undefined, signal?: AbortSignal) {
  const { notes } = await notesOver(answer && answeringItems(answer));
  return [
    await notes.create(first, signal),
    await notes.find("user-1", "first", signal),
    await notes.delete({ userId: "user-1", id: "first", etag: '"1"' }, signal),
    await notes.query("user-1", byRank, { signal }),
  ];
}

/** What a missing item or container means to each of the operations. */
const missing = [
  { ok: false, reason: { kind: "unavailable", cause: expect.any(String) } },
  { ok: true, value: undefined },
  { ok: true, value: false },
  { ok: false, reason: { kind: "unavailable", cause: expect.any(String) } },
];

/** Every other operation is a write, and nobody knows whether it took place, unless a region refused it. */
function told(what: string, index: number, reason: object): object {
  const isOpen = "kind" in reason && reason.kind === "unavailable" && !what.startsWith("a region");
  const mayBeDone = index % 2 === 0 && isOpen;
  return mayBeDone ? { ...reason, isOutcomeUnknown: true } : reason;
}

describe("a failure", () => {
  it.each(failures)(
    verifies("storage.failures", "of %s is told as what it is, without the database's own words"),
    async (what, answer, reason) => {
      const found = await outcomes(answer);
      const failed = found.map((_, index) => ({ ok: false, reason: told(what, index, reason) }));
      expect(found).toEqual(what === "a missing container" ? missing : failed);
      expect(JSON.stringify(found)).not.toContain(secret);
    },
  );

  it(verifies("storage.failures", "of a call that was cancelled is told as that"), async () => {
    for (const outcome of await outcomes(undefined, AbortSignal.abort())) {
      expect(outcome).toEqual({ ok: false, reason: { kind: "cancelled" } });
    }
  });

  it(
    verifies("storage.failures", "of the request itself is thrown: it is our mistake"),
    async () => {
      const { notes } = await notesOver(answeringItems(status(400)));
      await expect(notes.create(first)).rejects.toThrow();
      await expect(notes.query("user-1", byRank)).rejects.toThrow();
    },
  );

  it(verifies("storage.words", "tells the model what to do, and nothing else"), () => {
    const reasons: StoreFailure[] = [
      { kind: "throttled" },
      { kind: "throttled", retryAfterMilliseconds: 1500 },
      { kind: "unavailable", cause: secret },
      { kind: "denied", cause: secret },
      { kind: "full", cause: secret },
      { kind: "too-large", cause: secret },
      { kind: "busy" },
      { kind: "cancelled" },
      {
        kind: "unreadable-item",
        ...{ userId: "user-1", id: "first", etag: "", properties: ["rank"] },
        stored: { text: secret },
      },
    ];
    const lines: unknown[] = [];
    const toolFailure = storeToolFailures({ all: "The notes", one: "note" });
    const texts = reasons.map(
      (reason) => toolFailure(reason, (...line) => lines.push(line)).reason.message,
    );
    expect(texts[1]).toContain("in 2 s");
    for (const text of texts) {
      expect(text).toMatch(/notes?\b/);
      expect(text).toMatch(/Try again|[Tt]ell the people|Store a shorter note, or ask for fewer/);
      expect(text).not.toMatch(/internal|rank/);
    }
    // What the model is not told is in the log.
    expect(lines).toEqual(
      [
        ["unavailable", secret],
        ["denied", secret],
        ["full", secret],
        ["too-large", secret],
        ["unreadable-item", "rank"],
      ].map(([reason, cause]) => ["error", "store.failed", { reason, cause }]),
    );
  });
});
