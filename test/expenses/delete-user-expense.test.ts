import { createDefaultHttpClient } from "@azure/core-rest-pipeline";
import { afterAll, beforeAll, expect, it } from "vitest";
import { deleteUserExpense } from "../../src/expenses/delete-user-expense.ts";
import { createExpenses } from "../../src/expenses/domain.ts";
import { CosmosExpenseStore } from "../../src/expenses/store/cosmos-store.ts";
import { confirmationIn } from "../mcp/approvals/set-up.ts";
import { verifies } from "../requirements.ts";
import { type CosmosBackEnd, startCosmosEmulator } from "../storage/cosmos-emulator.ts";
import { runTools } from "../support/tool-runner.ts";
import { unquotedTextOf } from "../support/unquoted.ts";
import { value } from "../support/value.ts";

let backEnd: CosmosBackEnd;

beforeAll(async () => {
  backEnd = await startCosmosEmulator(createExpenses().containers.expenses);
});

afterAll(() => backEnd?.close());

const deposit = {
  date: "2026-11-20",
  minorUnits: 750,
  decimals: 2,
  currency: "EUR",
  category: "other",
  description: "Deposit",
  paymentMethod: "debit_card",
  isRefund: true,
};
const receipt = { mediaType: "image/png", bytes: 3, addedAt: "2026-11-20T12:00:00.000Z" };

async function setUp() {
  const container = await backEnd.openContainer(createDefaultHttpClient());
  const store = new CosmosExpenseStore(async () => container);
  const swept: unknown[] = [];
  const domain = {
    ...createExpenses(),
    tools: () => [
      deleteUserExpense({
        store,
        async onDeleted(expense, { caller }) {
          const left = value(await store.find(caller.objectId, expense.id));
          swept.push({ receipts: expense.receipts.map(({ id }) => id), left });
        },
      }),
    ],
  };
  const { run } = runTools(domain, { settings: {}, container });
  const { expense } = value(await store.add("user-1", deposit, { now: 0 }));
  const attach = (ids: readonly string[]) =>
    store.changeReceipts("user-1", expense.id, () => ids.map((id) => ({ ...receipt, id })));
  return { run, id: expense.id, attach, swept };
}

it(verifies("tools.delete-words", "asks in a person's words, without ids"), async () => {
  const { run, id, attach } = await setUp();
  const asked = async () => {
    const { structuredContent } = await run("delete_user_expense", { id });
    const content = [
      { type: "text" as const, text: (structuredContent as { question: string }).question },
    ];
    return unquotedTextOf({ content });
  };
  const words =
    "Delete this expense? It cannot be undone.\n2026-11-20: 7.50 EUR, Deposit (refund, other, debit card)";
  expect(await asked()).toBe(words);
  await attach(["one"]);
  expect(await asked()).toBe(`${words}, with its receipt`);
  await attach(["one", "other"]);
  expect(await asked()).toBe(`${words}, with its 2 receipts`);
});

it(
  verifies("tools.delete-receipts", "gives up the receipts once the expense is gone, not before"),
  async () => {
    const { run, id, attach, swept } = await setUp();
    await attach(["one", "other"]);
    const stale = confirmationIn(await run("delete_user_expense", { id }));
    await attach(["one"]);
    const refused = await run("delete_user_expense", { id, confirmation: stale });
    expect([refused.isError, swept]).toEqual([true, []]);

    const confirmation = confirmationIn(await run("delete_user_expense", { id }));
    const deleted = await run("delete_user_expense", { id, confirmation });
    expect(deleted.structuredContent).toMatchObject({ outcome: "done", expense: { receipts: 1 } });
    expect(swept).toEqual([{ receipts: ["one"], left: undefined }]);
  },
);
