import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { createDefaultHttpClient } from "@azure/core-rest-pipeline";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { failure } from "../../src/core/result.ts";
import { backupDays, logDays } from "../../src/expenses/delete-user-data.ts";
import { createExpenses } from "../../src/expenses/domain.ts";
import { restorableDays } from "../../src/storage/user-blobs.ts";
import { confirmationIn } from "../mcp/approvals/set-up.ts";
import { verifies } from "../requirements.ts";
import { type CosmosBackEnd, startCosmosEmulator } from "../storage/cosmos-emulator.ts";
import { MemoryUserBlobs } from "../storage/memory-user-blobs.ts";
import { textOf } from "../support/clients.ts";
import { runTools } from "../support/tool-runner.ts";
import { MemoryConnections } from "./erasure/memory-connections.ts";

const expenses = createExpenses();
let backEnd: CosmosBackEnd;
beforeAll(async () => {
  backEnd = await startCosmosEmulator(expenses.containers.expenses);
});
afterAll(() => backEnd?.close());

async function setUp() {
  const container = await backEnd.openContainer(createDefaultHttpClient());
  const blobs = new MemoryUserBlobs();
  const connections = new MemoryConnections();
  const { run, audited } = runTools(expenses, {
    settings: { DEFAULT_CURRENCY: "EUR" },
    container,
    blobs,
    connections,
  });
  const add = async (date: string, user = "user-1") => {
    const expense = { date, amount: 12.5, category: "food", description: "Lunch" };
    const added = await run("add_user_expense", { ...expense, payment_method: "visa" }, user);
    expect(added.isError).toBeUndefined();
  };
  const put = (area: string, user = "user-1") =>
    blobs.put(area, user, "one", Buffer.from("x"), { mediaType: "image/png" });
  return { blobs, connections, run, audited, add, put };
}

describe("delete_user_data", () => {
  it(
    verifies(["erasure.tool", "erasure.audited"], "asks, deletes everything, says what remains"),
    async () => {
      const { blobs, run, audited, add, put } = await setUp();
      await add("2026-11-20");
      await add("2025-01-03");
      await add("2026-11-20", "user-2");
      for (const area of ["receipts", "pending"]) await put(area);
      await put("receipts", "user-2");

      const asked = await run("delete_user_data", {});
      expect(textOf(asked)).toContain(
        "Delete all of your data here: 2 expenses, 1 receipt, and 1 upload kept for a day, the earliest expense of 2025-01-03? It cannot be undone.",
      );
      expect(textOf(await run("get_user_expenses", {}))).toContain("2025-01-03");

      const done = await run("delete_user_data", { confirmation: confirmationIn(asked) });
      expect(done.structuredContent).toMatchObject({
        outcome: "done",
        state: "deleted",
        ...{ expenses: 2, receipts: 1, uploads: 1 },
      });
      const text = textOf(done);
      expect(text).toContain(
        "Deleted for good: 2 expenses, 1 receipt, and 1 upload kept for a day.",
      );
      expect(text).toMatch(/Backups of the database.*: until \d{4}-\d\d-\d\d at the latest/);
      expect(text).toMatch(/The log: .*: until \d{4}-\d\d-\d\d, or longer/);
      expect(text).not.toContain("user-1");

      const begun = audited.filter(({ action }) => action === "erasure-begun");
      expect(begun).toEqual([{ action: "erasure-begun", outcome: "success" }]);
      expect(textOf(await run("get_user_expenses", {}))).toBe("No expenses.");
      expect(textOf(await run("get_user_expenses", {}, "user-2"))).toContain("2026-11-20");
      expect([...blobs.kept.keys()]).toEqual(["receipts/user-2/one"]);
      await add("2026-11-21");
      expect(textOf(await run("get_user_expenses", {}))).toContain("2026-11-21");
    },
  );

  it(verifies("erasure.tool", "has nothing to ask where nothing is stored"), async () => {
    const { run, add } = await setUp();
    await add("2026-11-20", "user-2");
    const result = await run("delete_user_data", {});
    expect([result.isError, textOf(result)]).toEqual([true, expect.stringMatching(/^Nothing is/)]);
  });

  it(
    verifies("erasure.connections", "ends connections, says so, and needs nothing else to end"),
    async () => {
      const { connections, run } = await setUp();
      connections.kept.set("user-1", 2);
      connections.kept.set("user-2", 1);
      const asked = await run("delete_user_data", {});
      expect(textOf(asked)).toContain(
        "Delete all of your data here: the access of 2 connected clients? It cannot be undone.",
      );
      expect(connections.kept.get("user-1")).toBe(2);
      const done = await run("delete_user_data", { confirmation: confirmationIn(asked) });
      expect(done.structuredContent).toMatchObject({ state: "deleted", connections: 2 });
      expect(textOf(done)).toContain(
        "Deleted for good: the access of 2 connected clients.\nConnected clients, perhaps this one too, need you to sign in again.",
      );
      expect(textOf(done)).toMatch(/That clients were connected, .*: until \d{4}-\d\d-\d\d/);
      expect([...connections.kept]).toEqual([["user-2", 1]]);
    },
  );

  it(
    verifies("erasure.connections", "says that it goes on where they cannot be ended now"),
    async () => {
      const { connections, run, add } = await setUp();
      await add("2026-11-20");
      connections.kept.set("user-1", 1);
      const asked = await run("delete_user_data", {});
      connections.endAll = async () => failure({ kind: "unavailable", cause: "out" });
      const begun = await run("delete_user_data", { confirmation: confirmationIn(asked) });
      expect(begun.structuredContent).toMatchObject({ state: "being_deleted", connections: 1 });
    },
  );

  it(verifies("erasure.tool", "asks anew where something was added since"), async () => {
    const { run, add } = await setUp();
    await add("2026-11-20");
    const asked = await run("delete_user_data", {});
    await add("2026-11-21");
    const late = await run("delete_user_data", { confirmation: confirmationIn(asked) });
    expect(late.isError).toBe(true);
    expect(textOf(await run("get_user_expenses", {}))).toContain("2026-11-21");
  });

  it(
    verifies("erasure.tool", "says that it goes on where storage fails, and goes on when asked"),
    async () => {
      const { blobs, run, add, put } = await setUp();
      await add("2026-11-20");
      await put("receipts");
      const asked = await run("delete_user_data", {});
      blobs.fail = (call) =>
        call.startsWith("delete") ? { kind: "unavailable", cause: "cut" } : undefined;
      const begun = await run("delete_user_data", { confirmation: confirmationIn(asked) });
      expect(begun.structuredContent).toMatchObject({ state: "being_deleted", receipts: 1 });
      expect(textOf(begun)).toMatch(/^Being deleted: 1 expense and 1 receipt\. Nothing of it/);
      expect(textOf(await run("get_user_expenses", {}))).toBe("No expenses.");
      const refused = await run("add_user_expense", {
        ...{ date: "2026-11-20", amount: 1, category: "food", description: "x" },
        payment_method: "visa",
      });
      expect(textOf(refused)).toMatch(/^Everything of yours is being deleted, as you asked\./);

      const again = await run("delete_user_data", {});
      expect(textOf(again)).toMatch(/is being deleted since .*Go on with it now\?/);
      blobs.fail = () => undefined;
      const done = await run("delete_user_data", { confirmation: confirmationIn(again) });
      expect(done.structuredContent).toMatchObject({ state: "deleted", expenses: 1, receipts: 1 });
    },
  );

  it(verifies("erasure.remains", "names the times that the templates set"), async () => {
    const read = (file: string) => readFile(join(import.meta.dirname, "../../infra", file), "utf8");
    const main = await read("main.bicep");
    const tiers = [...main.matchAll(/'Continuous(\d+)Days'/g)].map(([, days]) => Number(days));
    expect(Math.max(...tiers)).toBe(backupDays);
    expect(main).toContain(`param logRetentionDays int = ${logDays}`);
    const storage = await read("modules/storage.bicep");
    expect(storage).toMatch(
      new RegExp(`deleteRetentionPolicy: \\{\\s+enabled: true\\s+days: ${restorableDays}\\b`),
    );
  });
});
