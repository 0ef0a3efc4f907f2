import { createDefaultHttpClient } from "@azure/core-rest-pipeline";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { failure } from "../../src/core/result.ts";
import { createExpenses } from "../../src/expenses/domain.ts";
import { CosmosExpenseStore } from "../../src/expenses/store/cosmos-store.ts";
import type { ExpenseStore } from "../../src/expenses/store/store.ts";
import { MemoryKeyStorage } from "../keys/memory-key-storage.ts";
import { confirmationIn } from "../mcp/approvals/set-up.ts";
import { verifies } from "../requirements.ts";
import { type CosmosBackEnd, startCosmosEmulator } from "../storage/cosmos-emulator.ts";
import { runTools } from "../support/tool-runner.ts";
import { unquotedTextOf as textOf } from "../support/unquoted.ts";

let backEnd: CosmosBackEnd;

beforeAll(async () => {
  backEnd = await startCosmosEmulator(createExpenses().containers.expenses);
});

afterAll(() => backEnd?.close());

/** The tools over a container of their own, or over another store. */
async function setUp(storeOverride?: ExpenseStore, keyStorage?: MemoryKeyStorage) {
  const container = await backEnd.openContainer(createDefaultHttpClient());
  const tools = runTools(createExpenses(storeOverride && (() => storeOverride)), {
    settings: { DEFAULT_CURRENCY: "EUR" },
    container,
    keyStorage,
  });
  return { ...tools, container };
}

const lunch = {
  date: "2026-11-20",
  amount: 12.5,
  category: "food",
  description: "Lunch",
  payment_method: "visa",
};

describe("add_user_expense", () => {
  it(verifies("tools.add", "records an expense in the default currency and shows it"), async () => {
    const { run } = await setUp();
    const result = await run("add_user_expense", lunch);
    expect(result.isError).toBeUndefined();
    expect(result.structuredContent).toMatchObject({
      expense: { ...lunch, currency: "EUR" },
      already_recorded: false,
    });
    expect(textOf(result)).toMatch(/^Recorded: 2026-11-20: 12\.50 EUR, Lunch \(food, visa, id /);
  });

  it(
    verifies("tools.add-refuses", "says what to correct of an amount, and stores nothing"),
    async () => {
      const { run } = await setUp();
      const refused: [Record<string, unknown>, RegExp][] = [
        [{ amount: 12.345 }, /amount 12\.345 has 3 decimals, but EUR has 2 decimals/],
        [{ amount: 12.5, currency: "JPY" }, /has 1 decimal, but JPY has no decimals/],
        [{ amount: 0 }, /amount/],
        [{ amount: -1 }, /amount/],
        [{ amount: 1e21 }, /amount .* too large/],
        [{ amount: "12.345" }, /amount 12\.345 has 3 decimals/],
        [{ amount: "12.500000000000000001" }, /amount: has more than 15 digits/],
        [{ amount: undefined }, /amount: is missing/],
        [{ category: undefined }, /category: is missing; use one of food/],
        [{ currency: "eur" }, /currency: .*ISO 4217/],
        [{ date: "2026-02-30" }, /2026-02-30 does not exist/],
        [{ date: "20.11.2026" }, /YYYY-MM-DD/],
        [{ category: "Food" }, /category: .*food/],
        [{ payment_method: "cheque" }, /payment_method: .*amex/],
        [{ description: "   " }, /description: must not be empty/],
        [{ description: `a${"\u0300".repeat(40_000)}${"\u0316".repeat(40_000)}` }, /at most 500/],
        [{ description: "\u200b\u00ad" }, /must not be empty/],
        [{ description: "\u0301" }, /something to read/],
        [{ description: "bell \u0007" }, /control characters/],
        [{ descripton: "typo" }, /descripton/],
      ];
      for (const [change, words] of refused) {
        const result = await run("add_user_expense", { ...lunch, ...change });
        expect([change, result.isError, textOf(result)]).toEqual([
          change,
          true,
          expect.stringMatching(words),
        ]);
      }
      expect(textOf(await run("get_user_expenses", {}))).toBe("No expenses.");
    },
  );

  it(
    verifies("tools.add-idempotent", "stores a repetition once, and tells when it differs"),
    async () => {
      const { run } = await setUp();
      const keyed = { ...lunch, idempotency_key: "lunch-1" };
      const first = await run("add_user_expense", keyed);
      const again = await run("add_user_expense", keyed);
      expect(again.structuredContent).toEqual({
        ...(first.structuredContent as object),
        already_recorded: true,
      });
      expect(textOf(again)).toContain("nothing new was stored");
      const other = await run("add_user_expense", { ...keyed, amount: 13 });
      expect(other.isError).toBe(true);
      expect(textOf(other)).toMatch(
        /Nothing was stored: .*different expense.*2026-11-20: 12\.50 EUR, Lunch/,
      );
      const listed = await run("get_user_expenses", {});
      expect((listed.structuredContent as { expenses: unknown[] }).expenses).toHaveLength(1);
      // Another person's key of the same name is another key.
      const others = await run("add_user_expense", { ...keyed, amount: 99 }, "user-2");
      expect(others.structuredContent).toMatchObject({ already_recorded: false });
    },
  );
});

describe("get_user_expenses", () => {
  it(verifies("tools.list", "lists one's own, newest first, filtered, in pages"), async () => {
    const { run } = await setUp();
    const add = (date: string, description: string, category = "food") =>
      run("add_user_expense", { ...lunch, date, description, category });
    await add("2026-11-01", "Breakfast");
    await add("2026-11-03", "Dinner at Café");
    await add("2026-11-02", "Taxi", "transport");
    await add("2026-11-03", "Second dinner");
    await run("add_user_expense", { ...lunch, description: "Not mine" }, "user-2");

    const descriptions = async (filters: Record<string, unknown>) => {
      const { structuredContent } = await run("get_user_expenses", filters);
      const page = structuredContent as {
        expenses: { description: string }[];
        next_cursor?: string;
      };
      return { found: page.expenses.map(({ description }) => description), next: page.next_cursor };
    };
    expect((await descriptions({})).found).toEqual([
      "Second dinner",
      "Dinner at Café",
      "Taxi",
      "Breakfast",
    ]);
    expect((await descriptions({ category: "transport" })).found).toEqual(["Taxi"]);
    expect((await descriptions({ text: "CAFÉ" })).found).toEqual(["Dinner at Café"]);
    expect((await descriptions({ from: "2026-11-02", to: "2026-11-02" })).found).toEqual(["Taxi"]);

    const first = await descriptions({ limit: 3 });
    expect(first.found).toHaveLength(3);
    const last = await descriptions({ limit: 3, cursor: first.next });
    expect(last).toEqual({ found: ["Breakfast"], next: undefined });
  });

  it(
    verifies(
      "tools.list-keys-out",
      "shows a page that it cannot continue, and says that it cannot",
    ),
    async () => {
      const keyStorage = new MemoryKeyStorage();
      keyStorage.readsOut = true;
      const { run } = await setUp(undefined, keyStorage);
      await run("add_user_expense", lunch);
      await run("add_user_expense", { ...lunch, description: "Dinner" });

      const page = await run("get_user_expenses", { limit: 1 });
      expect(page.structuredContent).toEqual({
        expenses: [expect.objectContaining({ description: "Dinner" })],
        totals: [{ currency: "EUR", count: 2, spent: 25 }],
        has_more: true,
        free_text: ["description"],
      });
      expect(textOf(page)).toMatch(
        /Dinner.*\n\nThere are more: they cannot be shown right now\. Try again in a minute/,
      );
      expect((await run("get_user_expenses", {})).structuredContent).toMatchObject({
        expenses: [{ description: "Dinner" }, { description: "Lunch" }],
        has_more: false,
      });
    },
  );

  it(verifies("tools.list-refuses", "says what to correct of filters and cursors"), async () => {
    const { run } = await setUp();
    await run("add_user_expense", lunch);
    await run("add_user_expense", lunch);
    const page = await run("get_user_expenses", { limit: 1 });
    const { next_cursor: cursor } = page.structuredContent as { next_cursor: string };
    const refused: [Record<string, unknown>, RegExp, string?][] = [
      [{ from: "2026-11-02", to: "2026-11-01" }, /from: is after `to`/],
      [{ limit: 0 }, /limit: must be at least 1/],
      [{ limit: 101 }, /limit: must be at most 100/],
      [{ cursor: "made-up" }, /cursor is not valid/],
      [{ cursor: `${cursor}x` }, /cursor is not valid/],
      [{ cursor, category: "food" }, /other filters \(categories\)/],
      [{ cursor }, /given to somebody else/, "user-2"],
    ];
    for (const [input, words, objectId] of refused) {
      const result = await run("get_user_expenses", input, objectId);
      expect([input, result.isError, textOf(result)]).toEqual([
        input,
        true,
        expect.stringMatching(words),
      ]);
    }
  });
});

describe("delete_user_expense", () => {
  const unknown = "00000000-0000-4000-8000-000000000000";

  async function addedId(run: Awaited<ReturnType<typeof setUp>>["run"], more = {}) {
    const { structuredContent } = await run("add_user_expense", { ...lunch, ...more });
    return (structuredContent as { expense: { id: string } }).expense.id;
  }

  it(verifies("tools.delete", "shows what would be deleted, then deletes that alone"), async () => {
    const { run } = await setUp();
    const id = await addedId(run);
    await addedId(run, { description: "Dinner" });
    const line = "2026-11-20: 12.50 EUR, Lunch (food, visa)";

    const preview = await run("delete_user_expense", { id });
    expect(preview.structuredContent).toMatchObject({
      outcome: "confirmation_required",
      question: expect.stringMatching(
        /Delete this expense\? It cannot be undone\.\n.*Lunch.*\(food, visa\)$/,
      ),
      affected: { expense: { ...lunch, id, currency: "EUR" } },
    });
    expect(textOf(await run("get_user_expenses", {}))).toContain("Lunch");

    const confirmed = { id, confirmation: confirmationIn(preview) };
    const deleted = await run("delete_user_expense", confirmed);
    expect(textOf(deleted)).toBe(`Deleted: ${line}`);
    expect(deleted.structuredContent).toMatchObject({
      outcome: "done",
      expense: { ...lunch, id, currency: "EUR" },
    });
    const left = textOf(await run("get_user_expenses", {}));
    expect([left.includes("Lunch"), left.includes("Dinner")]).toEqual([false, true]);
  });

  it(
    verifies("tools.delete", "has one answer to ids that are unknown, another's, or deleted"),
    async () => {
      const { run } = await setUp();
      const id = await addedId(run);
      const answers = [
        await run("delete_user_expense", { id: unknown }),
        await run("delete_user_expense", { id }, "user-2"),
      ];
      const confirmation = confirmationIn(await run("delete_user_expense", { id }));
      await run("delete_user_expense", { id, confirmation });
      answers.push(await run("delete_user_expense", { id }));
      for (const answer of answers) {
        expect(answer).toEqual({
          isError: true,
          content: [
            {
              type: "text",
              text: "You have no such expense. get_user_expenses shows the ids of those there are.",
            },
          ],
        });
      }
    },
  );

  it(
    verifies("tools.delete", "deletes once where two confirmations for one expense are used"),
    async () => {
      const { run } = await setUp();
      const id = await addedId(run);
      const [one, other] = [
        confirmationIn(await run("delete_user_expense", { id })),
        confirmationIn(await run("delete_user_expense", { id })),
      ];
      expect(textOf(await run("delete_user_expense", { id, confirmation: one }))).toMatch(
        /^Deleted: /,
      );
      expect(textOf(await run("delete_user_expense", { id, confirmation: other }))).toMatch(
        /^You have no such expense/,
      );
    },
  );

  it(verifies("approval.shown", "refuses what its key names since another expense"), async () => {
    const { run } = await setUp();
    const key = { idempotency_key: "lunch" };
    const id = await addedId(run, key);
    const [first, second] = [
      confirmationIn(await run("delete_user_expense", { id })),
      confirmationIn(await run("delete_user_expense", { id })),
    ];
    await run("delete_user_expense", { id, confirmation: first });
    expect(await addedId(run, { ...key, amount: 99 })).toBe(id);
    expect(textOf(await run("delete_user_expense", { id, confirmation: second }))).toContain(
      "no longer what was shown",
    );
  });

  it(
    verifies(
      "approval.shown",
      "leaves what took the expense's place in the middle of the deletion",
    ),
    async () => {
      const container = await backEnd.openContainer(createDefaultHttpClient());
      const store = new CosmosExpenseStore(async () => container);
      const key = { idempotency_key: "lunch" };
      const racing: ExpenseStore = {
        add: (...call) => store.add(...call),
        list: (...call) => store.list(...call),
        figures: (...call) => store.figures(...call),
        find: (...call) => store.find(...call),
        update: (...call) => store.update(...call),
        changeReceipts: (...call) => store.changeReceipts(...call),
        statistics: (...call) => store.statistics(...call),
        async delete(userId, id, ...rest) {
          await store.delete(userId, id, () => true);
          await addedId(run, { ...key, amount: 99 });
          return store.delete(userId, id, ...rest);
        },
      };
      const { run } = await setUp(racing);
      const id = await addedId(run, key);
      const confirmation = confirmationIn(await run("delete_user_expense", { id }));
      const answer = await run("delete_user_expense", { id, confirmation });
      expect(textOf(answer)).toMatch(/^You have no such expense/);
      expect(textOf(await run("get_user_expenses", {}))).toContain("99.00 EUR, Lunch");
    },
  );

  it("says what to correct of an id", async () => {
    const { run } = await setUp();
    for (const id of ["", "a/b", "x".repeat(65), "lunch on friday"]) {
      expect(textOf(await run("delete_user_expense", { id }))).toContain(
        "id: is no id of an expense; use one that get_user_expenses shows",
      );
    }
  });
});

describe("what older versions stored", () => {
  /** As it was stored before amounts had their decimals, in a currency that was withdrawn since. */
  const old = {
    ...{ id: "old", userId: "user-1", type: "expense", schemaVersion: 1 },
    ...{ date: "2026-11-19", minorUnits: 1250, currency: "HRK", category: "food" },
    ...{ paymentMethod: "visa", description: "Taxi a\ufe0f\u200b\ufe0f", searchText: "TAXI" },
    createdAt: "2026-11-19T12:00:00.000Z",
    sortKey: "2026-11-19|2026-11-19T12:00:00.000Z|old",
  };

  it(verifies("expenses.read-as-written", "is listed, added up and deleted"), async () => {
    const { run, container } = await setUp();
    await container.items.create(old);
    const line = "2026-11-19: 12.50 HRK, Taxi a (food, visa)";
    const listed = textOf(await run("get_user_expenses", {}));
    expect(listed).toMatch(
      /\n- 2026-11-19: 12\.50 HRK, Taxi a \(food, visa, id old, version [\w-]{12}\)$/,
    );
    expect(textOf(await run("get_expense_stats", {}))).toMatch(
      /^Everyone together:\n12\.50 HRK \(1\)\n/,
    );

    const preview = await run("delete_user_expense", { id: "old" });
    expect(preview.structuredContent).toMatchObject({
      question: expect.stringContaining("Taxi a\\u{FE0F}\\u{200B}\\u{FE0F}"),
    });
    const confirmed = { id: "old", confirmation: confirmationIn(preview) };
    expect(textOf(await run("delete_user_expense", confirmed))).toBe(`Deleted: ${line}`);
  });

  it(verifies("expenses.unreadable", "is named where it cannot be read"), async () => {
    const { run, container } = await setUp();
    await run("add_user_expense", lunch);
    await container.items.create({ ...old, minorUnits: "1250" });
    const listed = await run("get_user_expenses", {});
    expect(listed.structuredContent).toMatchObject({
      expenses: [{ description: "Lunch" }],
      unreadable: ["old"],
      has_more: false,
    });
    expect(textOf(listed)).toMatch(
      /Lunch.*\n- 1 expense could not be read: old\. Tell the people who run this server\.$/,
    );
    const statistics = await run("get_expense_stats", {});
    expect(statistics.structuredContent).toMatchObject({
      currencies: [{ currency: "EUR", count: 1, total: 12.5, categories: [{ category: "food" }] }],
      unreadable: 1,
    });
    expect(textOf(statistics)).toMatch(/\n1 stored expense could not be read: in no sum\.$/);

    const preview = await run("delete_user_expense", { id: "old" });
    expect(textOf(preview)).toMatch(/\nAn expense that cannot be read \(id old\)\n/);
    const confirmed = { id: "old", confirmation: confirmationIn(preview) };
    expect((await run("delete_user_expense", confirmed)).structuredContent).toEqual({
      outcome: "done",
      id: "old",
      free_text: ["description"],
    });
    expect((await run("get_user_expenses", {})).structuredContent).not.toHaveProperty("unreadable");
  });

  it(
    verifies(["fields.line-once", "tool.plain"], "is the same expense when it is added again"),
    async () => {
      const { run, container } = await setUp();
      const taxi = { ...lunch, description: old.description, idempotency_key: "taxi" };
      const first = await run("add_user_expense", taxi);
      expect(first.structuredContent).toMatchObject({ expense: { description: "Taxi a" } });
      const again = await run("add_user_expense", taxi);
      expect(again.structuredContent).toMatchObject({ already_recorded: true });

      const { id } = (first.structuredContent as { expense: { id: string } }).expense;
      await container.items.upsert({ ...old, id });
      const differs = textOf(await run("add_user_expense", taxi));
      expect(differs).toContain("HRK, Taxi a (food, visa");
    },
  );
});

describe("every tool", () => {
  it(
    verifies("tools.store-down", "says in plain words that the store cannot be reached"),
    async () => {
      const down = failure({ kind: "unavailable", cause: "marked-secret" } as const);
      const { run } = await setUp({
        add: async () => down,
        list: async () => down,
        figures: async () => down,
        find: async () => down,
        update: async () => down,
        changeReceipts: async () => down,
        delete: async () => down,
        statistics: async () => down,
      });
      for (const [name, input] of [
        ["add_user_expense", lunch],
        ["get_user_expenses", {}],
        ["delete_user_expense", { id: "any" }],
        ["get_user_expense_summary", {}],
        ["get_expense_stats", {}],
      ] as const) {
        const result = await run(name, input);
        expect(result.isError).toBe(true);
        expect(textOf(result)).toBe(
          "The expenses cannot be reached right now. Try again in a minute.",
        );
      }
    },
  );
});
