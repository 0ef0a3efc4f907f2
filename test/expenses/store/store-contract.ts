import { randomUUID } from "node:crypto";
import { createDefaultHttpClient, type PipelineRequest } from "@azure/core-rest-pipeline";
import type { Container } from "@azure/cosmos";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  categories,
  type Expense,
  type NewExpense,
  paymentMethods,
} from "../../../src/expenses/expense.ts";
import type { ExpenseFilters } from "../../../src/expenses/expense-filters.ts";
import { CosmosExpenseStore } from "../../../src/expenses/store/cosmos-store.ts";
import {
  type ExpenseOrder,
  type Position,
  positionBytes,
  positionFrom,
} from "../../../src/expenses/store/position.ts";
import type { AddOutcome, FoundExpense } from "../../../src/expenses/store/store.ts";
import { storedFrom } from "../../../src/expenses/store/stored-expense.ts";
import { verifies } from "../../requirements.ts";
import type { CosmosBackEnd } from "../../storage/cosmos-emulator.ts";
import { value } from "../../support/value.ts";

/** What was asked of Cosmos DB about items, on the wire. */
interface ItemRequest {
  readonly method: string;
  /** The partition that the request states, as JSON. */
  readonly partitionKey: string | undefined;
  readonly body: { readonly query?: string; readonly parameters?: readonly object[] };
}

const lunch: NewExpense = {
  date: "2026-11-20",
  minorUnits: 1250,
  decimals: 2,
  currency: "USD",
  category: "food",
  description: "Lunch",
  paymentMethod: "visa",
  isRefund: false,
};
const noon = Date.parse("2026-11-21T12:00:00Z");

/** What is to be deleted, where the id says it all. */
const whatever = () => true;

/**
 * What an expense store promises, whatever Cosmos DB is behind it. Every test works with people of
 * its own and removes what it stored, so that the container need not be empty; only nobody else may
 * be testing in it at the same time.
 */
export function describeStoreContract(name: string, start: () => Promise<CosmosBackEnd>): void {
  describe(`expense store: ${name}`, () => {
    let backEnd: CosmosBackEnd;
    let container: Container;
    let store: CosmosExpenseStore;
    let requests: ItemRequest[];
    /** Awaited before a request about items leaves: what others do meanwhile. */
    let meanwhile: (request: ItemRequest) => Promise<unknown>;
    let people: string[];

    beforeAll(async () => {
      backEnd = await start();
    });
    afterAll(() => backEnd.close());

    beforeEach(async () => {
      requests = [];
      meanwhile = async () => undefined;
      people = [];
      const client = createDefaultHttpClient();
      container = await backEnd.openContainer({
        async sendRequest(request) {
          const seen = itemRequest(request);
          if (seen) {
            requests.push(seen);
            await meanwhile(seen);
          }
          return client.sendRequest(request);
        },
      });
      store = new CosmosExpenseStore(async () => container);
    });
    afterEach(async () => {
      for (const userId of people) await removeAll(container, userId);
    });

    function person(): string {
      const userId = randomUUID();
      people.push(userId);
      return userId;
    }

    async function add(
      userId: string,
      expense: Partial<NewExpense> = {},
      options: { idempotencyKey?: string; now?: number } = {},
    ): Promise<AddOutcome> {
      return value(await store.add(userId, { ...lunch, ...expense }, { now: noon, ...options }));
    }

    async function addAll(
      userId: string,
      expenses: readonly Partial<NewExpense>[],
    ): Promise<Expense[]> {
      const outcomes = await Promise.all(expenses.map((expense) => add(userId, expense)));
      return outcomes.map(({ expense }) => expense);
    }

    async function all(userId: string, filters: ExpenseFilters = {}): Promise<readonly Expense[]> {
      const page = value(await store.list(userId, filters, { limit: 100 }));
      expect(page.next).toBeUndefined();
      return page.expenses;
    }

    async function descriptions(userId: string, filters: ExpenseFilters): Promise<string[]> {
      return (await all(userId, filters)).map(({ description }) => description);
    }

    it(verifies("expenses.stored", "gives back exactly what was added"), async () => {
      const user = person();
      const added = await add(user);
      expect(added).toEqual({
        kind: "added",
        expense: {
          ...{ ...lunch, receipts: [], createdAt: "2026-11-21T12:00:00.000Z" },
          ...{ id: expect.any(String), version: expect.stringMatching(/^[\w-]{12}$/) },
        },
      });
      expect(await all(user)).toEqual([added.expense]);
    });

    it("has nothing for a person who added nothing", async () => {
      expect(await all(person())).toEqual([]);
    });

    describe("isolation", () => {
      it(verifies("expenses.isolated", "shows each person their own expenses alone"), async () => {
        const [one, two] = [person(), person()];
        await addAll(one, [{ description: "one's" }]);
        await addAll(two, [{ description: "two's" }, { description: "two's other" }]);

        expect(await descriptions(one, {})).toEqual(["one's"]);
        expect((await descriptions(two, {})).sort()).toEqual(["two's", "two's other"]);
        expect(await descriptions(one, { text: "two" })).toEqual([]);
      });

      it(verifies("expenses.isolated", "keeps apart expenses with the same id"), async () => {
        const [one, two] = [person(), person()];
        const id = randomUUID();
        for (const [userId, description] of [
          [one, "one's"],
          [two, "two's"],
        ] as const) {
          await container.items.create(storedFrom(userId, id, { ...lunch, description }, noon));
        }
        expect(await descriptions(one, {})).toEqual(["one's"]);
        expect(await descriptions(two, {})).toEqual(["two's"]);
      });

      it(
        verifies("expenses.isolated", "takes the same idempotency key from each person"),
        async () => {
          const [one, two] = [person(), person()];
          const first = await add(one, { description: "one's" }, { idempotencyKey: "same" });
          const second = await add(two, { description: "two's" }, { idempotencyKey: "same" });

          expect([first.kind, second.kind]).toEqual(["added", "added"]);
          expect(first.expense.id).not.toBe(second.expense.id);
          expect(await descriptions(two, {})).toEqual(["two's"]);
        },
      );

      it(
        verifies(
          "expenses.partition-stated",
          "states the person's partition in every read, write and query, and filters on it too",
        ),
        async () => {
          const user = person();
          await add(user, {}, { idempotencyKey: "key" });
          await add(user, {}, { idempotencyKey: "key" });
          await add(user);
          await all(user, {
            from: "2026-01-01",
            to: "2026-12-31",
            categories: ["food"],
            paymentMethods: ["visa"],
            text: "lunch",
          });
          const { next } = value(await store.list(user, {}, { limit: 1 }));
          await store.list(user, {}, { limit: 1, after: next });

          expect(requests.map(({ method }) => method).sort()).toEqual(
            // Three writes and three queries, and the read of the expense that the key names.
            ["GET", ...Array<string>(6).fill("POST")],
          );
          for (const request of requests) {
            expect(request.partitionKey).toBe(JSON.stringify([user]));
            if (request.body.query === undefined) continue;
            expect(request.body.query).toContain("c.userId = @userId");
            expect(request.body.parameters).toContainEqual({ name: "@userId", value: user });
          }
        },
      );
    });

    describe("order and pages", () => {
      it(
        verifies("expenses.newest-first", "orders by date, then by when they were added"),
        async () => {
          const user = person();
          const hour = 3_600_000;
          await add(user, { date: "2026-11-20", description: "third" }, { now: noon + hour });
          await add(user, { date: "2026-11-21", description: "second" }, { now: noon });
          await add(user, { date: "2025-12-31", description: "last" }, { now: noon + 3 * hour });
          await add(user, { date: "2026-11-21", description: "first" }, { now: noon + 1 });
          await add(user, { date: "2026-11-20", description: "fourth" }, { now: noon - hour });

          expect(await descriptions(user, {})).toEqual([
            "first",
            "second",
            "third",
            "fourth",
            "last",
          ]);
        },
      );

      it("has one order for expenses of the same millisecond", async () => {
        const user = person();
        await addAll(user, Array(12).fill({}));
        const ids = (await all(user)).map(({ id }) => id);
        expect(ids).toEqual([...ids].sort().reverse());
        expect(await pagesOf(user, 5)).toEqual(ids);
      });

      async function pagesOf(
        userId: string,
        limit: number,
        between: () => Promise<unknown> = async () => undefined,
      ): Promise<string[]> {
        const ids: string[] = [];
        let after: Position | undefined;
        do {
          const page = value(await store.list(userId, {}, { limit, after }));
          expect(page.expenses.length).toBeLessThanOrEqual(limit);
          ids.push(...page.expenses.map(({ id }) => id));
          after = page.next;
          await between();
        } while (after !== undefined);
        return ids;
      }

      it(
        verifies("expenses.pages", "gives every expense once, and ends with the last"),
        async () => {
          const user = person();
          await addAll(
            user,
            Array.from({ length: 7 }, (_, index) => ({ date: `2026-11-0${1 + (index % 3)}` })),
          );
          const whole = (await all(user)).map(({ id }) => id);
          for (const limit of [1, 2, 6, 7, 8]) expect(await pagesOf(user, limit)).toEqual(whole);
        },
      );

      it(
        verifies("expenses.pages", "neither loses nor repeats any while others are added"),
        async () => {
          const user = person();
          await addAll(
            user,
            Array.from({ length: 9 }, (_, index) => ({ date: `2026-11-${10 + index}` })),
          );
          const before = (await all(user)).map(({ id }) => id);
          let rounds = 0;
          const seen = await pagesOf(user, 2, async () => {
            rounds += 1;
            if (rounds > 4) return;
            await addAll(user, [
              { date: "2026-12-01" },
              { date: `2026-11-${19 - 2 * rounds}` },
              { date: "2026-01-01" },
            ]);
          });
          expect(new Set(seen).size).toBe(seen.length);
          expect(seen.filter((id) => before.includes(id))).toEqual(before);
        },
      );

      it(
        verifies("expenses.orders", "orders by amount and by when they were added, on every page"),
        async () => {
          const user = person();
          const amounts = [5, 700, 5, 90, 5, 90, 1];
          for (const [index, minorUnits] of amounts.entries()) {
            const date = `2026-11-0${1 + ((index * 3) % 7)}`;
            await add(user, { minorUnits, date }, { now: noon + (index >> 1) });
          }
          await add(user, { currency: "EUR", minorUnits: 6 });
          const dollars = await all(user, { currency: "USD" });
          const pages = async (order: ExpenseOrder, limit: number) => {
            const seen: Expense[] = [];
            let after: Position | undefined;
            do {
              const page = value(
                await store.list(user, { currency: "USD" }, { limit, order, after }),
              );
              seen.push(...page.expenses);
              after = page.next && positionFrom(positionBytes(page.next));
            } while (after !== undefined);
            return seen;
          };
          const byAmount = dollars.toSorted((one, other) => other.minorUnits - one.minorUnits);
          const byAdded = dollars.toSorted(
            (one, other) => Date.parse(other.createdAt) - Date.parse(one.createdAt),
          );
          for (const limit of [1, 2, 3, 7, 8]) {
            expect(await pages("amount", limit)).toEqual(byAmount);
            expect(await pages("added", limit)).toEqual(byAdded);
          }
        },
      );

      it("refuses a page size that it does not serve", async () => {
        for (const limit of [0, -1, 1.5, 101, Number.NaN]) {
          await expect(store.list(person(), {}, { limit })).rejects.toThrow(RangeError);
        }
      });
    });

    describe("filters", () => {
      const filters: readonly ExpenseFilters[] = [
        { from: "2026-11-02" },
        { to: "2026-11-02" },
        { from: "2026-11-02", to: "2026-11-02" },
        { from: "2026-12-31", to: "2026-12-31" },
        { from: "2027-01-01" },
        { categories: ["transport"] },
        { categories: ["transport", "food"] },
        { paymentMethods: ["cash"] },
        { paymentMethods: ["cash", "amex", "bank_transfer"] },
        { text: "coffee" },
        { categories: ["food"], paymentMethods: ["visa"] },
        { categories: ["food"], text: "coffee" },
        { from: "2026-11-01", paymentMethods: ["amex"], text: "COFFEE" },
        { from: "2026-11-01", to: "2026-11-02", categories: ["food"], paymentMethods: ["cash"] },
        { from: "2026-11-03", to: "2026-12-31", categories: ["gadget"], text: "tea" },
      ];

      it(
        verifies("expenses.filters", "selects by date range, category, payment method and text"),
        async () => {
          const user = person();
          const dates = ["2026-10-31", "2026-11-01", "2026-11-02", "2026-11-03", "2026-12-31"];
          const everything = await addAll(
            user,
            dates.flatMap((date, day) =>
              ["food", "transport", "gadget"].map((category, index) => ({
                date,
                category: categories.find((known) => known === category),
                paymentMethod: paymentMethods[(day + index) % 3],
                description: (day + index) % 2 === 0 ? "Iced coffee" : "Green tea",
              })),
            ),
          );
          for (const filter of filters) {
            const expected = everything.filter((expense) => matches(expense, filter));
            const found = await all(user, filter);
            const described = JSON.stringify(filter);
            expect(found.map(({ id }) => id).sort(), described).toEqual(
              expected.map(({ id }) => id).sort(),
            );
          }
        },
      );

      it(verifies("expenses.filters", "applies the filters to every page"), async () => {
        const user = person();
        await addAll(
          user,
          Array.from({ length: 8 }, (_, index) => ({
            description: index % 2 === 0 ? "wanted" : "other",
          })),
        );
        const first = value(await store.list(user, { text: "wanted" }, { limit: 3 }));
        const second = value(
          await store.list(user, { text: "wanted" }, { limit: 3, after: first.next }),
        );
        expect([first.expenses.length, second.expenses.length]).toEqual([3, 1]);
        expect(second.next).toBeUndefined();
      });

      it(
        verifies("expenses.text-literal", "takes text literally, whatever it would mean in SQL"),
        async () => {
          const [user, other] = [person(), person()];
          const texts = [
            "O'Brien's \"pub\"",
            "100% wool",
            "a_b",
            "back\\slash",
            "' OR 1=1 --",
            "') OR c.userId != @userId --",
            "{braces} [brackets]",
            "/* comment */",
          ];
          await addAll(
            user,
            [...texts, "plain", "axb"].map((description) => ({ description })),
          );
          await addAll(
            other,
            texts.map((description) => ({ description: `another's ${description}` })),
          );
          for (const text of texts) expect(await descriptions(user, { text })).toEqual([text]);
          for (const text of ["%", "_"]) {
            expect(await descriptions(user, { text })).toEqual(
              texts.filter((known) => known.includes(text)),
            );
          }
          expect(await descriptions(user, { text: "%wool" })).toEqual([]);
        },
      );

      it(verifies("expenses.text-case", "finds text in any case and any script"), async () => {
        const user = person();
        await addAll(
          user,
          ["CAFÉ Zoë", "ЧАЙ в Москве", "寿司 🍣", "Straße", "ΟΔΟΣΑ"].map((description) => ({
            description,
          })),
        );
        const found = async (text: string) => (await descriptions(user, { text })).join();
        expect(await found("café zo")).toBe("CAFÉ Zoë");
        expect(await found("чай")).toBe("ЧАЙ в Москве");
        expect(await found("🍣")).toBe("寿司 🍣");
        expect(await found("STRASSE")).toBe("Straße");
        expect(await found("straße")).toBe("Straße");
        expect(await found("οδος")).toBe("ΟΔΟΣΑ");
        expect(await found("ＣＡＦÉ")).toBe("CAFÉ Zoë");
        expect(await found("cafe")).toBe("");
      });
    });

    describe("idempotency key", () => {
      it(
        verifies("expenses.idempotent", "stores a repetition once and gives back the first"),
        async () => {
          const user = person();
          const first = await add(user, {}, { idempotencyKey: "key 1" });
          const again = await add(user, {}, { idempotencyKey: "key 1", now: noon + 60_000 });

          expect(again).toEqual({ kind: "already-added", expense: first.expense });
          expect(await all(user)).toEqual([first.expense]);
        },
      );

      it.each<Partial<NewExpense>>([
        { date: "2026-11-19" },
        { minorUnits: 1251 },
        { currency: "EUR" },
        { category: "other" },
        { description: "lunch" },
        { paymentMethod: "cash" },
      ])(
        verifies("expenses.idempotent-differs", "tells a repetition that differs: %o"),
        async (difference) => {
          const user = person();
          const first = await add(user, {}, { idempotencyKey: "key" });
          const again = await add(user, difference, { idempotencyKey: "key" });

          expect(again).toEqual({ kind: "differs", expense: first.expense });
          expect(await all(user)).toEqual([first.expense]);
        },
      );

      it(
        verifies("expenses.idempotent", "stores one of twenty that come at the same time"),
        async () => {
          const user = person();
          const outcomes = await Promise.all(
            Array.from({ length: 20 }, (_, index) =>
              add(user, {}, { idempotencyKey: "key", now: noon + index }),
            ),
          );
          const kinds = outcomes.map(({ kind }) => kind).sort();
          expect(kinds).toEqual(["added", ...Array<string>(19).fill("already-added")]);
          const stored = await all(user);
          expect(stored).toHaveLength(1);
          for (const { expense } of outcomes) expect(expense).toEqual(stored[0]);
        },
      );

      it("takes any printable key", async () => {
        const user = person();
        const keys = ["a", "A", "a/b?c#d\\e", "x".repeat(128), " a"];
        for (const idempotencyKey of keys) {
          expect((await add(user, {}, { idempotencyKey })).kind).toBe("added");
        }
        expect(await all(user)).toHaveLength(keys.length);
      });

      it("stores equal expenses without a key as often as they are added", async () => {
        const user = person();
        await addAll(user, [{}, {}]);
        expect(await all(user)).toHaveLength(2);
      });
    });

    describe("deletion", () => {
      it(
        verifies("expenses.deleted", "removes one expense and gives back what it was"),
        async () => {
          const user = person();
          const [first, second] = await addAll(user, [{ description: "1" }, { description: "2" }]);
          const found = { id: first?.id, expense: first };
          expect(value(await store.find(user, String(first?.id)))).toEqual(found);
          expect(value(await store.delete(user, String(first?.id), whatever))).toEqual(found);

          expect(await all(user)).toEqual([second]);
          expect(value(await store.find(user, String(first?.id)))).toBeUndefined();
          expect(value(await store.delete(user, String(first?.id), whatever))).toBeUndefined();
        },
      );

      it(verifies("expenses.deleted", "reaches nobody else's expense"), async () => {
        const [one, two] = [person(), person()];
        const { expense } = await add(one);
        expect(value(await store.find(two, expense.id))).toBeUndefined();
        expect(value(await store.delete(two, expense.id, whatever))).toBeUndefined();
        expect(await all(one)).toEqual([expense]);
      });

      it(verifies("expenses.deleted", "gives the expense to one of twenty"), async () => {
        const user = person();
        const { expense } = await add(user);
        const outcomes = await Promise.all(
          Array.from({ length: 20 }, () => store.delete(user, expense.id, whatever)),
        );
        expect(outcomes.map(value).filter((deleted) => deleted !== undefined)).toEqual([
          { id: expense.id, expense },
        ]);
      });

      it(
        verifies("expenses.deleted-key", "frees the idempotency key that it was added with"),
        async () => {
          const user = person();
          const { expense } = await add(user, {}, { idempotencyKey: "key" });
          await store.delete(user, expense.id, whatever);
          const anew = await add(user, { minorUnits: 99 }, { idempotencyKey: "key" });
          expect(anew).toMatchObject({ kind: "added", expense: { minorUnits: 99 } });
          expect(await all(user)).toEqual([anew.expense]);
        },
      );

      it(
        verifies("expenses.deleted", "leaves what took the expense's place since it was read"),
        async () => {
          const user = person();
          const { expense } = await add(user, {}, { idempotencyKey: "key" });
          meanwhile = async ({ method }) => {
            if (method !== "DELETE") return;
            const other = { ...lunch, description: "another" };
            await container.items.upsert(storedFrom(user, expense.id, other, noon + 1));
          };
          expect(value(await store.delete(user, expense.id, whatever))).toBeUndefined();
          expect(await descriptions(user, {})).toEqual(["another"]);
          meanwhile = async () => undefined;
        },
      );

      it(verifies("expenses.deleted", "leaves what is not meant, though its id is"), async () => {
        const user = person();
        const { expense } = await add(user, {}, { idempotencyKey: "key" });
        const judged: FoundExpense[] = [];
        const isMeant = (found: FoundExpense) => {
          judged.push(found);
          return found.expense?.minorUnits !== expense.minorUnits;
        };
        expect(value(await store.delete(user, expense.id, isMeant))).toBeUndefined();
        expect(judged).toEqual([{ id: expense.id, expense }]);
        expect(await all(user)).toEqual([expense]);
      });

      it("states the person's partition in every request", async () => {
        const user = person();
        const { expense } = await add(user);
        requests.length = 0;
        await store.delete(user, expense.id, whatever);
        expect(requests.map(({ method, partitionKey }) => [method, partitionKey])).toEqual([
          ["GET", JSON.stringify([user])],
          ["DELETE", JSON.stringify([user])],
        ]);
      });

      it(
        verifies("expenses.unreadable", "finds and deletes what is no expense it knows"),
        async () => {
          const user = person();
          const { id } = storedFrom(user, randomUUID(), lunch, noon);
          await container.items.create({ id, userId: user, type: "expense", schemaVersion: 2 });
          expect(value(await store.find(user, id))).toEqual({ id });
          expect(value(await store.delete(user, id, () => false))).toBeUndefined();
          expect(value(await store.delete(user, id, whatever))).toEqual({ id });
          expect(value(await store.find(user, id))).toBeUndefined();
        },
      );
    });

    describe("statistics", () => {
      // Days that no other test uses.
      const range = { from: "2099-06-01", to: "2099-06-30" };

      it(
        verifies(
          "expenses.statistics",
          "adds up everyone's expenses per currency and category, exactly",
        ),
        async () => {
          const [one, two] = [person(), person()];
          const june = { date: range.from };
          const yen = { currency: "JPY", decimals: 0 };
          await addAll(one, [
            { ...june, minorUnits: 10 },
            { ...june, minorUnits: 20 },
            { ...june, minorUnits: 5, category: "gadget" },
            { ...june, minorUnits: 4, isRefund: true },
            { ...june, ...yen, minorUnits: 999_999_999_999 },
            { date: "2099-05-31", minorUnits: 7 },
          ]);
          await addAll(two, [
            { date: range.to, minorUnits: 999_999_999_999 },
            { ...june, ...yen, minorUnits: 999_999_999_999 },
            { ...june, currency: "KWD", decimals: 3, minorUnits: 1, category: "other" },
            { date: "2099-07-01", minorUnits: 7 },
            { date: "2099-07-01", currency: "CHF" },
          ]);
          const sum = (currency: string, decimals: number, count: number, spent: bigint) => ({
            ...{ currency, decimals, count, spent, refunded: 0n },
          });
          const yenSum = sum("JPY", 0, 2, 1_999_999_999_998n);
          const dinars = sum("KWD", 3, 1, 1n);
          const dollars = { ...sum("USD", 2, 5, 1_000_000_000_034n), refunded: 4n };
          const food = { ...sum("USD", 2, 4, 1_000_000_000_029n), refunded: 4n };
          expect(value(await store.statistics(range))).toEqual({
            currencies: [
              { ...yenSum, categories: [{ category: "food", ...yenSum }] },
              { ...dinars, categories: [{ category: "other", ...dinars }] },
              {
                ...dollars,
                categories: [
                  { category: "food", ...food },
                  { category: "gadget", ...sum("USD", 2, 1, 5n) },
                ],
              },
            ],
            unreadable: 0,
          });
        },
      );

      it(
        verifies(
          "expenses.statistics-exact",
          "adds beyond what a double holds, and across decimals",
        ),
        async () => {
          const user = person();
          const large = Number.MAX_SAFE_INTEGER;
          await addAll(user, [
            { date: range.from, minorUnits: large },
            { date: range.from, minorUnits: large },
            { date: range.from, minorUnits: 1, decimals: 3 },
          ]);
          const spent = 2n * BigInt(large) * 10n + 1n;
          const sum = { currency: "USD", decimals: 3, count: 3, spent, refunded: 0n };
          expect(value(await store.statistics(range)).currencies).toEqual([
            { ...sum, categories: [{ category: "food", ...sum }] },
          ]);
        },
      );

      it(verifies("expenses.statistics-budget", "asks one query, whatever is stored"), async () => {
        const user = person();
        const june = { date: range.from };
        await addAll(
          user,
          ["EUR", "USD", "JPY", "KWD", "CHF"].flatMap((currency) =>
            categories.map((category) => ({ ...june, currency, category })),
          ),
        );
        requests.length = 0;
        expect(value(await store.statistics(range)).currencies).toHaveLength(5);
        const queries = requests.map(({ body }) => body.query);
        expect(new Set(queries).size).toBe(1);
        expect(queries.length).toBeLessThanOrEqual(2);
      });

      it(
        verifies(
          "expenses.statistics-budget",
          "counts the newest of too many, and says back to when",
        ),
        async () => {
          const user = person();
          await addAll(user, [
            { date: "2099-06-01" },
            { date: "2099-06-03" },
            { date: "2099-06-02" },
          ]);
          const counted = async (atMost: number) => {
            const { currencies, countedBackTo } = value(await store.statistics(range, { atMost }));
            return [currencies[0]?.count, countedBackTo];
          };
          expect(await counted(2)).toEqual([2, "2099-06-02"]);
          expect(await counted(3)).toEqual([3, undefined]);
        },
      );

      it(
        verifies("expenses.unreadable", "counts what it cannot read apart from the sums"),
        async () => {
          const user = person();
          await add(user, { date: range.from });
          const item = storedFrom(user, randomUUID(), { ...lunch, date: range.to }, noon);
          await container.items.create({ ...item, minorUnits: "1250" });
          expect(value(await store.statistics(range))).toMatchObject({
            currencies: [{ currency: "USD", count: 1, spent: 1250n }],
            unreadable: 1,
          });
        },
      );

      it("is open to either side", async () => {
        const user = person();
        await addAll(user, [{ date: "2099-06-01" }, { date: "2099-06-02" }]);
        const counts = async (asked: { from?: string; to?: string }) => {
          const usd = value(await store.statistics(asked)).currencies.find(
            ({ currency }) => currency === "USD",
          );
          return usd?.count ?? 0;
        };
        expect(await counts({ from: "2099-06-02" })).toBe(1);
        expect((await counts({})) - (await counts({ to: "2099-06-01" }))).toBe(1);
      });

      it("is empty where there is nothing", async () => {
        expect(value(await store.statistics(range))).toEqual({ currencies: [], unreadable: 0 });
      });
    });

    it(
      verifies("expenses.unreadable", "names among the others what is no expense it knows"),
      async () => {
        const user = person();
        const days = ["2026-11-22", "2026-11-21", "2026-11-20", "2026-11-19"];
        const items = days.map((date) => storedFrom(user, date, { ...lunch, date }, noon));
        for (const [index, item] of items.entries()) {
          const isUnreadable = index === 0 || index === 2;
          await container.items.create(isUnreadable ? { ...item, schemaVersion: 2 } : item);
        }
        // On pages of one, each is alone, and is followed by the rest all the same.
        for (const limit of [10, 3, 1]) {
          const seen: string[] = [];
          let after: Position | undefined;
          do {
            const page = value(await store.list(user, {}, { limit, after }));
            seen.push(
              ...page.expenses.map(({ id }) => id),
              ...page.unreadable.map((id) => `?${id}`),
            );
            after = page.next;
          } while (after !== undefined);
          expect(seen.sort()).toEqual([`?${days[2]}`, `?${days[0]}`, days[3], days[1]].sort());
        }
      },
    );

    it(
      verifies("expenses.read-as-written", "does not judge again what was accepted once"),
      async () => {
        const user = person();
        const { decimals: _none, ...old } = storedFrom(user, "1", lunch, noon);
        const outdated = {
          currency: "HRK",
          category: "travel",
          paymentMethod: "cheque",
          date: "1999-12-31",
          description: "Taxi a\ufe0f\u200b\ufe0f ",
        };
        await container.items.create({ ...old, ...outdated, sortKey: "1999-12-31|" });
        const { createdAt, version } = old;
        const kept = { ...lunch, ...outdated, id: "1", createdAt, version, receipts: [] };
        expect(await all(user)).toEqual([kept]);
        expect(value(await store.find(user, "1"))).toEqual({ id: "1", expense: kept });
        const range = { from: "1999-12-31", to: "1999-12-31" };
        expect(value(await store.statistics(range))).toMatchObject({
          currencies: [{ currency: "HRK", decimals: 2, spent: 1250n }],
          unreadable: 0,
        });
      },
    );

    it(
      verifies("expenses.read-as-written", "keeps the decimals that an amount was written with"),
      async () => {
        const user = person();
        await add(user, { currency: "ISK", minorUnits: 1250, decimals: 2 });
        expect(await all(user)).toMatchObject([{ minorUnits: 1250, decimals: 2 }]);
        const key = { idempotencyKey: "key" };
        await add(user, { currency: "ISK", minorUnits: 1200, decimals: 2 }, key);
        const again = await add(user, { currency: "ISK", minorUnits: 12, decimals: 0 }, key);
        expect(again.kind).toBe("already-added");
      },
    );
  });
}

function matches(expense: Expense, filters: ExpenseFilters): boolean {
  const { from = "0000", to = "9999", categories, paymentMethods, text = "" } = filters;
  return (
    expense.date >= from &&
    expense.date <= to &&
    (!categories || categories.some((category) => category === expense.category)) &&
    (!paymentMethods || paymentMethods.some((method) => method === expense.paymentMethod)) &&
    expense.description.toLowerCase().includes(text.toLowerCase())
  );
}

/**
 * The request, where it reaches items. The SDK also asks for each query's plan, which is worked out
 * from its text alone.
 */
function itemRequest(request: PipelineRequest): ItemRequest | undefined {
  const { headers, method, url, body } = request;
  if (!/\/docs(\/|$)/.test(new URL(url).pathname)) return undefined;
  if (headers.has("x-ms-cosmos-is-query-plan-request")) return undefined;
  return {
    method,
    partitionKey: headers.get("x-ms-documentdb-partitionkey"),
    body: typeof body === "string" ? JSON.parse(body) : {},
  };
}

async function removeAll(container: Container, userId: string): Promise<void> {
  const { resources } = await container.items
    .query<string>(
      {
        query: "SELECT VALUE c.id FROM c WHERE c.userId = @userId",
        parameters: [{ name: "@userId", value: userId }],
      },
      { partitionKey: userId },
    )
    .fetchAll();
  for (const id of resources) await container.item(id, userId).delete();
}
