import { createDefaultHttpClient } from "@azure/core-rest-pipeline";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createExpenses } from "../../src/expenses/domain.ts";
import { verifies } from "../requirements.ts";
import { type CosmosBackEnd, startCosmosEmulator } from "../storage/cosmos-emulator.ts";
import { type ToolResult, textOf } from "../support/clients.ts";
import { runTools } from "../support/tool-runner.ts";
import { png } from "./receipts/files.ts";

let backEnd: CosmosBackEnd;
beforeAll(async () => {
  backEnd = await startCosmosEmulator(createExpenses().containers.expenses);
});
afterAll(() => backEnd.close());

/** As long as one may be, and as JSON twice that. */
const description = '"\\'.repeat(250);
const currencies = ["CHF", "EUR", "GBP", "JPY", "SEK", "USD"];

/** Of seven years of months, in several currencies. */
const rows = Array.from({ length: 210 }, (_, index) => ({
  date: `20${20 + (index % 7)}-${String(1 + (index % 12)).padStart(2, "0")}-11`,
  amount: 1 + index,
  currency: currencies[index % currencies.length],
  category: "food",
  payment_method: "bank_transfer",
  description,
  is_refund: index % 3 === 0,
}));

it(verifies("tools.short", "whatever is stored, in its text and as JSON"), async () => {
  const container = await backEnd.openContainer(createDefaultHttpClient());
  const { run, tools } = runTools(createExpenses(), {
    settings: { DEFAULT_CURRENCY: "EUR" },
    container,
  });
  const measured = new Set<string>();
  async function short(name: string, input: object = {}) {
    const result: ToolResult = await run(name, input);
    measured.add(name);
    const { structuredContent = {} } = result;
    expect([name, textOf(result).length > 4_000]).toEqual([name, false]);
    expect([name, JSON.stringify(structuredContent).length > 4_000]).toEqual([name, false]);
    return structuredContent as Record<string, never>;
  }
  const checked = await short("import_user_expenses", { rows });
  expect(checked).toMatchObject({ count: rows.length });
  await short("import_user_expenses", { import_id: checked.import_id });
  // All of them look stored already now, and none of these can be read.
  await short("import_user_expenses", { rows });
  const doubtful = rows.map((row) => ({ ...row, date: "03/04/2026", amount: "1,234" }));
  expect(await short("import_user_expenses", { rows: doubtful })).toMatchObject({ count: 0 });

  const told = { ...rows[0], idempotency_key: "k" };
  const { id, version } = (await short("add_user_expense", told)).expense as unknown as {
    id: string;
    version: string;
  };
  await short("add_user_expense", { ...told, amount: 5 });
  const name = "n".repeat(200);
  for (const end of ["1", "2", "3", "4", "5"]) {
    const data = Buffer.concat([png, Buffer.from(end)]).toString("base64");
    await short("attach_receipt", { id, data, name });
  }
  await short("attach_receipt", { id, data: "" });
  await short("update_user_expense", { id, version, amount: 7 });
  const [now] = (await short("get_user_expenses", { order: "added", limit: 1 }))
    .expenses as unknown as { version: string }[];
  await short("update_user_expense", { id, version: now?.version, amount: 8 });
  await short("get_user_expense_summary", { by: "month", largest: 5 });
  await short("get_expense_stats");
  await short("get_user_details");
  // The months; the rows of a short export are a list.
  expect(await short("export_user_data")).not.toHaveProperty("csv");
  const asked = await short("delete_user_expense", { id });
  await short("delete_user_expense", { id, confirmation: asked.confirmation });
  const all = await short("delete_user_data");
  await short("delete_user_data", { confirmation: all.confirmation });
  expect([...measured].sort()).toEqual(tools.map((tool) => tool.name).sort());
});
