import { createDefaultHttpClient } from "@azure/core-rest-pipeline";
import { expect, it } from "vitest";
import { listedTools } from "../../scripts/describe-domain.ts";
import { instructionsOf } from "../../src/define-domain.ts";
import { domain } from "../../src/expenses/domain.ts";
import { CosmosExpenseStore } from "../../src/expenses/store/cosmos-store.ts";
import { expenseOrders } from "../../src/expenses/store/position.ts";
import { verifies } from "../requirements.ts";
import { startCosmosEmulator } from "../storage/cosmos-emulator.ts";
import { value } from "../support/value.ts";

const expenseContainer = domain.containers.expenses;

it(verifies("configuration.defaults", "reads a currency in any case"), () => {
  const read = (DEFAULT_CURRENCY: string | undefined) =>
    domain.settings.parse({ DEFAULT_CURRENCY }).DEFAULT_CURRENCY;
  expect(read("eur")).toBe("EUR");
  expect(read(undefined)).toBe("USD");
});

it(verifies("tools.instructions", "name the default currency, and every tool"), () => {
  const instructions = instructionsOf(domain, { DEFAULT_CURRENCY: "CHF" });
  expect(instructions).toContain("is in CHF.");
  for (const { name } of listedTools(domain)) expect(instructions).toContain(name);
});

it(
  verifies("expenses.container-definition", "partitions by person and never lets items expire"),
  () => {
    expect(expenseContainer.partitionKey).toMatchObject({ paths: ["/userId"], version: 2 });
    expect(expenseContainer).not.toHaveProperty("id");
    expect(expenseContainer).not.toHaveProperty("defaultTtl");
  },
);

it(verifies("expenses.container-definition", "indexes exactly what the queries use"), async () => {
  const used = new Set<string>();
  const orders = new Set<string>();
  const network = createDefaultHttpClient();
  const emulator = await startCosmosEmulator(expenseContainer);
  const container = await emulator.openContainer({
    sendRequest(request) {
      const { query = "" } = typeof request.body === "string" ? JSON.parse(request.body) : {};
      const [, conditions = ""] = query.split(" FROM c ");
      const [, order = ""] = query.split(" ORDER BY ");
      if (order.includes(",")) orders.add(order);
      for (const [, property] of conditions.matchAll(/\bc\.(\w+)/g)) used.add(`/${property}/?`);
      return network.sendRequest(request);
    },
  });
  const store = new CosmosExpenseStore(async () => container);
  const [category, paymentMethod] = ["food", "visa"] as const;
  const expense = {
    date: "2026-11-20",
    minorUnits: 1,
    decimals: 2,
    currency: "USD",
    description: "Lunch",
    isRefund: false,
  };
  value(await store.add("user", { ...expense, category, paymentMethod }, { now: 0 }));
  const range = { from: "2026-01-01", to: "2026-12-31" };
  const filters = {
    ...{ ...range, categories: [category], paymentMethods: [paymentMethod] },
    ...{ currency: "USD", amountFrom: 0, amountTo: 1, text: "lunch" },
  };
  for (const order of expenseOrders) {
    const at = { date: "2026-12-01", createdAt: 0, idPrefix: "", minorUnits: 1 };
    value(await store.list("user", filters, { limit: 1, order, after: { order, ...at } }));
  }
  value(await store.figures("user", filters));
  value(await store.statistics(range));
  await emulator.close();

  const { includedPaths, excludedPaths, compositeIndexes = [] } = expenseContainer.indexingPolicy;
  expect(includedPaths.map(({ path }) => path).sort()).toEqual([...used].sort());
  expect(excludedPaths).toEqual([{ path: "/*" }]);
  const indexed = compositeIndexes.map((paths) =>
    paths.map(({ path, order }) => `c.${path.slice(1)} ${order === "descending" ? "DESC" : "ASC"}`),
  );
  expect(indexed.map((order) => order.join(", ")).sort()).toEqual([...orders].sort());
});
