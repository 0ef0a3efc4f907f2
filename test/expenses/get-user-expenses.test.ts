import { createDefaultHttpClient } from "@azure/core-rest-pipeline";
import { afterAll, beforeAll, expect, it } from "vitest";
import { success } from "../../src/core/result.ts";
import { createExpenses } from "../../src/expenses/domain.ts";
import { CosmosExpenseStore } from "../../src/expenses/store/cosmos-store.ts";
import type { ExpenseStore } from "../../src/expenses/store/store.ts";
import { verifies } from "../requirements.ts";
import { type CosmosBackEnd, startCosmosEmulator } from "../storage/cosmos-emulator.ts";
import { type ToolResult, textOf } from "../support/clients.ts";
import { runTools } from "../support/tool-runner.ts";
import { unquotedTextOf } from "../support/unquoted.ts";
import { value } from "../support/value.ts";

let backEnd: CosmosBackEnd;

beforeAll(async () => {
  backEnd = await startCosmosEmulator(createExpenses().containers.expenses);
});

afterAll(() => backEnd?.close());

async function setUp(store?: Partial<ExpenseStore>) {
  const container = await backEnd.openContainer(createDefaultHttpClient());
  const domain = createExpenses(store && (() => store as ExpenseStore));
  const tools = runTools(domain, { settings: { DEFAULT_CURRENCY: "EUR" }, container });
  return { ...tools, container };
}

const coffee = {
  date: "2026-11-20",
  amount: 2.5,
  category: "food",
  description: "Coffee to go",
  payment_method: "cash",
};

/** Added in this order. */
const expenses = [
  coffee,
  { ...coffee, date: "2026-11-22", amount: 3, description: "Big coffee" },
  { ...coffee, date: "2026-11-21", amount: 30, description: "Taxi", category: "transport" },
  { ...coffee, date: "2026-11-19", amount: 2.5, description: "Bus", category: "transport" },
  { ...coffee, amount: 99, currency: "USD", description: "Keyboard", category: "gadget" },
  { ...coffee, amount: 7.5, is_refund: true, description: "Deposit", payment_method: "mastercard" },
];

type Page = {
  expenses: { id: string; description: string; amount: number }[];
  totals?: object[];
  next_cursor?: string;
};

function pageOf(result: ToolResult): Page {
  expect([result.isError, textOf(result)]).toEqual([undefined, expect.any(String)]);
  return result.structuredContent as Page;
}

it(
  verifies(
    ["tools.find-filters", "expenses.filters-words"],
    "finds by kinds, methods, currency, amounts and words, with the sums of all that match",
  ),
  async () => {
    const { run } = await setUp();
    for (const expense of expenses) await run("add_user_expense", expense);
    const found = async (filters: object) =>
      pageOf(await run("get_user_expenses", filters)).expenses.map((one) => one.description);

    expect(await found({ text: "coffee 2.50" })).toEqual(["Coffee to go"]);
    expect(await found({ text: "2,5" })).toEqual(["Coffee to go", "Bus"]);
    expect(await found({ text: "€2.50 bus" })).toEqual(["Bus"]);
    expect(await found({ text: "COFFEE big" })).toEqual(["Big coffee"]);
    expect(await found({ text: "1 2 3 4 5 6 7 8 9 10" })).toEqual([]);
    expect(await found({ categories: ["transport", "gadget"] })).toEqual([
      ...["Taxi", "Keyboard", "Bus"],
    ]);
    expect(await found({ categories: ["transport"], category: "gadget" })).toHaveLength(3);
    expect(await found({ payment_methods: ["mastercard", "visa"] })).toEqual(["Deposit"]);
    expect(await found({ currency: "USD" })).toEqual(["Keyboard"]);
    expect(await found({ currency: "USD", categories: [], payment_methods: [] })).toHaveLength(1);
    expect(await found({ amount_from: 7.5 })).toEqual(["Taxi", "Deposit", "Keyboard"]);
    expect(await found({ amount_from: 7.5, currency: "EUR" })).toEqual(["Taxi", "Deposit"]);
    expect(await found({ amount_from: 2.501, amount_to: "7.50" })).toEqual([
      ...["Big coffee", "Deposit"],
    ]);
    expect(await found({ order: "added", limit: 1 })).toEqual(["Deposit"]);
    expect(await found({ order: "amount", currency: "EUR", limit: 2 })).toEqual([
      ...["Taxi", "Deposit"],
    ]);
  },
);

it(verifies("tools.refund", "is marked, positive, and an expense like any other"), async () => {
  const { run, container } = await setUp();
  const added = await run("add_user_expense", expenses.at(-1));
  expect(added.structuredContent).toMatchObject({ expense: { amount: 7.5, is_refund: true } });
  expect(unquotedTextOf(added)).toMatch(
    /^Recorded: .*7\.50 EUR, Deposit \(refund, food, mastercard/,
  );
  const { resources } = await container.items.readAll().fetchAll();
  expect(resources).toMatchObject([{ type: "expense", minorUnits: 750, isRefund: true }]);

  await run("add_user_expense", { ...coffee, is_refund: false });
  const [latest] = pageOf(await run("get_user_expenses", { order: "added" })).expenses;
  expect(latest).not.toHaveProperty("is_refund");
});

it(
  verifies("tools.totals", "has the sums of all that match on the first page alone, refunds apart"),
  async () => {
    const { run } = await setUp();
    for (const expense of expenses) await run("add_user_expense", expense);
    const first = await run("get_user_expenses", { limit: 4, category: "food" });
    const totals = [{ currency: "EUR", count: 3, spent: 5.5, refunded: 7.5, net: -2 }];
    expect(pageOf(first)).toMatchObject({ totals, has_more: false });
    expect(unquotedTextOf(first)).toMatch(
      /^Total of all that match: 5\.50 EUR spent, 7\.50 EUR refunded, -2\.00 EUR net \(3\)\.\n\n- 2026-11-22: 3\.00 EUR, Big coffee \(food, cash, id \S+, version \S+\)\n/,
    );

    const page = pageOf(await run("get_user_expenses", { limit: 4 }));
    expect(page).toMatchObject({
      totals: [
        { currency: "EUR", count: 5, spent: 38, refunded: 7.5, net: 30.5 },
        { currency: "USD", count: 1, spent: 99 },
      ],
      has_more: true,
    });
    const last = await run("get_user_expenses", { limit: 4, cursor: page.next_cursor });
    expect(pageOf(last)).not.toHaveProperty("totals");
    expect(textOf(last)).not.toContain("all that match");
  },
);

it(verifies("tools.totals", "says where too many match, and what is in no sum"), async () => {
  const figure = { ...coffee, minorUnits: 250, decimals: 2, currency: "EUR" };
  const { paymentMethod, isRefund } = { paymentMethod: "cash", isRefund: false };
  const expense = { ...figure, id: "1", createdAt: "", version: "v", receipts: [] };
  const next = { order: "date", date: "2026-11-20", createdAt: 0, idPrefix: "" } as const;
  const { run } = await setUp({
    list: async () =>
      success({ expenses: [{ ...expense, paymentMethod, isRefund }], unreadable: [], next }),
    figures: async () =>
      success({
        figures: [{ ...figure, paymentMethod, isRefund }],
        unreadable: 2,
        cutAt: "2026-11-20",
      }),
  });
  const result = await run("get_user_expenses", { limit: 1 });
  expect(pageOf(result)).toMatchObject({
    totals: [{ currency: "EUR", count: 1, spent: 2.5 }],
    totals_back_to: "2026-11-20",
    not_in_totals: 2,
  });
  const text = textOf(result);
  expect(text).toContain("the newest 20000, back to 2026-11-20. Narrow the dates.");
  expect(text).toContain("In no total, since unreadable: 2.");
});

it(
  verifies("tools.receipts-shown", "leads to receipts by a link, by the text and by a field"),
  async () => {
    const { run, container } = await setUp();
    await run("add_user_expense", coffee);
    const [expense] = pageOf(await run("get_user_expenses", {})).expenses;
    const id = String(expense?.id);
    const store = new CosmosExpenseStore(async () => container);
    const receipt = { id: "r1", mediaType: "image/png", bytes: 3, addedAt: "" };
    value(await store.changeReceipts("user-1", id, () => [receipt]));

    const result = await run("get_user_expenses", {});
    const uri = `expenses://me/expenses/${id}/receipts/r1`;
    expect(pageOf(result)).toMatchObject({
      expenses: [{ receipts: [{ uri, media_type: "image/png", bytes: 3 }] }],
    });
    const [text, link] = result.content as [{ text: string }, object];
    expect(text.text.split(uri)).toHaveLength(2);
    expect(link).toMatchObject({ type: "resource_link", uri, mimeType: "image/png", size: 3 });
  },
);

it(verifies("tools.list-refuses", "says what to correct of amounts and orders"), async () => {
  const { run } = await setUp();
  for (const expense of expenses) await run("add_user_expense", expense);
  const { next_cursor: cursor } = pageOf(
    await run("get_user_expenses", { limit: 1, categories: ["food", "transport"] }),
  );
  const refused: [Record<string, unknown>, RegExp][] = [
    [{ order: "amount" }, /order: by amount needs a currency/],
    [{ amount_from: 3, amount_to: 2 }, /amount_from: is more than `amount_to`/],
    [{ amount_from: -1 }, /amount_from: must not be negative/],
    [{ text: "1 2 3 4 5 6 7 8 9 10 11" }, /text: has more than 10 words/],
    [{ categories: ["travel"] }, /categories.*food/],
    [{ category: "travel" }, /category: .*food/],
    [{ cursor, order: "added", categories: ["food", "transport"] }, /other filters \(order\)/],
    [{ cursor, categories: ["food"] }, /other filters \(categories\)/],
  ];
  for (const [input, words] of refused) {
    const result = await run("get_user_expenses", input);
    expect([input, result.isError, textOf(result)]).toEqual([
      input,
      true,
      expect.stringMatching(words),
    ]);
  }
  // The same filters in other words.
  const again = { cursor, limit: 1, categories: ["transport"], category: "food" };
  expect(pageOf(await run("get_user_expenses", again)).expenses).toHaveLength(1);
});
