import { createDefaultHttpClient } from "@azure/core-rest-pipeline";
import type { Container } from "@azure/cosmos";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { domain } from "../../../src/expenses/domain.ts";
import type { Expense } from "../../../src/expenses/expense.ts";
import { CosmosExpenseStore } from "../../../src/expenses/store/cosmos-store.ts";
import type { UpdateOutcome } from "../../../src/expenses/store/store.ts";
import { verifies } from "../../requirements.ts";
import { type CosmosBackEnd, startCosmosEmulator } from "../../storage/cosmos-emulator.ts";
import { value } from "../../support/value.ts";
import { firstVersionsItem, lunch } from "../expense-model.ts";

let backEnd: CosmosBackEnd;
let container: Container;
let store: CosmosExpenseStore;

beforeAll(async () => {
  backEnd = await startCosmosEmulator(domain.containers.expenses);
});
afterAll(() => backEnd.close());

beforeEach(async () => {
  container = await backEnd.openContainer(createDefaultHttpClient());
  store = new CosmosExpenseStore(async () => container);
});

const key = { idempotencyKey: "key" };

async function add(expense: object = {}, options: object = {}): Promise<Expense> {
  const added = await store.add("user", { ...lunch, ...expense }, { now: 0, ...options });
  return value(added).expense;
}

async function update(
  { id, version }: Pick<Expense, "id" | "version">,
  changes: object,
): Promise<UpdateOutcome | undefined> {
  return value(await store.update("user", id, { version, changes }));
}

async function updated(expense: Expense, changes: object): Promise<Expense> {
  const outcome = await update(expense, changes);
  if (outcome?.kind !== "updated") throw new Error(`It is ${outcome?.kind}.`);
  return outcome.expense;
}

async function stored(id: string): Promise<Expense | undefined> {
  return value(await store.find("user", id))?.expense;
}

it(verifies("expenses.updated", "changes what it names, and nothing else"), async () => {
  const first = await add({ isRefund: true });
  const changes: [object, Partial<Expense>][] = [
    [{ date: "2026-11-19" }, { date: "2026-11-19" }],
    [{ amount: 13 }, { minorUnits: 1300 }],
    [{ currency: "KWD" }, { currency: "KWD", minorUnits: 13_000, decimals: 3 }],
    [
      { currency: "JPY", amount: 7 },
      { currency: "JPY", minorUnits: 7, decimals: 0 },
    ],
    [
      { category: "gadget", paymentMethod: "cash" },
      { category: "gadget", paymentMethod: "cash" },
    ],
    [{ description: "Dinner" }, { description: "Dinner" }],
    [{ isRefund: false }, { isRefund: false }],
  ];
  let expense = first;
  for (const [asked, expected] of changes) {
    const next = await updated(expense, asked);
    expect(next).toEqual({ ...expense, ...expected, version: expect.any(String) });
    expect(await stored(expense.id)).toEqual(next);
    expense = next;
  }
  const { expenses } = value(await store.list("user", { text: "dinner" }, { limit: 10 }));
  expect(expenses).toEqual([expense]);
  const onTheDay = { from: "2026-11-19", to: "2026-11-19" };
  expect(value(await store.list("user", onTheDay, { limit: 10 })).expenses).toEqual([expense]);
});

it(verifies("expenses.updated", "is done by one of ten that come at once"), async () => {
  const expense = await add();
  const outcomes = await Promise.all(
    Array.from({ length: 10 }, (_, index) => update(expense, { amount: index + 1 })),
  );
  const done = outcomes.filter((outcome) => outcome?.kind === "updated");
  expect(done).toHaveLength(1);
  const lost = outcomes.filter((outcome) => outcome?.kind === "changed-since");
  expect(lost).toHaveLength(9);
  const now = await stored(expense.id);
  for (const outcome of lost) expect(outcome).toMatchObject({ fields: ["amount"], expense: now });
});

it("says that there is no such expense, and no such amount", async () => {
  const expense = await add();
  expect(value(await store.update("another", expense.id, { version: "", changes: {} }))).toBe(
    undefined,
  );
  expect(await update({ id: "none", version: "" }, {})).toBeUndefined();
  expect(await update(expense, { amount: 1.234 })).toMatchObject({
    kind: "no-amount",
    problem: { kind: "too-many-decimals", currency: "USD" },
  });
  expect(await stored(expense.id)).toEqual(expense);
});

it(verifies("expenses.update-repeated", "succeeds, and changes nothing more"), async () => {
  const expense = await add();
  const next = await updated(expense, { amount: 13, category: "other" });
  const again = await update(expense, { category: "other", amount: 13 });
  expect(again).toEqual({ kind: "already-updated", expense: next });
  // Where it has been changed further, it is shown as it is now.
  const later = await updated(next, { amount: 14 });
  expect(await update(expense, { amount: 13, category: "other" })).toEqual({
    kind: "already-updated",
    expense: later,
  });
  expect(await update(later, { amount: 14 })).toEqual({ kind: "already-updated", expense: later });
});

it(verifies("expenses.update-lost", "names what has changed since the version"), async () => {
  const first = await add();
  const second = await updated(first, { amount: 13, isRefund: true });
  value(await store.changeReceipts("user", first.id, () => [receipt("one")]));
  const third = (await stored(first.id)) as Expense;
  const lost = await update(first, { description: "Dinner" });
  expect(lost).toEqual({
    kind: "changed-since",
    fields: ["isRefund", "amount", "receipts"],
    expense: third,
  });
  expect(await update(second, { description: "Dinner" })).toMatchObject({ fields: ["receipts"] });
});

it(
  verifies(
    "expenses.update-lost",
    "remembers ten changes, and refuses what is older without names",
  ),
  async () => {
    const versions = [await add()];
    for (let amount = 1; amount <= 11; amount += 1) {
      versions.push(await updated(versions.at(-1) as Expense, { amount }));
    }
    const [oldest, next] = versions as [Expense, Expense];
    const last = versions.at(-1);
    const change = { description: "Dinner" };
    expect(await update(oldest, change)).toEqual({ kind: "changed-since", expense: last });
    expect(await update(next, change)).toMatchObject({ fields: ["amount"], expense: last });
  },
);

it(verifies("expenses.versions", "never recur after deletion and another add"), async () => {
  const seen = new Set<string>();
  for (let round = 0; round < 3; round += 1) {
    const first = await add({}, key);
    const second = await updated(first, { amount: 13 });
    const third = await updated(second, { amount: 12.5 });
    for (const { version } of [first, second, third]) {
      expect(seen.has(version)).toBe(false);
      seen.add(version);
    }
    value(await store.delete("user", first.id, () => true));
    const anew = await add({}, key);
    expect(anew.id).toBe(first.id);
    expect(await update(first, { amount: 1 })).toEqual({ kind: "changed-since", expense: anew });
    value(await store.delete("user", first.id, () => true));
  }
});

it(
  verifies("expenses.added-then-changed", "is told apart from another expense under the key"),
  async () => {
    const first = await add({}, key);
    const changed = await updated(first, { amount: 13, date: "2026-11-01" });
    const again = async (expense: object) =>
      value(await store.add("user", { ...lunch, ...expense }, { now: 1, ...key }));
    expect(await again({})).toEqual({ kind: "changed-since", expense: changed });
    expect(await again({ minorUnits: 12_500, decimals: 3 })).toMatchObject({
      kind: "changed-since",
    });
    expect(await again({ isRefund: true })).toEqual({ kind: "differs", expense: changed });
    expect(await again({ minorUnits: 1300, date: "2026-11-01" })).toEqual({
      kind: "already-added",
      expense: changed,
    });
  },
);

it(verifies("expenses.receipts-changed", "loses none of ten that come at once"), async () => {
  const expense = await add();
  const names = Array.from({ length: 10 }, (_, index) => `receipt-${index}`);
  const attached = names.map((name) =>
    store.changeReceipts("user", expense.id, (there) => [...there, receipt(name)]),
  );
  const renamed = updated(expense, { description: "Dinner" }).catch(() => undefined);
  for (const outcome of await Promise.all(attached)) {
    expect(value(outcome)?.receipts.length).toBeGreaterThan(0);
  }
  await renamed;
  const now = await stored(expense.id);
  expect(now?.receipts.map(({ id }) => id).sort()).toEqual(names);

  const version = now?.version;
  expect(value(await store.changeReceipts("user", expense.id, () => undefined))).toEqual(now);
  expect((await stored(expense.id))?.version).toBe(version);
  expect(value(await store.changeReceipts("user", "none", () => []))).toBeUndefined();
});

function receipt(id: string) {
  const addedAt = "2026-11-20T12:00:00.000Z";
  return { id, mediaType: "image/png", bytes: 3, name: "Receipt.png", addedAt };
}

it(
  verifies("expenses.older-version", "is changed, and repeated adds of it are recognised"),
  async () => {
    const {
      expense: { id },
    } = value(await store.add("user", lunch, { now: 0, ...key }));
    await container.item(id, "user").delete();
    // The first versions stored no decimals at all.
    const { decimals: _none, ...old } = firstVersionsItem("user", id, lunch, 0);
    await container.items.create(old);

    const found = (await stored(id)) as Expense;
    expect(found).toMatchObject({ ...lunch, receipts: [] });
    expect((await stored(id))?.version).toBe(found.version);
    const changed = await updated(found, { amount: 13 });
    expect(value(await store.add("user", lunch, { now: 1, ...key }))).toEqual({
      kind: "changed-since",
      expense: changed,
    });
    // What the first versions read of it is as they wrote it.
    const { resource } = await container.item(id, "user").read();
    expect(resource).toMatchObject({ ...old, minorUnits: 1300, decimals: 2 });
  },
);

it(verifies("expenses.older-version", "is found by amounts without decimals"), async () => {
  const amounts = [
    ["USD", 250],
    ["JPY", 2],
    ["JPY", 250],
    ["KWD", 2500],
    ["HRK", 250],
  ] as const;
  for (const [index, [currency, minorUnits]] of amounts.entries()) {
    const told = { ...lunch, currency, minorUnits };
    const { decimals: _none, ...old } = firstVersionsItem("user", `${index}`, told, index);
    await container.items.create(old);
  }
  const found = async (filters: object) =>
    value(await store.list("user", filters, { limit: 10, order: "added" })).expenses.map(({ id }) =>
      Number(id),
    );
  expect(await found({ text: "2.5" })).toEqual([4, 3, 0]);
  expect(await found({ amountFrom: 2.5 })).toEqual([4, 3, 2, 0]);
  expect(await found({ amountTo: 2.499 })).toEqual([1]);
  expect(await found({ amountFrom: 2, amountTo: 3, currency: "JPY" })).toEqual([1]);
  expect(await found({ text: "lunch 250" })).toEqual([2]);
});

it(verifies("expenses.unknown-kept", "stays when the expense is changed"), async () => {
  const expense = await add();
  const { resource } = await container.item(expense.id, "user").read();
  await container.items.upsert({ ...resource, project: "of a later version" });
  const changed = await updated(expense, { amount: 13 });
  value(await store.changeReceipts("user", expense.id, () => [receipt("one")]));
  const { resource: after } = await container.item(expense.id, "user").read();
  expect(after.project).toBe("of a later version");
  expect(changed).not.toHaveProperty("project");
});

it(verifies("expenses.figures", "are of all that match, and say where they are cut"), async () => {
  const one = firstVersionsItem("user", "0", lunch, 0);
  for (let index = 0; index < 30; index += 1) {
    const isRefund = index % 3 === 0 ? { isRefund: true } : {};
    const date = `2026-11-${10 + (index % 15)}`;
    await container.items.create({
      ...one,
      ...isRefund,
      id: `${index}`,
      date,
      sortKey: `${date}|`,
    });
  }
  await container.items.create({ ...one, id: "unreadable", minorUnits: "12.50" });
  await container.items.create({ ...one, id: "of a later version", schemaVersion: 2 });
  const found = value(await store.figures("user", {}));
  expect(found).toMatchObject({ unreadable: 2 });
  expect(found.figures).toHaveLength(30);
  expect(found.figures.filter(({ isRefund }) => isRefund)).toHaveLength(10);
  expect(found).not.toHaveProperty("cutAt");
  const dates = found.figures.map(({ date }) => date);
  expect(dates).toEqual(dates.toSorted().reverse());

  const cut = value(await store.figures("user", {}, { atMost: 10 }));
  expect([cut.figures.length, cut.cutAt]).toEqual([8, cut.figures.at(-1)?.date]);
});
