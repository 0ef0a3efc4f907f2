import { createDefaultHttpClient } from "@azure/core-rest-pipeline";
import { afterAll, beforeAll, expect, it } from "vitest";
import { domain } from "../../../src/expenses/domain.ts";
import type { NewExpense } from "../../../src/expenses/expense.ts";
import { CosmosExpenseStore } from "../../../src/expenses/store/cosmos-store.ts";
import { verifies } from "../../requirements.ts";
import { type Answer, answeringItems, failures, secret, status } from "../../storage/answering.ts";
import { type CosmosBackEnd, startCosmosEmulator } from "../../storage/cosmos-emulator.ts";

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

let emulator: CosmosBackEnd;
beforeAll(async () => {
  emulator = await startCosmosEmulator(domain.containers.expenses);
});
afterAll(() => emulator.close());

/** A store whose every request about items is answered with `answer`. */
async function storeThatGets(answer: Answer): Promise<CosmosExpenseStore> {
  const container = await emulator.openContainer(answeringItems(answer));
  return new CosmosExpenseStore(async () => container);
}

/** How each of the store's operations ends. */
async function outcomes(store: CosmosExpenseStore, signal?: AbortSignal) {
  return [
    await store.add("user", lunch, { now: 0, signal }),
    await store.add("user", lunch, { now: 0, idempotencyKey: "key", signal }),
    await store.list("user", {}, { limit: 10, signal }),
    await store.figures("user", {}, { signal }),
    await store.statistics({}, { signal }),
  ];
}

/** How those end that read one expense first, to which an answer of 404 says that there is none. */
async function outcomesOfOne(store: CosmosExpenseStore, signal?: AbortSignal) {
  return [
    await store.find("user", "id", { signal }),
    await store.update("user", "id", { version: "1", changes: {}, signal }),
    await store.changeReceipts("user", "id", () => [], { signal }),
    await store.delete("user", "id", () => true, { signal }),
  ];
}

it.each(failures)(
  verifies("expenses.store-failures", "tells %s, without the database's own words"),
  async (what, answer, reason) => {
    const store = await storeThatGets(answer);
    const ofOne = what === "a missing container" ? [] : await outcomesOfOne(store);
    for (const outcome of [...(await outcomes(store)), ...ofOne]) {
      expect(outcome).toMatchObject({ ok: false, reason });
      expect(JSON.stringify(outcome)).not.toContain(secret);
    }
  },
);

it(verifies("expenses.store-failures", "tells that a call was cancelled"), async () => {
  const container = await emulator.openContainer(createDefaultHttpClient());
  const store = new CosmosExpenseStore(async () => container);
  const aborted = AbortSignal.abort();
  for (const outcome of [
    ...(await outcomes(store, aborted)),
    ...(await outcomesOfOne(store, aborted)),
  ]) {
    expect(outcome).toEqual({ ok: false, reason: { kind: "cancelled" } });
  }
});

it("throws where the request itself is wrong", async () => {
  const store = await storeThatGets(status(400));
  await expect(store.list("user", {}, { limit: 10 })).rejects.toThrow();
  await expect(store.statistics({})).rejects.toThrow();
});

it("is unavailable where an expense exists but cannot be read yet", async () => {
  let requests = 0;
  const store = await storeThatGets(() => {
    requests += 1;
    return requests === 1 ? status(409)() : status(404)();
  });
  expect(await store.add("user", lunch, { now: 0, idempotencyKey: "key" })).toMatchObject({
    ok: false,
    reason: { kind: "unavailable" },
  });
});

it(
  verifies("expenses.idempotent", "counts its own repeated write as the first, without a key too"),
  async () => {
    let written: string | undefined;
    const network = createDefaultHttpClient();
    const container = await emulator.openContainer({
      async sendRequest(request) {
        const response = await network.sendRequest(request);
        if (request.method !== "POST" || !request.url.endsWith("/docs")) return response;
        // The write arrives, and arrives once more: what a repetition after a lost answer finds.
        written = typeof request.body === "string" ? request.body : undefined;
        return network.sendRequest(request);
      },
    });
    const store = new CosmosExpenseStore(async () => container);
    const outcome = await store.add("user", lunch, { now: 0 });
    expect(outcome).toMatchObject({
      ok: true,
      value: { kind: "added", expense: { id: JSON.parse(written ?? "{}").id, ...lunch } },
    });
  },
);
