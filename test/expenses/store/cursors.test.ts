import { createDefaultHttpClient } from "@azure/core-rest-pipeline";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createExpenses } from "../../../src/expenses/domain.ts";
import { verifies } from "../../requirements.ts";
import { type CosmosBackEnd, startCosmosEmulator } from "../../storage/cosmos-emulator.ts";
import { textOf } from "../../support/clients.ts";
import { runTools } from "../../support/tool-runner.ts";

let backEnd: CosmosBackEnd;

beforeAll(async () => {
  backEnd = await startCosmosEmulator(createExpenses().containers.expenses);
});

afterAll(() => backEnd?.close());

it.each(["date", "amount", "added"])(
  verifies("cursor.short", "with every filter of an expense list, ordered by %s"),
  async (order) => {
    const { run } = runTools(createExpenses(), {
      settings: { DEFAULT_CURRENCY: "EUR" },
      container: await backEnd.openContainer(createDefaultHttpClient()),
    });
    const amounts = [9_999_999_999.99, 12.5, 12.5];
    for (const [index, amount] of amounts.entries()) {
      const { isError } = await run("add_user_expense", {
        date: "2026-11-20",
        amount,
        category: "food",
        description: `Lunch ${index}`,
        payment_method: "visa",
      });
      expect(isError).toBeUndefined();
    }
    const filters = {
      from: "2026-11-01",
      to: "2026-11-30",
      categories: ["food", "transport"],
      payment_methods: ["visa", "cash"],
      currency: "EUR",
      amount_from: 0.01,
      amount_to: 9_999_999_999.99,
      text: "lunch",
      order,
      limit: 1,
    };
    const found: string[] = [];
    let cursor: string | undefined;
    for (const _ of amounts) {
      const page = await run("get_user_expenses", { ...filters, ...(cursor && { cursor }) });
      const { expenses, next_cursor } = page.structuredContent as {
        expenses: { description: string }[];
        next_cursor?: string;
      };
      found.push(...expenses.map(({ description }) => description));
      if (next_cursor !== undefined) {
        expect(next_cursor.length).toBeLessThan(100);
        expect(textOf(page).split(next_cursor)).toHaveLength(2);
      }
      cursor = next_cursor;
    }
    expect(cursor).toBeUndefined();
    expect(found.sort()).toEqual(["Lunch 0", "Lunch 1", "Lunch 2"]);
  },
);
