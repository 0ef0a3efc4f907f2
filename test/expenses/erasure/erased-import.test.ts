import { createDefaultHttpClient } from "@azure/core-rest-pipeline";
import { isInputRequiredResult } from "@modelcontextprotocol/server";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { success } from "../../../src/core/result.ts";
import { noConnections } from "../../../src/define-domain.ts";
import { domain } from "../../../src/expenses/domain.ts";
import { eraseableBlobs } from "../../../src/expenses/erasure/eraseable-blobs.ts";
import { eraseable } from "../../../src/expenses/erasure/eraseable-store.ts";
import { Eraser } from "../../../src/expenses/erasure/erasure.ts";
import { importUserExpenses } from "../../../src/expenses/import-user-expenses.ts";
import { KeptImports } from "../../../src/expenses/statements/kept-imports.ts";
import { CosmosExpenseStore } from "../../../src/expenses/store/cosmos-store.ts";
import { aCaller } from "../../downstream/fakes.ts";
import { verifies } from "../../requirements.ts";
import { type CosmosBackEnd, startCosmosEmulator } from "../../storage/cosmos-emulator.ts";
import { MemoryUserBlobs } from "../../storage/memory-user-blobs.ts";
import { textOf } from "../../support/clients.ts";
import { value } from "../../support/value.ts";

let backEnd: CosmosBackEnd;
beforeAll(async () => {
  backEnd = await startCosmosEmulator(domain.containers.expenses);
  // What is done beside a call is logged to the process's output.
  vi.spyOn(console, "info").mockImplementation(() => {});
});
afterAll(() => backEnd?.close());

it.each([
  ["is over", true],
  ["has begun", false],
])(verifies("import.erased", "brings nothing back once an erasure %s"), async (_, isOver) => {
  const container = await backEnd.openContainer(createDefaultHttpClient());
  const kept = new MemoryUserBlobs();
  const signal = AbortSignal.timeout(60_000);
  function instance() {
    const areas = Object.keys(domain.blobs ?? {});
    const open = async () => container;
    const eraser = new Eraser({
      open,
      blobs: kept,
      areas,
      connections: noConnections,
      now: Date.now,
    });
    const store = eraseable(new CosmosExpenseStore(open), eraser);
    return { eraser, store, blobs: eraseableBlobs(kept, eraser) };
  }
  // Another instance erases while this one waits between two parts of the import.
  const { eraser } = instance();
  const { store, blobs } = instance();
  let waits = 0;
  const tool = importUserExpenses({
    store,
    imports: new KeptImports(blobs, Date.now),
    defaultCurrency: "EUR",
    now: Date.now,
    clock: {
      now: () => 0,
      async wait() {
        waits += 1;
        if (waits > 1) return;
        value(await eraser.begin("user-1", signal));
        if (isOver) value(await eraser.carryOn("user-1", signal, () => {}));
      },
    },
  });
  async function call(toolArguments: unknown) {
    const { result } = await tool.call(
      toolArguments,
      {
        ...{ caller: aCaller({ objectId: "user-1" }), signal },
        ...{ log: () => {}, audit: () => {}, progress: () => {} },
      },
      { isAdministrator: async () => success(false) },
    );
    if (isInputRequiredResult(result)) throw new Error("It asks for nothing.");
    return result;
  }
  const rows = Array.from({ length: 40 }, (_, index) => ({
    date: "2026-11-01",
    description: `Row ${index}`,
    amount: 1,
  }));
  const checked = await call({ rows });
  const { import_id } = checked.structuredContent as { import_id: string };
  const added = await call({ import_id });
  expect([added.isError, textOf(added)]).toEqual([true, expect.stringContaining("deleted")]);
  if (!isOver) value(await eraser.carryOn("user-1", signal, () => {}));

  expect(value(await store.list("user-1", {}, { limit: 100 })).expenses).toEqual([]);
  expect([...kept.kept.keys()]).toEqual([]);
});
