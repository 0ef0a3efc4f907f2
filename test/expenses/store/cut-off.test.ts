import { randomUUID } from "node:crypto";
import { createDefaultHttpClient } from "@azure/core-rest-pipeline";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createExpenses } from "../../../src/expenses/domain.ts";
import { sweepReceipts } from "../../../src/expenses/receipts/receipt-sweep.ts";
import { CosmosExpenseStore } from "../../../src/expenses/store/cosmos-store.ts";
import { verifies } from "../../requirements.ts";
import { type CosmosBackEnd, startCosmosEmulator } from "../../storage/cosmos-emulator.ts";
import { MemoryUserBlobs } from "../../storage/memory-user-blobs.ts";
import { type ToolResult, textOf } from "../../support/clients.ts";
import { runTools } from "../../support/tool-runner.ts";
import { value } from "../../support/value.ts";
import { Mortal } from "../erasure/mortal.ts";
import { png } from "../receipts/files.ts";

let backEnd: CosmosBackEnd;
beforeAll(async () => {
  backEnd = await startCosmosEmulator(createExpenses().containers.expenses);
});
afterAll(() => backEnd.close());

const settings = { DEFAULT_CURRENCY: "EUR" };
const lunch = {
  ...{ date: "2026-11-20", amount: 12.5, category: "food", description: "Lunch" },
  ...{ payment_method: "visa", idempotency_key: "lunch" },
};
const dinner = { amount: 64.2, description: "Dinner" };

/** Two processes over the same database and files, of which one dies when it is told to. */
async function twoProcesses() {
  const mortal = new Mortal();
  const blobs = new MemoryUserBlobs();
  const container = await backEnd.openContainer(createDefaultHttpClient());
  const dying = await backEnd.openContainer(mortal.client(), container);
  const store = new CosmosExpenseStore(async () => container);
  const { run, read } = runTools(createExpenses(), { settings, container, blobs });
  const dies = runTools(createExpenses(), {
    settings,
    container: dying,
    blobs: mortal.blobs(blobs),
  });
  return {
    ...{ mortal, blobs, store, run, read },
    runDying: dies.run,
    async storedOf(userId: string) {
      return value(await store.list(userId, {}, { limit: 10 })).expenses;
    },
  };
}

const idOf = ({ structuredContent }: ToolResult) =>
  (structuredContent as { expense: { id: string; version: string } }).expense;

/** What a call says of itself: that it was carried out, that it was not, or that this is not known. */
function saidOf(result: ToolResult): "done" | "not done" | "not known" {
  if (!result.isError) return "done";
  return textOf(result).startsWith("It is not known whether") ? "not known" : "not done";
}

describe.each([
  ["before a step", false],
  ["behind a step, whose answer is lost", true],
])("a process that dies %s", (_when, isAnswerLost) => {
  it(
    verifies("expenses.cut-off", "has added an expense that it says it has, and no other"),
    async () => {
      const { mortal, run, runDying, storedOf } = await twoProcesses();
      for (let step = 1; ; step += 1) {
        const userId = randomUUID();
        mortal.dieAt(step, isAnswerLost);
        const said = saidOf(await runDying("add_user_expense", lunch, userId));
        const hasDied = mortal.isDead;
        const left = await storedOf(userId);
        if (said !== "not known") expect(left).toHaveLength(said === "done" ? 1 : 0);
        expect(saidOf(await run("add_user_expense", lunch, userId))).toBe("done");
        expect(await storedOf(userId)).toMatchObject([{ minorUnits: 1250, description: "Lunch" }]);
        if (!hasDied) return expect(step).toBeGreaterThan(2);
      }
    },
  );

  it(
    verifies("expenses.cut-off", "has changed an expense as a whole if it says so, or not at all"),
    async () => {
      const { mortal, run, runDying, storedOf } = await twoProcesses();
      for (let step = 1; ; step += 1) {
        const userId = randomUUID();
        const { id, version } = idOf(await run("add_user_expense", lunch, userId));
        mortal.dieAt(step, isAnswerLost);
        const update = { id, version, ...dinner };
        const said = saidOf(await runDying("update_user_expense", update, userId));
        const hasDied = mortal.isDead;
        const before = { id, version, minorUnits: 1250, description: "Lunch" };
        const after = { id, minorUnits: 6420, description: "Dinner", category: "food" };
        const [left] = await storedOf(userId);
        const isChanged = left?.version !== version;
        expect(left).toMatchObject(isChanged ? after : before);
        if (said !== "not known") expect(isChanged).toBe(said === "done");
        const again = await run("update_user_expense", update, userId);
        expect(saidOf(again)).toBe("done");
        expect(again.structuredContent).toMatchObject(isChanged ? { already_updated: true } : {});
        expect(await storedOf(userId)).toMatchObject([
          isChanged ? { ...after, version: left?.version } : after,
        ]);
        if (!hasDied) return expect(step).toBeGreaterThan(3);
      }
    },
  );

  it(
    verifies("expenses.cut-off", "has deleted an expense with all that is its, or leaves it whole"),
    async () => {
      const { mortal, blobs, store, run, read, runDying, storedOf } = await twoProcesses();
      for (let step = 1; ; step += 1) {
        const userId = randomUUID();
        const { id } = idOf(await run("add_user_expense", lunch, userId));
        const data = png.toString("base64");
        const attached = await run("attach_receipt", { id, data }, userId);
        const { receipt_uri } = attached.structuredContent as { receipt_uri: string };
        mortal.dieAt(Number.POSITIVE_INFINITY, false);
        const confirmationOf = ({ structuredContent }: ToolResult) =>
          (structuredContent as { confirmation: string }).confirmation;
        const asked = await runDying("delete_user_expense", { id }, userId);
        mortal.dieAt(step, isAnswerLost);
        const approved = { id, confirmation: confirmationOf(asked) };
        const said = saidOf(await runDying("delete_user_expense", approved, userId));
        const hasDied = mortal.isDead;
        const isLeft = (await storedOf(userId)).length === 1;
        if (said !== "not known") expect(isLeft).toBe(said === "not done");
        expect((await read(receipt_uri, userId)).ok).toBe(isLeft);

        const again = await run("delete_user_expense", { id }, userId);
        if (isLeft) {
          const agreed = { id, confirmation: confirmationOf(again) };
          expect(saidOf(await run("delete_user_expense", agreed, userId))).toBe("done");
        } else expect(textOf(again)).toMatch(/^You have no such expense/);
        expect(await storedOf(userId)).toEqual([]);
        const inTwoHours = () => Date.now() + 2 * 60 * 60 * 1000;
        const { signal } = new AbortController();
        value(await sweepReceipts({ blobs, store, now: inTwoHours }, { signal }));
        expect(value(await blobs.list("receipts", userId))).toEqual([]);
        if (!hasDied) return expect(step).toBeGreaterThan(4);
      }
    },
  );
});
