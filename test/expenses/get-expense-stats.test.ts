import { createDefaultHttpClient } from "@azure/core-rest-pipeline";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { success } from "../../src/core/result.ts";
import { createExpenses } from "../../src/expenses/domain.ts";
import { getExpenseStats } from "../../src/expenses/get-expense-stats.ts";
import type { ExpenseStore, Statistics } from "../../src/expenses/store/store.ts";
import { verifies } from "../requirements.ts";
import { type CosmosBackEnd, startCosmosEmulator } from "../storage/cosmos-emulator.ts";
import { textOf } from "../support/clients.ts";
import { runTools } from "../support/tool-runner.ts";

let backEnd: CosmosBackEnd;
beforeAll(async () => {
  backEnd = await startCosmosEmulator(createExpenses().containers.expenses);
});
afterAll(() => backEnd?.close());

async function setUp(statistics?: Statistics) {
  const container = await backEnd.openContainer(createDefaultHttpClient());
  const store = { statistics: async () => statistics && success(statistics) };
  return runTools(createExpenses(statistics && (() => store as object as ExpenseStore)), {
    settings: { DEFAULT_CURRENCY: "EUR" },
    container,
  });
}

const sum = { currency: "EUR", decimals: 2, count: 1, spent: 100n, refunded: 0n };

describe("get_expense_stats", () => {
  it(
    verifies("tools.statistics", "adds up everyone's expenses exactly, per currency and category"),
    async () => {
      const { run } = await setUp();
      for (const [objectId, amount, currency, category, is_refund] of [
        ["user-1", 0.1, "EUR", "food", false],
        ["user-2", 0.2, "EUR", "food", false],
        ["user-2", 1000, "JPY", "gadget", false],
        ["user-1", 5, "EUR", "transport", false],
        ["user-2", 0.3, "EUR", "transport", true],
      ] as const) {
        const more = { description: "Lunch", payment_method: "visa", date: "2026-11-20" };
        await run("add_user_expense", { ...more, amount, currency, category, is_refund }, objectId);
      }
      const result = await run("get_expense_stats", { from: "2026-10-01", to: "2026-12-31" });
      expect(result.structuredContent).toEqual({
        of: "everyone",
        currencies: [
          {
            ...{ currency: "EUR", count: 4, total: 5, spent: 5.3, refunded: 0.3 },
            categories: [
              { category: "food", count: 2, total: 0.3 },
              { category: "transport", count: 2, total: 4.7, spent: 5, refunded: 0.3 },
            ],
          },
          {
            ...{ currency: "JPY", count: 1, total: 1000 },
            categories: [{ category: "gadget", count: 1, total: 1000 }],
          },
        ],
      });
      expect(textOf(result)).toBe(
        [
          "Everyone together:",
          "5.30 EUR spent, 0.30 EUR refunded, 5.00 EUR net (4)",
          "- food: 0.30 EUR (2)",
          "- transport: 5.00 EUR spent, 0.30 EUR refunded, 4.70 EUR net (2)",
          "1000 JPY (1)",
          "- gadget: 1000 JPY (1)",
        ].join("\n"),
      );
      expect(textOf(await run("get_expense_stats", { from: "2027-01-01" }))).toBe(
        "Everyone together: no expenses.",
      );
    },
  );

  it(
    verifies("stats.everyone", "says that it is everyone's, never one person's nor one's own"),
    () => {
      const { title, description, inputSchema } = getExpenseStats({} as ExpenseStore).listing;
      expect(title).toMatch(/Everyone/);
      expect(description).toMatch(/cannot tell what any one person spent/);
      expect(description).toMatch(/own sums are in get_user_expense_summary/);
      expect(Object.keys(inputSchema.properties ?? {})).toEqual(["from", "to"]);
    },
  );

  it(verifies("expenses.statistics-exact", "shows as text what a number would round"), async () => {
    const food = { ...sum, category: "food", count: 2, spent: 999_999_999_999_999n };
    const gadget = { ...sum, category: "gadget", spent: 18_014_398_509_481_982_001n };
    const { run } = await setUp({
      currencies: [
        { ...sum, count: 3, spent: food.spent + gadget.spent, categories: [food, gadget] },
      ],
      countedBackTo: "2026-03-04",
      unreadable: 0,
    });
    const result = await run("get_expense_stats", {});
    expect(result.structuredContent).toEqual({
      of: "everyone",
      currencies: [
        {
          ...{ currency: "EUR", count: 3, exact_text: "180153985094819820.00 EUR" },
          categories: [
            { category: "food", count: 2, total: 9_999_999_999_999.99 },
            { category: "gadget", count: 1, exact_text: "180143985094819820.01 EUR" },
          ],
        },
      ],
      counted_back_to: "2026-03-04",
    });
    expect(textOf(result)).toBe(
      "Everyone together:\n180153985094819820.00 EUR (3)\n- food: 9999999999999.99 EUR (2)\n- gadget: 180143985094819820.01 EUR (1)\nNot all are counted: these are the newest 50000 expenses, back to 2026-03-04. Ask for a shorter range of dates.",
    );
  });

  it(
    verifies("stats.short", "leaves out the currencies with the fewest expenses, and counts them"),
    async () => {
      const currencies = Array.from({ length: 160 }, (_, index) => {
        const own = { ...sum, currency: `X${index + 100}`, count: index === 150 ? 9_000 : 1 };
        return { ...own, categories: [{ ...own, category: "food" }] };
      });
      const { run } = await setUp({ currencies, unreadable: 1, countedBackTo: "2026-03-04" });
      const result = await run("get_expense_stats", {});
      const { currencies: shown, currencies_left_out } = result.structuredContent as {
        currencies: { currency: string }[];
        currencies_left_out: number;
      };
      expect(shown[0]?.currency).toBe("X250");
      expect(shown.length + currencies_left_out).toBe(160);
      expect(textOf(result).length).toBeLessThanOrEqual(4_000);
      expect(JSON.stringify(result.structuredContent).length).toBeLessThanOrEqual(4_000);
      expect(textOf(result)).toContain(`${currencies_left_out} more currencies have no room`);
    },
  );
});
