import { createDefaultHttpClient } from "@azure/core-rest-pipeline";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createExpenses } from "../../../src/expenses/domain.ts";
import type { NewExpense } from "../../../src/expenses/expense.ts";
import { CosmosExpenseStore } from "../../../src/expenses/store/cosmos-store.ts";
import { sumsOf } from "../../../src/expenses/summary/sums.ts";
import { verifies } from "../../requirements.ts";
import { type CosmosBackEnd, startCosmosEmulator } from "../../storage/cosmos-emulator.ts";
import { textOf } from "../../support/clients.ts";
import { runTools } from "../../support/tool-runner.ts";
import { value } from "../../support/value.ts";
import { type OldExpense, oldItem, oldStore } from "./old-version.ts";

const user = "user-1";
const noon = Date.parse("2026-11-21T12:00:00Z");

const lunch: OldExpense = {
  date: "2026-11-20",
  minorUnits: 1250,
  decimals: 2,
  currency: "EUR",
  category: "food",
  description: "Lunch",
  paymentMethod: "visa",
};

let backEnd: CosmosBackEnd;
beforeAll(async () => {
  backEnd = await startCosmosEmulator(createExpenses().containers.expenses);
});
afterAll(() => backEnd?.close());

/** An instance of either version over the same container. */
async function bothVersions() {
  const container = await backEnd.openContainer(createDefaultHttpClient());
  const store = new CosmosExpenseStore(async () => container);
  const { run } = runTools(createExpenses(), {
    settings: { DEFAULT_CURRENCY: "EUR" },
    container,
  });
  return { container, old: oldStore(container), store, run };
}

describe("what the old version stored", () => {
  /** The second is from before amounts had their decimals, in a currency that was withdrawn since. */
  const { decimals: _decimals, ...withoutDecimals } = oldItem(
    user,
    "2",
    { ...lunch, currency: "HRK", date: "2025-01-31", description: "Taxi", category: "transport" },
    noon,
  );
  const items = [
    oldItem(user, "1", lunch, noon),
    withoutDecimals,
    oldItem(user, "3", { ...lunch, currency: "JPY", decimals: 0, minorUnits: 1500 }, noon + 1),
  ];

  it(verifies("versions.old-data", "is listed, found, filtered and added up"), async () => {
    const { container, store, run } = await bothVersions();
    for (const item of items) await container.items.create(item);

    const { expenses, unreadable } = value(await store.list(user, {}, { limit: 10 }));
    expect(expenses.map(({ id }) => id)).toEqual(["3", "1", "2"]);
    expect(unreadable).toEqual([]);
    for (const expense of expenses) {
      expect(expense).toMatchObject({ isRefund: false, receipts: [] });
      expect(value(await store.find(user, expense.id))).toEqual({ id: expense.id, expense });
    }
    for (const [filters, ids] of [
      [{ text: "taxi 12.50" }, ["2"]],
      [{ amountFrom: 12.5, amountTo: 12.5 }, ["1", "2"]],
      [{ amountFrom: 1000 }, ["3"]],
      [{ categories: ["food"], from: "2026-01-01" }, ["3", "1"]],
    ] as const) {
      const page = value(await store.list(user, filters, { limit: 10 }));
      expect(page.expenses.map(({ id }) => id)).toEqual(ids);
      expect(sumsOf(value(await store.figures(user, filters)).figures)).toEqual(
        sumsOf(page.expenses),
      );
    }
    for (const order of ["amount", "added"] as const) {
      const page = await store.list(user, { currency: "EUR" }, { limit: 10, order });
      expect(value(page).expenses.map(({ id }) => id)).toEqual(["1"]);
    }
    const summary = textOf(await run("get_user_expense_summary", { by: "year", to: "2025-12-31" }));
    expect(summary).toBe("Total: 12.50 HRK (1)\n- 2025: 12.50 HRK (1)");
    expect(textOf(await run("get_expense_stats", {}))).toMatch(
      /12\.50 EUR \(1\)\n(.*\n)*1500 JPY \(1\)/,
    );
  });

  it(verifies("versions.old-data", "is changed, keeps what it was, and is deleted"), async () => {
    const { container, store } = await bothVersions();
    for (const item of items) await container.items.create(item);
    for (const { id, createdAt } of items) {
      const found = value(await store.find(user, id))?.expense;
      if (!found) throw new Error(`${id} was not found`);
      // The same content has the same version each time, though none is stored.
      expect(value(await store.find(user, id))?.expense?.version).toBe(found.version);
      const update = { version: found.version, changes: { category: "other" as const } };
      const changed = value(await store.update(user, id, update));
      expect(changed).toMatchObject({
        kind: "updated",
        expense: { ...found, category: "other", createdAt, version: expect.any(String) },
      });
      const again = value(await store.update(user, id, update));
      expect(again).toMatchObject({ kind: "already-updated" });
      expect(value(await store.delete(user, id, () => true))).toMatchObject({ id });
    }
    expect(value(await store.list(user, {}, { limit: 10 })).expenses).toEqual([]);
  });
});

describe("while instances of both versions serve", () => {
  const written: readonly Partial<NewExpense>[] = [
    { description: "Plain" },
    { description: "Refund", isRefund: true },
    { description: "By mastercard", paymentMethod: "mastercard" },
    { description: "Changed" },
    { description: "With a receipt" },
  ];

  it(verifies("versions.side-by-side", "the old one lists, counts and deletes all"), async () => {
    const { old, store } = await bothVersions();
    for (const expense of written) {
      const options = { now: noon, idempotencyKey: expense.description ?? "" };
      const told = { ...lunch, isRefund: false, ...expense };
      const { expense: added } = value(await store.add(user, told, options));
      if (expense.description === "Changed") {
        const update = { version: added.version, changes: { amount: 99 } };
        expect(value(await store.update(user, added.id, update))?.kind).toBe("updated");
      }
      if (expense.description === "With a receipt") {
        const receipt = { id: "r1", mediaType: "image/png", bytes: 4, addedAt: added.createdAt };
        value(await store.changeReceipts(user, added.id, () => [receipt]));
      }
    }
    const listed = await old.list(user);
    expect(listed.unreadable).toBe(0);
    expect(listed.items.map(({ description }) => description).sort()).toEqual(
      written.map(({ description }) => description).sort(),
    );
    expect((await old.list(user, "changed")).items).toMatchObject([{ minorUnits: 9900 }]);
    const { figures, unreadable } = await old.statistics();
    expect([figures.length, unreadable]).toEqual([written.length, 0]);
    for (const { id, description } of listed.items) {
      expect(await old.delete(user, id)).toMatchObject({ description });
    }
    expect(value(await store.list(user, {}, { limit: 10 })).expenses).toEqual([]);
  });

  it(verifies("versions.side-by-side", "one key adds once, whichever is asked"), async () => {
    const { old, store } = await bothVersions();
    const told = { ...lunch, isRefund: false };
    expect((await old.add(user, "old first", lunch, noon)).kind).toBe("added");
    expect(
      value(await store.add(user, told, { now: noon, idempotencyKey: "old first" })).kind,
    ).toBe("already-added");
    expect(
      value(await store.add(user, told, { now: noon, idempotencyKey: "new first" })).kind,
    ).toBe("added");
    expect((await old.add(user, "new first", lunch, noon)).kind).toBe("already-added");
    expect((await old.add(user, "new first", { ...lunch, minorUnits: 1 }, noon)).kind).toBe(
      "differs",
    );
    expect(value(await store.list(user, {}, { limit: 10 })).expenses).toHaveLength(2);
  });

  it(verifies("versions.side-by-side", "each sees at once what the other writes"), async () => {
    const { old, store } = await bothVersions();
    for (let index = 0; index < 6; index += 1) {
      const description = `expense ${index}`;
      if (index % 2 === 0)
        await old.add(user, description, { ...lunch, description }, noon + index);
      else {
        const told = { ...lunch, isRefund: index === 5, description };
        value(await store.add(user, told, { now: noon + index }));
      }
      const [ours, theirs] = [
        value(await store.list(user, {}, { limit: 10 })).expenses,
        (await old.list(user)).items,
      ];
      expect(ours.map(({ id }) => id)).toEqual(theirs.map(({ id }) => id));
      expect(ours).toHaveLength(index + 1);
      expect(value(await store.figures(user, {})).figures).toHaveLength(index + 1);
    }
    expect(sumsOf(value(await store.figures(user, {})).figures)).toEqual([
      { currency: "EUR", decimals: 2, count: 6, spent: 6_250n, refunded: 1_250n },
    ]);
  });
});
