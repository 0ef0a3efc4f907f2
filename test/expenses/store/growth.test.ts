/**
 * What the tools ask of Cosmos DB with 10, 1,000 and 10,000 expenses stored: requests, items and bytes,
 * counted on the wire. docs/performance.md has the figures. The emulator's times and charges say nothing;
 * where TEST_COSMOS_ENDPOINT names an account (see cosmos-store.test.ts), its request charges are shown.
 */
import { randomUUID } from "node:crypto";
import type { Container } from "@azure/cosmos";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createExpenses } from "../../../src/expenses/domain.ts";
import type { NewExpense } from "../../../src/expenses/expense.ts";
import { storedFrom } from "../../../src/expenses/store/stored-expense.ts";
import { verifies } from "../../requirements.ts";
import { type CosmosBackEnd, startCosmosEmulator } from "../../storage/cosmos-emulator.ts";
import type { ToolResult } from "../../support/clients.ts";
import { runTools } from "../../support/tool-runner.ts";
import { cosmosAccount, cosmosAccountFrom } from "./cosmos-account.ts";
import { type Cost, countingClient } from "./growth.ts";

const { expenses: definition } = createExpenses().containers;
const november = { from: "2026-11-01", to: "2026-11-30" };

const lunch: NewExpense = {
  ...{ date: "2026-11-20", minorUnits: 1250, decimals: 2, currency: "EUR", category: "food" },
  ...{ description: "Lunch with the team at the corner", paymentMethod: "visa", isRefund: false },
};

/** Ten of November, whatever the size; the others of the years before. */
function expense(index: number): NewExpense {
  const day = String(1 + (index % 28)).padStart(2, "0");
  const month = String(1 + (index % 12)).padStart(2, "0");
  const date = index < 10 ? `2026-11-${day}` : `20${16 + (index % 10)}-${month}-${day}`;
  return { ...lunch, date, minorUnits: 100 + index, isRefund: index % 50 === 49 };
}

/** What grows with the expenses that are added up, and what does not. */
const growing = ["firstPage", "summaryOfAll", "statistics"] as const;
const constant = ["nextPage", "add", "addAgain", "summaryOfMonth"] as const;

type Costs = Awaited<ReturnType<typeof costs>>;

/** What each operation costs somebody who has so many expenses. */
async function costs(backEnd: CosmosBackEnd, size: number, isKept: boolean) {
  const { httpClient, costOf } = countingClient();
  const container = await backEnd.openContainer(httpClient);
  const user = randomUUID();
  const items = Array.from({ length: size }, (_, index) =>
    storedFrom(user, `e${index}`, expense(index), Date.parse("2026-11-30T12:00:00Z")),
  );
  await backEnd.fill(container, items);
  const { run } = runTools(createExpenses(), {
    settings: { DEFAULT_CURRENCY: "EUR" },
    container,
  });
  let last: ToolResult | undefined;
  async function cost(name: string, input: Record<string, unknown>): Promise<Cost> {
    return await costOf(async () => {
      last = await run(name, input, user);
      expect(last.isError, JSON.stringify(last)).toBeFalsy();
    });
  }
  const content = () => last?.structuredContent as Record<string, never> | undefined;

  const added = {
    ...{ date: "2026-12-01", amount: 5, currency: "EUR", category: "food" },
    ...{ description: "Lunch", payment_method: "visa", idempotency_key: "k" },
  };
  const firstPage = await cost("get_user_expenses", { limit: 4 });
  const cursor = content()?.next_cursor;
  const results = {
    firstPage,
    nextPage: await cost("get_user_expenses", { limit: 4, cursor }),
    add: await cost("add_user_expense", added),
    addAgain: await cost("add_user_expense", added),
    summaryOfMonth: await cost("get_user_expense_summary", { ...november, by: "category" }),
    summaryOfAll: await cost("get_user_expense_summary", { by: "month", largest: 3 }),
    statistics: await cost("get_expense_stats", {}),
  };
  // The emulator goes with the test.
  if (isKept) await removeAll(container, user);
  return results;
}

function describeGrowth(
  name: string,
  sizes: readonly number[],
  start: () => Promise<CosmosBackEnd>,
): void {
  describe(`growth: ${name}`, () => {
    let backEnd: CosmosBackEnd;
    const measured = new Map<number, Costs>();
    const of = (operation: keyof Costs) => [...measured.values()].map((all) => all[operation]);

    beforeAll(async () => {
      backEnd = await start();
      for (const size of sizes) measured.set(size, await costs(backEnd, size, name !== "emulator"));
    });
    afterAll(() => backEnd?.close());

    it.each(constant)(
      verifies("growth.constant", "%s asks and gets the same, whatever is stored"),
      (operation) => {
        const [few, ...more] = of(operation);
        for (const { bytes, charge: _charge, ...counts } of more) {
          expect(few).toMatchObject(counts);
          expect(Math.abs(bytes - (few?.bytes ?? 0))).toBeLessThan(100);
        }
        expect(few?.requests).toBeLessThanOrEqual(3);
        expect(few?.items).toBeLessThanOrEqual(10);
      },
    );

    it.each(growing)(
      verifies("growth.sums", "%s reads each expense once, and some 130 bytes of it"),
      (operation) => {
        for (const [index, cost] of of(operation).entries()) {
          const size = sizes[index] ?? 0;
          // Beside the sums: what was added, and a page of the list or the largest, refunds between them too.
          expect(cost.items).toBeGreaterThanOrEqual(size);
          expect(cost.items).toBeLessThanOrEqual(size + 1 + 10);
          expect(cost.requests).toBeLessThanOrEqual(4 + size / 1_000);
          expect(cost.bytes).toBeLessThan(135 * size + 10_000);
        }
        const shapes = of(operation).map(({ queries }) =>
          queries.map((query) => query.replace(/TOP \d+/, "TOP n")),
        );
        expect(new Set(shapes.map((queries) => queries.join("\n"))).size).toBe(1);
        expect(shapes[0]?.length).toBeLessThanOrEqual(2);
      },
    );

    it("has the charges of an account, where one is named", () => {
      const charges = Object.fromEntries(
        [...constant, ...growing].map((operation) => [
          operation,
          of(operation).map(({ charge }) => charge),
        ]),
      );
      if (name !== "emulator") console.info("request units", sizes, charges);
      for (const charge of Object.values(charges).flat()) expect(charge).toBeGreaterThan(0);
    });
  });
}

async function removeAll(container: Container, userId: string): Promise<void> {
  const query = {
    query: "SELECT VALUE c.id FROM c WHERE c.userId = @userId",
    parameters: [{ name: "@userId", value: userId }],
  };
  const { resources: ids } = await container.items.query<string>(query).fetchAll();
  const remove = async () => {
    for (let id = ids.pop(); id !== undefined; id = ids.pop()) {
      await container.item(id, userId).delete();
    }
  };
  await Promise.all(Array.from({ length: 10 }, remove));
}

describeGrowth("emulator", [10, 1_000, 10_000], () => startCosmosEmulator(definition));

const account = cosmosAccountFrom(process.env);
if (account) {
  describeGrowth(account.endpoint, [10, 1_000], async () => cosmosAccount(account, definition));
} else if (!process.env.CI) {
  // In CI a test that is skipped fails the run, and nobody is to need an account for that.
  it("growth: request units of a real account", ({ skip }) => {
    skip("TEST_COSMOS_ENDPOINT names no Cosmos DB account");
  });
}
