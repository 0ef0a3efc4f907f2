import { createDefaultHttpClient } from "@azure/core-rest-pipeline";
import { isInputRequiredResult } from "@modelcontextprotocol/server";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { failure, success } from "../../../src/core/result.ts";
import { createExpenses } from "../../../src/expenses/domain.ts";
import { importUserExpenses } from "../../../src/expenses/import-user-expenses.ts";
import type { RunClock } from "../../../src/expenses/statements/import-run.ts";
import type { ImportOutput } from "../../../src/expenses/statements/import-shapes.ts";
import { KeptImports } from "../../../src/expenses/statements/kept-imports.ts";
import { CosmosExpenseStore } from "../../../src/expenses/store/cosmos-store.ts";
import type { AddOptions, ExpenseStore } from "../../../src/expenses/store/store.ts";
import { AzureUserBlobs } from "../../../src/storage/azure-user-blobs.ts";
import type { StoreFailure } from "../../../src/storage/failure.ts";
import { type UserBlobs, userDataContainer } from "../../../src/storage/user-blobs.ts";
import { aCaller } from "../../downstream/fakes.ts";
import { type Azurite, startAzurite } from "../../keys/azurite.ts";
import { FakeClock } from "../../keys/fake-clock.ts";
import { verifies } from "../../requirements.ts";
import { type CosmosBackEnd, startCosmosEmulator } from "../../storage/cosmos-emulator.ts";
import { MemoryUserBlobs } from "../../storage/memory-user-blobs.ts";
import { type ToolResult, textOf } from "../../support/clients.ts";
import { value } from "../../support/value.ts";

let backEnd: CosmosBackEnd;
let azurite: Azurite;

beforeAll(async () => {
  backEnd = await startCosmosEmulator(createExpenses().containers.expenses);
  azurite = await startAzurite();
  await azurite.blobs.getContainerClient(userDataContainer).create();
});

afterAll(async () => {
  await azurite?.close();
  await backEnd?.close();
});

/** Waiting takes no time here, but the clock goes on. */
class RunTime implements RunClock {
  time = 0;
  waited = 0;
  now = () => this.time;
  wait = async (milliseconds: number) => {
    this.time += milliseconds;
    this.waited += milliseconds;
  };
}

interface SetUp {
  readonly blobs?: UserBlobs;
  /** What the tool is given in place of the store. */
  wrap?(store: ExpenseStore): ExpenseStore;
}

async function setUp({ blobs = new MemoryUserBlobs(), wrap = (store) => store }: SetUp = {}) {
  const container = await backEnd.openContainer(createDefaultHttpClient());
  const store = new CosmosExpenseStore(async () => container);
  const date = new FakeClock();
  const clock = new RunTime();
  const tool = importUserExpenses({
    store: wrap(store),
    imports: new KeptImports(blobs, date.now),
    defaultCurrency: "EUR",
    now: date.now,
    clock,
  });
  const told: [number, number | undefined][] = [];
  async function run(
    toolArguments: unknown,
    { objectId = "user-1", signal = AbortSignal.timeout(60_000) } = {},
  ): Promise<ToolResult> {
    const context = {
      caller: aCaller({ objectId }),
      signal,
      log: () => {},
      audit: () => {},
      progress: (done: number, total?: number) => void told.push([done, total]),
    };
    const isAdministrator = async () => success(false);
    const { result } = await tool.call(toolArguments, context, { isAdministrator });
    if (isInputRequiredResult(result)) throw new Error("It asks for nothing.");
    return result;
  }
  /** The structured content of a call that succeeds. */
  async function done(toolArguments: unknown): Promise<ImportOutput> {
    const result = await run(toolArguments);
    if (result.isError) throw new Error(textOf(result));
    return result.structuredContent as unknown as ImportOutput;
  }
  async function listed(userId = "user-1") {
    const page = value(await store.list(userId, {}, { limit: 100 }));
    return page.expenses.map(({ description }) => description).sort();
  }
  return { run, done, listed, store, clock, date, told };
}

const statement = `2026-11-01 Coffee 2.50
2026-11-01 Coffee 2.50
2026-11-02 Taxi 30.00
2026-11-01 Coffee 2.50`;

const manyRows = (count: number) =>
  Array.from({ length: count }, (_, index) => ({
    date: "2026-11-01",
    description: `Row ${index}`,
    amount: 1,
  }));

describe("import_user_expenses", () => {
  it(
    verifies("import.two-steps", "shows what would be added, and adds it when told so"),
    async () => {
      const { run, done, listed } = await setUp();
      const text = `${statement}\n03/04/2026 Tea 2.00\nsomething`;
      const checked = await run({ text });
      expect(textOf(checked).length).toBeLessThan(4_000);
      expect(checked.structuredContent).toMatchObject({
        state: "checked",
        count: 4,
        sums: ["37.50 EUR (4)"],
        first: expect.arrayContaining([
          expect.stringContaining("line 3, 2026-11-02: 30.00 EUR, Taxi (other, other)"),
        ]),
        equal: "2 (lines 2, 4)",
        in_doubt: "2 (lines 5-6)",
        decided_by: ["date_order"],
        next: expect.stringContaining("Nothing is stored yet"),
        free_text: ["first", "examples", "notes"],
      });
      for (const words of [
        "4 lines would be added: 37.50 EUR",
        "2 (lines 5-6); date_order would decide",
        "when they agree",
      ]) {
        expect(textOf(checked)).toContain(words);
      }
      expect(await listed()).toEqual([]);

      const { import_id = "" } = checked.structuredContent as { import_id?: string };
      expect(import_id.length).toBeLessThanOrEqual(12);
      expect(textOf(checked)).toContain(import_id);
      const added = await run({ import_id, leave_out: [2] });
      expect(textOf(added)).toContain("Import finished: 3 lines stored: 35.00 EUR (3)");
      expect(added.structuredContent).toMatchObject({ state: "done", added_now: 3, left_out: 1 });
      expect(await listed()).toEqual(["Coffee", "Coffee", "Taxi"]);
      // Once more, it is as it was.
      expect(await done({ import_id })).toMatchObject({ state: "done", count: 3, added_now: 0 });
      expect(await listed()).toHaveLength(3);
    },
  );

  it(verifies("import.two-steps", "asks for all that decides at once"), async () => {
    const { run, done } = await setUp();
    const text = "Date;Description;Amount\n03/04/2026;Train;-12,50\n05/04/2026;Hotel;-1.234";
    const checked = await run({ text });
    const decided = ["date_order", "purchase_sign", "decimal"];
    expect(checked.structuredContent).toMatchObject({ count: 0, decided_by: decided });
    expect(textOf(checked)).toContain(`Ask the person for ${decided.join(", ")}, and call again`);
    for (const doubt of [
      /line 2, .*; date_order and purchase_sign decide/,
      /line 3, .*-1\.234: .*; date_order and decimal decide/,
    ]) {
      expect(textOf(checked)).toMatch(doubt);
    }
    const answers = { date_order: "dmy", purchase_sign: "negative", decimal: "comma" };
    expect(await done({ text, ...answers })).toMatchObject({ count: 2 });
    expect(textOf(await run({ text: "nonsense" }))).toContain("No line can be added.");
  });

  it(verifies("import.two-steps", "works alike over Blob Storage"), async () => {
    const blobs = new AzureUserBlobs(azurite.blobs.getContainerClient(userDataContainer));
    const { done, run, listed } = await setUp({ blobs });
    const { import_id } = await done({ text: statement });
    expect(await done({ import_id })).toMatchObject({ state: "done", added_now: 4 });
    expect(await listed()).toHaveLength(4);
    expect(textOf(await run({ import_id }, { objectId: "user-2" }))).toContain("no such import");
  });

  it(
    verifies("import.keys", "keeps equal lines as many as they are, and doubles nothing"),
    async () => {
      const { done, listed, store } = await setUp();
      const first = await done({ text: statement });
      await done({ import_id: first.import_id });
      expect(await listed()).toEqual(["Coffee", "Coffee", "Coffee", "Taxi"]);
      // The person has changed one, and decides otherwise about the rest.
      const [taxi] = value(await store.list("user-1", { text: "taxi" }, { limit: 1 })).expenses;
      if (!taxi) throw new Error("The taxi is missing.");
      value(
        await store.update("user-1", taxi.id, {
          version: taxi.version,
          changes: { category: "transport" },
        }),
      );
      const second = await done({ text: statement, category: "food" });
      expect(second.stored).toBe("4 (lines 1-4)");
      const again = await done({ import_id: second.import_id });
      expect(again).toMatchObject({ state: "done", added_now: 0, already_there: 4 });
      expect(await listed()).toHaveLength(4);
    },
  );

  it(
    verifies("import.duplicates", "shows what looks stored already, and leaves it out if told"),
    async () => {
      const { run, done, store, listed } = await setUp();
      const expense = {
        date: "2026-11-02",
        minorUnits: 3000,
        decimals: 2,
        currency: "EUR",
        category: "transport",
        description: "Taxi to the station",
        paymentMethod: "cash",
        isRefund: false,
      };
      value(await store.add("user-1", expense, { now: 0 }));
      const checked = await run({ text: statement });
      const { import_id, stored } = checked.structuredContent as unknown as ImportOutput;
      expect(stored).toBe("1 (line 3)");
      expect(textOf(checked)).toContain("Of these look like expenses stored before: 1 (line 3)");
      const added = await done({ import_id, leave_out_stored: true });
      expect(added).toMatchObject({ state: "done", count: 3, left_out: 1 });
      expect(await listed()).toEqual(["Coffee", "Coffee", "Coffee", "Taxi to the station"]);
    },
  );

  it(verifies("import.refuses", "says what is wrong with a step, and stores nothing"), async () => {
    const { run, done, date, listed } = await setUp();
    const { import_id } = await done({ text: statement });
    const refused: [unknown, RegExp, string?][] = [
      [{}, /either the statement .* or import_id/],
      [{ text: statement, import_id }, /either the statement .* or import_id/],
      [{ import_id, category: "food" }, /no effect with import_id/],
      [{ text: statement, leave_out: [1] }, /second step/],
      [{ import_id: "nonsense" }, /is no id of an import/],
      [{ import_id: "0123456789" }, /no such import.*[Cc]heck the statement again/],
      [{ import_id }, /no such import/, "user-2"],
      [{ import_id, leave_out: [5, 9] }, /no line 5, 9/],
      [{ rows: [] }, /has no row/],
      [{ rows: manyRows(5_001) }, /more than 5000/],
      [{ text: "2026-11-01 a 1\n".repeat(201) }, /has 201 lines; .*at most 200/],
    ];
    for (const [toolArguments, words, objectId] of refused) {
      const result = await run(toolArguments, objectId === undefined ? {} : { objectId });
      expect([result.isError, textOf(result)]).toEqual([true, expect.stringMatching(words)]);
    }
    date.advance(60 * 60 * 1000);
    expect(textOf(await run({ import_id }))).toMatch(/no such import/);
    expect(await listed()).toEqual([]);
  });

  it(verifies("import.two-steps", "has nothing to add where every line is in doubt"), async () => {
    const { done } = await setUp();
    const checked = await done({ text: "03/04/2026 Coffee 2.50" });
    expect(checked).toMatchObject({ count: 0, decided_by: ["date_order"] });
    expect(checked.import_id).toBeUndefined();
    expect(await done({ text: "\n \n" })).toMatchObject({
      count: 0,
      next: expect.stringContaining("no line"),
    });
  });

  it(
    verifies(
      ["import.rows", "import.resumes", "import.progress"],
      "paces rows, stops in time, and goes on",
    ),
    async () => {
      const { done, run, clock, told } = await setUp({
        // What takes its time is not what is shown here.
        wrap: (inner) => ({
          ...forwarding(inner),
          list: async () => success({ expenses: [], unreadable: [] }),
          add: async (_userId, expense, { idempotencyKey = "" }) => {
            const isNew = !keys.has(idempotencyKey);
            keys.add(idempotencyKey);
            const kept = { ...expense, id: "1", createdAt: "", version: "1", receipts: [] };
            return success({ kind: isNew ? "added" : "already-added", expense: kept });
          },
        }),
      });
      const keys = new Set<string>();
      const { import_id } = await done({ rows: manyRows(5_000) });
      const first = await done({ import_id, leave_out: [4_900] });
      expect(first).toMatchObject({
        state: "stopped",
        left_out: 1,
        next: expect.stringContaining(`again with import_id ${import_id} alone`),
      });
      // At 10 request units a line, no more than 1,000 a second.
      expect(first.count).toBeLessThanOrEqual((clock.time / 1000) * 100 + 10);
      expect(clock.time).toBeLessThan(25_000);
      expect(first.count + (first.remaining ?? 0)).toBe(4_999);
      expect(told.at(-1)).toEqual([first.count, 5_000]);
      const tooLate = await run({ import_id, leave_out: [1] });
      expect([tooLate.isError, textOf(tooLate)]).toEqual([
        true,
        expect.stringContaining("line 1 has been added already"),
      ]);
      await done({ import_id });
      const last = await done({ import_id });
      expect(last).toMatchObject({ state: "done", count: 4_999, left_out: 1 });
      expect(keys.size).toBe(4_999);
      expect(told.at(-1)).toEqual([5_000, 5_000]);
    },
  );
});

describe("an import that others meet", () => {
  /** Does `meanwhile` when the first lines have been added. */
  const meeting =
    (meanwhile: (store: ExpenseStore) => Promise<unknown>) =>
    (inner: ExpenseStore): ExpenseStore => ({
      ...forwarding(inner),
      async add(userId, expense, options) {
        const added = await inner.add(userId, expense, options);
        if (expense.description === "Row 9") await meanwhile(inner);
        return added;
      },
    });

  it(
    verifies("import.erased", "adds nothing more once all of the person's is deleted"),
    async () => {
      const blobs = new MemoryUserBlobs();
      const erase = async (store: ExpenseStore) => {
        const { expenses } = value(await store.list("user-1", {}, { limit: 100 }));
        for (const { id } of expenses) value(await store.delete("user-1", id, () => true));
        blobs.kept.clear();
      };
      const { run, done, store, listed } = await setUp({ blobs, wrap: meeting(erase) });
      const { import_id } = await done({ rows: manyRows(30) });
      const result = await run({ import_id });
      expect([result.isError, textOf(result)]).toEqual([
        true,
        expect.stringContaining("all was deleted"),
      ]);
      // Of the lines that were being added at that moment some may come after it.
      await erase(store);
      expect(await listed()).toEqual([]);
      expect([...blobs.kept.keys()]).toEqual([]);
    },
  );

  it(verifies("import.left-out", "leaves out what another call has said meanwhile"), async () => {
    const blobs = new MemoryUserBlobs();
    let id = "";
    // Of another instance, which does not know of this one.
    const elsewhere = new KeptImports(blobs, Date.now);
    const { done, listed } = await setUp({
      blobs,
      wrap: meeting(() =>
        elsewhere.saveProgress(
          "user-1",
          id,
          { done: 0, leftOut: [20] },
          AbortSignal.timeout(9_000),
        ),
      ),
    });
    id = (await done({ rows: manyRows(30) })).import_id ?? "";
    expect(await done({ import_id: id, leave_out: [30] })).toMatchObject({
      state: "done",
      count: 28,
      left_out: 2,
    });
    const kept = await listed();
    expect(kept).toHaveLength(28);
    expect(kept).not.toContain("Row 19");
    // And nothing of it is forgotten.
    expect(await done({ import_id: id })).toMatchObject({ left_out: 2, added_now: 0 });
  });

  it(verifies("import.at-once", "is the only one of its person, and takes notice"), async () => {
    let second: ToolResult | undefined;
    let other: ToolResult | undefined;
    let id = "";
    const { run, done, listed } = await setUp({
      wrap: meeting(async () => {
        second ??= await run({ import_id: id, leave_out: [20] });
        other ??= await run({ import_id: (await done({ rows: manyRows(1) })).import_id });
      }),
    });
    id = (await done({ rows: manyRows(30) })).import_id ?? "";
    expect(await done({ import_id: id })).toMatchObject({ state: "done", left_out: 1 });
    for (const result of [second, other]) {
      expect([result?.isError, result && textOf(result)]).toEqual([
        true,
        expect.stringContaining("at this moment"),
      ]);
    }
    expect(await listed()).toHaveLength(29);
    expect(await done({ import_id: id })).toMatchObject({ state: "done", added_now: 0 });
  });

  it(verifies("import.kept-bounded", "takes the place of the oldest that is kept"), async () => {
    let time = 0;
    const blobs = new MemoryUserBlobs(() => {
      time += 1;
      return time;
    });
    const { run, done } = await setUp({ blobs });
    const ids: string[] = [];
    for (let count = 0; count < 12; count += 1) {
      ids.push((await done({ rows: manyRows(1) })).import_id ?? "");
    }
    expect(blobs.kept.size).toBe(2 * 10);
    expect(textOf(await run({ import_id: ids[1] }))).toContain("no such import");
    expect(await done({ import_id: ids[2] })).toMatchObject({ state: "done" });
    expect(await done({ import_id: ids[11] })).toMatchObject({ state: "done" });
  });
});

describe("a failure in the middle of an import", () => {
  const unavailable: StoreFailure = { kind: "unavailable", cause: "cut" };

  it(
    verifies("import.failures", "of the storage leaves nothing half done, and a retry finishes"),
    async () => {
      const blobs = new MemoryUserBlobs();
      const { run, done, listed } = await setUp({ blobs });
      const failing = async (isCut: (call: string) => boolean, toolArguments: unknown) => {
        blobs.fail = (call) => (isCut(call) ? unavailable : undefined);
        const result = await run(toolArguments);
        blobs.fail = () => undefined;
        return result;
      };
      const unkept = await failing((call) => call.startsWith("put"), { text: statement });
      expect([unkept.isError, textOf(unkept)]).toEqual([
        true,
        expect.stringContaining("cannot be reached"),
      ]);
      const { import_id } = await done({ text: statement });
      for (const isCut of [
        (call: string) => call.startsWith("get"),
        (call: string) => call.startsWith("put"),
      ]) {
        const result = await failing(isCut, { import_id, leave_out: [3] });
        expect([result.isError, await listed()]).toEqual([true, []]);
      }
      // Without its progress an import is finished all the same.
      const puts: string[] = [];
      const isSecondPut = (call: string) => call.startsWith("put") && puts.push(call) > 1;
      const unsaved = await failing(isSecondPut, {
        import_id,
        leave_out: [3],
      });
      expect(unsaved.structuredContent).toMatchObject({ state: "done", count: 3 });
      expect(await done({ import_id })).toMatchObject({
        state: "done",
        count: 3,
        already_there: 3,
      });
      expect(await listed()).toEqual(["Coffee", "Coffee", "Coffee"]);
    },
  );

  it(
    verifies("import.failures", "that lasts is told, and not to call again for ever"),
    async () => {
      const { run, done, listed } = await setUp({
        wrap: (inner) => ({
          ...forwarding(inner),
          add: async (userId, expense, options) =>
            expense.description === "Taxi"
              ? failure({ kind: "denied", cause: "no role" })
              : inner.add(userId, expense, options),
        }),
      });
      const { import_id } = await done({ text: statement });
      expect(await done({ import_id })).toMatchObject({ state: "stopped", added_now: 3 });
      const again = await run({ import_id });
      expect([again.isError, textOf(again)]).toEqual([
        true,
        expect.stringContaining("not allowed"),
      ]);
      expect(await listed()).toHaveLength(3);
    },
  );

  it(
    verifies("import.failures", "of the database, or the end of the process, doubles nothing"),
    async () => {
      const rows = manyRows(25);
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.record({ at: fc.nat(30), isStored: fc.boolean(), isKill: fc.boolean() }), {
            minLength: 1,
            maxLength: 4,
          }),
          async (cuts) => {
            const left = [...cuts];
            let adds = 0;
            const end = new AbortController();
            let process = end;
            const { run, done, listed } = await setUp({
              wrap: (inner) => ({
                ...forwarding(inner),
                async add(userId, expense, options: AddOptions) {
                  adds += 1;
                  const [cut] = left;
                  if (!cut || adds <= cut.at) return inner.add(userId, expense, options);
                  // The write may have taken place before its answer was lost.
                  if (cut.isStored) await inner.add(userId, expense, options);
                  if (cut.isKill) process.abort();
                  return failure({ ...unavailable, isOutcomeUnknown: true as const });
                },
              }),
            });
            const { import_id } = await done({ rows });
            for (;;) {
              adds = 0;
              process = new AbortController();
              const before = await listed();
              const result = await run({ import_id, leave_out: [7] }, { signal: process.signal });
              const output = result.structuredContent as unknown as ImportOutput | undefined;
              const after = await listed();
              expect(new Set(after).size).toBe(after.length);
              expect(after.length).toBeGreaterThanOrEqual(before.length);
              if (output) expect(after.length).toBeGreaterThanOrEqual(output.count);
              if (output?.state === "done") break;
              left.shift();
            }
            const all = rows
              .map(({ description }) => description)
              .filter((name) => name !== "Row 6");
            expect(await listed()).toEqual(all.sort());
          },
        ),
        { numRuns: 12 },
      );
    },
  );
});

/** The methods of a store as own members, so that some can be replaced. */
function forwarding(store: ExpenseStore): ExpenseStore {
  return {
    add: (...given) => store.add(...given),
    list: (...given) => store.list(...given),
    figures: (...given) => store.figures(...given),
    find: (...given) => store.find(...given),
    update: (...given) => store.update(...given),
    changeReceipts: (...given) => store.changeReceipts(...given),
    delete: (...given) => store.delete(...given),
    statistics: (...given) => store.statistics(...given),
  };
}
