import { createDefaultHttpClient } from "@azure/core-rest-pipeline";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { success } from "../../src/core/result.ts";
import { createExpenses } from "../../src/expenses/domain.ts";
import type { NewExpense } from "../../src/expenses/expense.ts";
import { isCurrency } from "../../src/expenses/money.ts";
import { CosmosExpenseStore } from "../../src/expenses/store/cosmos-store.ts";
import type { ExpenseStore } from "../../src/expenses/store/store.ts";
import { verifies } from "../requirements.ts";
import { type CosmosBackEnd, startCosmosEmulator } from "../storage/cosmos-emulator.ts";
import { textOf } from "../support/clients.ts";
import { runTools } from "../support/tool-runner.ts";
import { value } from "../support/value.ts";

const lunch: NewExpense = {
  date: "2026-11-20",
  minorUnits: 1250,
  decimals: 2,
  currency: "EUR",
  category: "food",
  description: "Lunch",
  paymentMethod: "visa",
  isRefund: false,
};

let backEnd: CosmosBackEnd;
beforeAll(async () => {
  backEnd = await startCosmosEmulator(createExpenses().containers.expenses);
});
afterAll(() => backEnd?.close());

/** The tool over what people have stored: `user-1` the expenses given, others what they add. */
async function setUp(expenses: readonly Partial<NewExpense>[], override?: Partial<ExpenseStore>) {
  const container = await backEnd.openContainer(createDefaultHttpClient());
  const store = new CosmosExpenseStore(async () => container);
  const add = async (expense: Partial<NewExpense>, userId = "user-1") =>
    value(await store.add(userId, { ...lunch, ...expense }, { now: 0 }));
  await Promise.all(expenses.map((expense) => add(expense)));
  const overridden = override && (() => Object.assign(store, override));
  const { run } = runTools(createExpenses(overridden), {
    settings: { DEFAULT_CURRENCY: "EUR" },
    container,
  });
  async function sum(input: Record<string, unknown>, userId?: string) {
    const result = await run("get_user_expense_summary", input, userId);
    return { text: textOf(result), content: result.structuredContent, isError: result.isError };
  }
  return { add, sum, container };
}

const year: readonly Partial<NewExpense>[] = [
  { date: "2025-12-31", minorUnits: 100_000, description: "Skis", category: "shopping" },
  { date: "2026-01-02", minorUnits: 1250 },
  { date: "2026-01-05", minorUnits: 3000, category: "transport", description: "Taxi" },
  { date: "2026-02-03", minorUnits: 8000, category: "gadget", description: "Headphones" },
  { date: "2026-02-04", minorUnits: 750, isRefund: true, description: "Bottles" },
  { date: "2026-02-12", minorUnits: 3050, category: "transport", description: "Taxi home" },
  { date: "2026-02-14", minorUnits: 5500, currency: "USD", paymentMethod: "cash" },
];

describe("get_user_expense_summary", () => {
  it(verifies("tools.summary", "totals this year by category, in one call"), async () => {
    const { sum } = await setUp(year);
    const { text, content } = await sum({ from: "2026-01-01", to: "2026-12-31", by: "category" });
    expect(text).toBe(
      [
        "Total: 153.00 EUR spent, 7.50 EUR refunded, 145.50 EUR net (5); 55.00 USD (1)",
        "Currencies stay apart: nothing is converted.",
        "- gadget: 80.00 EUR (1)",
        "- transport: 60.50 EUR (2)",
        "- food: 12.50 EUR spent, 7.50 EUR refunded, 5.00 EUR net (2); 55.00 USD (1)",
      ].join("\n"),
    );
    expect(content).toEqual({
      sums: [
        { currency: "EUR", count: 5, spent: 153, refunded: 7.5, net: 145.5 },
        { currency: "USD", count: 1, spent: 55 },
        { group: "gadget", currency: "EUR", count: 1, spent: 80 },
        { group: "transport", currency: "EUR", count: 2, spent: 60.5 },
        { group: "food", currency: "EUR", count: 2, spent: 12.5, refunded: 7.5, net: 5 },
        { group: "food", currency: "USD", count: 1, spent: 55 },
      ],
      free_text: ["description"],
    });
  });

  it.each([
    [
      "food and transport together",
      { categories: ["food", "transport"] },
      /^Total: 73\.00 EUR spent/,
    ],
    ["everything over 50", { currency: "EUR", amount_from: 50 }, /^Total: 1080\.00 EUR \(2\)$/],
    [
      "the taxi of the 12th",
      { from: "2026-02-12", to: "2026-02-12", text: "taxi" },
      /30\.50 EUR \(1\)$/,
    ],
    [
      "one category, in the form of the list's",
      { category: "gadget" },
      /^Total: 80\.00 EUR \(1\)$/,
    ],
    ["what was paid in cash", { payment_methods: ["cash"] }, /^Total: 55\.00 USD \(1\)$/],
    ["nothing", { text: "yacht", by: "week" }, /^No expenses match\.$/],
  ])(verifies("tools.summary", "answers in one line: %s"), async (_what, filters, words) => {
    const { sum } = await setUp(year);
    expect((await sum(filters)).text).toMatch(words);
  });

  it(verifies("tools.summary", "shows the trend of weeks, with those that are empty"), async () => {
    const { sum } = await setUp(year);
    const { text } = await sum({
      from: "2026-01-26",
      to: "2026-02-15",
      by: "week",
      currency: "EUR",
    });
    expect(text.split("\n").slice(1)).toEqual([
      "- 2026-W05: 0.00 EUR (0)",
      "- 2026-W06: 80.00 EUR spent, 7.50 EUR refunded, 72.50 EUR net (2)",
      "- 2026-W07: 30.50 EUR (1)",
    ]);
  });

  it(verifies("tools.summary", "compares with the month before, and says which days"), async () => {
    const { sum } = await setUp(year);
    const { text, content } = await sum({
      ...{ from: "2026-02-01", to: "2026-02-28", compare: true, by: "category" },
      currency: "EUR",
    });
    expect(text.split("\n")).toEqual([
      "Total: 110.50 EUR spent, 7.50 EUR refunded, 103.00 EUR net (3), before 42.50 EUR, change +60.50 EUR",
      "Compared: 2026-02-01 to 2026-02-28 with 2026-01-01 to 2026-01-31.",
      "- gadget: 80.00 EUR (1), before 0.00 EUR, change +80.00 EUR",
      "- transport: 30.50 EUR (1), before 30.00 EUR, change +0.50 EUR",
      "- food: 0.00 EUR spent, 7.50 EUR refunded, -7.50 EUR net (1), before 12.50 EUR, change -20.00 EUR",
    ]);
    expect(content).toMatchObject({
      sums: expect.arrayContaining([
        expect.objectContaining({ net: 103, before: 42.5, change: 60.5 }),
      ]),
      compared: "2026-02-01 to 2026-02-28 with 2026-01-01 to 2026-01-31",
    });
  });

  it(verifies("tools.summary", "shows the largest of each currency, without refunds"), async () => {
    const refunds = Array.from({ length: 4 }, () => ({ isRefund: true, minorUnits: 900_000 }));
    const { sum } = await setUp([...year, ...refunds]);
    const { text, content } = await sum({ largest: 2 });
    const largest = text.split("\n").slice(text.split("\n").indexOf("Largest:") + 1);
    expect(largest).toEqual([
      expect.stringMatching(/^- 2025-12-31: 1000\.00 EUR, <(\w{4})>Skis<\/\1> \(id [\w-]+\)$/),
      expect.stringMatching(/^- 2026-02-03: 80\.00 EUR, <\w+>Headphones</),
      expect.stringMatching(/^- 2026-02-14: 55\.00 USD, <\w+>Lunch</),
    ]);
    expect(content).toMatchObject({
      largest: [{ description: "Skis", amount: 1000 }, { amount: 80 }, { currency: "USD" }],
    });
  });

  it(verifies("tools.summary-isolated", "has nothing of anybody else's"), async () => {
    const { sum, add } = await setUp([{ minorUnits: 100 }]);
    await add({ minorUnits: 77_700 }, "user-2");
    const asked = {
      by: "category",
      largest: 5,
      from: "2026-11-01",
      to: "2026-11-30",
      compare: true,
    };
    const [mine, theirs, nobody] = [
      await sum(asked),
      await sum(asked, "user-2"),
      await sum(asked, "user-3"),
    ];
    expect(mine?.content).toMatchObject({
      sums: [{ spent: 1, count: 1 }, { group: "food" }],
      largest: [{ amount: 1 }],
    });
    expect(theirs?.content).toMatchObject({
      sums: [
        { spent: 777, count: 1 },
        { group: "food", spent: 777 },
      ],
    });
    expect(JSON.stringify([mine, nobody])).not.toContain("777");
    expect(nobody?.text).toMatch(/^No expenses match\./);
  });

  it(verifies("summary.short", "has no long answer, however much there is"), async () => {
    const currencies = ["CHF", "EUR", "GBP", "JPY", "SEK", "USD"];
    const many = Array.from({ length: 120 }, (_, index) => ({
      date: `2026-${String(1 + (index % 12)).padStart(2, "0")}-${String(1 + (index % 28)).padStart(2, "0")}`,
      minorUnits: 1 + index,
      currency: currencies[index % 6],
      // As JSON twice as long.
      description: '"\\'.repeat(250),
      isRefund: index % 5 === 0,
    }));
    const { sum } = await setUp(many);
    for (const by of ["day", "week", "month", "category", undefined]) {
      for (const largest of [undefined, 1, 5]) {
        const { text, content } = await sum({
          from: "2026-01-01",
          to: "2026-12-31",
          ...(by && { by }),
          ...(largest && { largest }),
          compare: true,
        });
        expect(text.length).toBeLessThanOrEqual(4_000);
        expect(JSON.stringify(content).length).toBeLessThanOrEqual(4_000);
        expect(content).toMatchObject({ sums: expect.arrayContaining([expect.anything()]) });
        const { largest: shown = [] } = content as { largest?: { description: string }[] };
        expect(shown).toHaveLength(3 * (largest ?? 0));
        for (const { description } of shown) expect(description).toMatch(/^"\\.{5,}…$/);
      }
    }
    const { text } = await sum({ by: "day" });
    expect(text).toMatch(/\n\d+ more groups have no room: narrow the dates or filters/);
    // A year of weeks in one currency is whole.
    const weeks = await sum({ from: "2026-01-01", to: "2026-12-31", by: "week", currency: "CHF" });
    expect(weeks.text.match(/-W\d\d: /g)).toHaveLength(53);
  });

  it(verifies("summary.short", "leaves out currencies, the least used, and says so"), async () => {
    const used = Intl.supportedValuesOf("currency").filter(isCurrency).slice(0, 90);
    const { sum } = await setUp([
      ...used.map((currency) => ({ currency })),
      ...Array.from({ length: 3 }, () => ({ currency: "USD", isRefund: true })),
    ]);
    for (const input of [{}, { by: "category", largest: 5 }]) {
      const { text, content } = await sum(input);
      expect(text.length).toBeLessThanOrEqual(4_000);
      expect(JSON.stringify(content).length).toBeLessThanOrEqual(4_000);
      expect(text).toMatch(/^(Between .*\n)?Total: .*37\.50 USD refunded/);
      expect(text).toMatch(/\n\d+ more currencies have no room: name one/);
      const { currencies_left_out: leftOut, sums } = content as {
        currencies_left_out: number;
        sums: { group?: string }[];
      };
      const shown = sums.filter(({ group }) => group === undefined).length;
      expect(leftOut + shown).toBe(used.includes("USD") ? 90 : 91);
    }
  });

  it(verifies("tools.summary-refuses", "refuses to add up a part of too many"), async () => {
    const { sum } = await setUp([], {
      figures: async () => success({ figures: [lunch], unreadable: 0, cutAt: "2026-03-04" }),
    });
    const { text, isError } = await sum({});
    expect(isError).toBe(true);
    expect(text).toBe(
      "More than 20000 expenses match, too many to add up at once; the newest 20000 go back to 2026-03-04. Nothing was added up. Narrow the dates or the filters, and ask again.",
    );
  });

  it(verifies("tools.summary-refuses", "says what to correct"), async () => {
    const { sum } = await setUp([]);
    for (const [input, words] of [
      [{ compare: true }, /compare: needs both dates; give `from` and `to`/],
      [{ compare: true, from: "2026-01-01" }, /compare: needs both dates/],
      [{ from: "2026-02-01", to: "2026-01-01" }, /from: is after `to`/],
      [{ by: "decade" }, /by: .*quarter/],
      [{ largest: 6 }, /largest: must be at most 5/],
    ] as const) {
      const { text, isError } = await sum(input);
      expect([isError, text]).toEqual([true, expect.stringMatching(words)]);
    }
  });

  it("says how many stored expenses it cannot read", async () => {
    const { sum, container } = await setUp([{ minorUnits: 100 }]);
    await container.items.create({
      ...{ id: "odd", userId: "user-1", type: "expense", sortKey: "2026-11-01|" },
      minorUnits: "1",
    });
    const { text, content } = await sum({});
    expect(text).toBe("Total: 1.00 EUR (1)\n1 stored expense could not be read: in no sum.");
    expect(content).toMatchObject({ unreadable: 1 });
  });
});
