import { createDefaultHttpClient } from "@azure/core-rest-pipeline";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createExpenses } from "../../src/expenses/domain.ts";
import { verifies } from "../requirements.ts";
import { type CosmosBackEnd, startCosmosEmulator } from "../storage/cosmos-emulator.ts";
import { textOf } from "../support/clients.ts";
import { runTools } from "../support/tool-runner.ts";
import { unquotedTextOf } from "../support/unquoted.ts";

let backEnd: CosmosBackEnd;

beforeAll(async () => {
  backEnd = await startCosmosEmulator(createExpenses().containers.expenses);
});

afterAll(() => backEnd?.close());

async function setUp() {
  const container = await backEnd.openContainer(createDefaultHttpClient());
  const { run } = runTools(createExpenses(), { settings: { DEFAULT_CURRENCY: "EUR" }, container });
  const added = async (more: object = {}) => {
    const { structuredContent } = await run("add_user_expense", { ...lunch, ...more });
    return (structuredContent as { expense: { id: string; version: string } }).expense;
  };
  return { run, added };
}

const lunch = {
  date: "2026-11-20",
  amount: 12.5,
  category: "food",
  description: "Lunch",
  payment_method: "visa",
};

it(verifies("tools.update", "changes what is given, and shows it with a new version"), async () => {
  const { run, added } = await setUp();
  const { id, version } = await added();
  const result = await run("update_user_expense", { id, version, payment_method: "cash" });
  expect(result.structuredContent).toEqual({
    expense: {
      ...{ ...lunch, id, currency: "EUR", payment_method: "cash" },
      ...{ created_at: expect.any(String), version: expect.not.stringMatching(version) },
    },
    free_text: ["description"],
  });
  const { expense } = result.structuredContent as { expense: { version: string } };
  expect(unquotedTextOf(result)).toBe(
    `Changed: 2026-11-20: 12.50 EUR, Lunch (food, cash, id ${id}, version ${expense.version})`,
  );
  expect(textOf(result)).toMatch(/>Lunch</);
});

it(verifies("tools.update", "takes a repeated call, and one that changes nothing"), async () => {
  const { run, added } = await setUp();
  const { id, version } = await added();
  const change = { id, version, amount: 13, is_refund: true };
  const first = await run("update_user_expense", change);
  const again = await run("update_user_expense", change);
  expect(again.structuredContent).toEqual({
    ...(first.structuredContent as object),
    already_updated: true,
  });
  expect(unquotedTextOf(again)).toMatch(/^Nothing was left to change: .*13\.00.*\(refund, food/);
});

it(
  verifies("tools.update", "tells a lost update what has changed, and what it is now"),
  async () => {
    const { run, added } = await setUp();
    const { id, version } = await added();
    const { structuredContent } = await run("update_user_expense", {
      ...{ id, version, amount: 13, payment_method: "cash", is_refund: true },
    });
    const now = structuredContent as { expense: { version: string } };
    const lost = await run("update_user_expense", { id, version, description: "Dinner" });
    expect(lost.isError).toBe(true);
    expect(unquotedTextOf(lost)).toBe(
      `Nothing was changed: the expense has changed since that version: payment_method, is_refund, amount. Decide by what it is now, and call again with its version: 2026-11-20: 13.00 EUR, Lunch (refund, food, cash, id ${id}, version ${now.expense.version})`,
    );
    const { version: current } = now.expense;
    const result = await run("update_user_expense", {
      id,
      version: current,
      description: "Dinner",
    });
    expect(result.isError).toBeUndefined();
  },
);

it(verifies("tools.update", "says what to correct, and changes nothing"), async () => {
  const { run, added } = await setUp();
  const { id, version } = await added();
  const refused: [Record<string, unknown>, RegExp, string?][] = [
    [{}, /changes nothing; give at least one of date, amount/],
    [{ amount: 1.234 }, /amount 1\.234 has 3 decimals, but EUR has 2 decimals/],
    [{ currency: "JPY" }, /amount 12\.5 has 1 decimal, but JPY has no decimals/],
    [{ amount: -1 }, /amount: must be more than zero/],
    [{ payment_method: "cheque" }, /payment_method: .*debit_card/],
    [{ version: "", amount: 1 }, /version: is no version/],
    [{ version: undefined, amount: 1 }, /version: is missing/],
    [{ amount: 1, note: "x" }, /note/],
    [{ amount: 1 }, /You have no such expense/, "user-2"],
    [{ amount: 1, id: "unknown" }, /You have no such expense/],
    [{ amount: 1, version: "other" }, /has changed since that version\. Decide by/],
  ];
  for (const [change, words, objectId] of refused) {
    const result = await run("update_user_expense", { id, version, ...change }, objectId);
    expect([change, result.isError, unquotedTextOf(result)]).toEqual([
      change,
      true,
      expect.stringMatching(words),
    ]);
  }
  const { structuredContent } = await run("get_user_expenses", {});
  expect(structuredContent).toMatchObject({ expenses: [{ ...lunch, version }] });
});

it(verifies("tools.update", "keeps the number of the amount in another currency"), async () => {
  const { run, added } = await setUp();
  const { id, version } = await added({ amount: 12 });
  const result = await run("update_user_expense", { id, version, currency: "JPY" });
  expect(result.structuredContent).toMatchObject({ expense: { amount: 12, currency: "JPY" } });
});

it(
  verifies("tools.add-changed", "says of a repeated add that the expense was changed since"),
  async () => {
    const { run, added } = await setUp();
    const key = { idempotency_key: "lunch" };
    const { id, version } = await added(key);
    await run("update_user_expense", { id, version, amount: 13 });
    const again = await run("add_user_expense", { ...lunch, ...key });
    expect(again.isError).toBeUndefined();
    expect(again.structuredContent).toMatchObject({
      expense: { id, amount: 13 },
      already_recorded: true,
      changed_since: true,
    });
    expect(unquotedTextOf(again)).toMatch(
      /^Already recorded .*, nothing new was stored; it has been changed since and is now: 2026-11-20: 13\.00/,
    );
    const other = await run("add_user_expense", { ...lunch, ...key, amount: 14 });
    expect(unquotedTextOf(other)).toMatch(/already been used for a different expense/);
  },
);
