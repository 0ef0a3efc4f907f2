import { randomUUID } from "node:crypto";
import { createDefaultHttpClient, type PipelineRequest } from "@azure/core-rest-pipeline";
import type { Container } from "@azure/cosmos";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { CosmosExpenseStore } from "../../src/expenses/cosmos-store.ts";
import {
  categories,
  type Expense,
  type ExpenseFilters,
  type NewExpense,
  paymentMethods,
} from "../../src/expenses/expense.ts";
import type { AddOutcome, Position } from "../../src/expenses/store.ts";
import { storedFrom } from "../../src/expenses/stored-expense.ts";
import { verifies } from "../requirements.ts";
import type { CosmosBackEnd } from "../storage/cosmos-emulator.ts";
import { value } from "../support/value.ts";

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
  currency: "USD",
  category: "food",
  description: "Lunch",
  paymentMethod: "visa",
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
        expense: { ...lunch, id: expect.any(String), createdAt: "2026-11-21T12:00:00.000Z" },
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
            category: "food",
            paymentMethod: "visa",
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
        { category: "transport" },
        { paymentMethod: "cash" },
        { text: "coffee" },
        { category: "food", paymentMethod: "visa" },
        { category: "food", text: "coffee" },
        { from: "2026-11-01", paymentMethod: "amex", text: "COFFEE" },
        { from: "2026-11-01", to: "2026-11-02", category: "food", paymentMethod: "cash" },
        { from: "2026-11-03", to: "2026-12-31", category: "gadget", text: "tea" },
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
          expect(value(await store.find(user, String(first?.id)))).toEqual(first);
          expect(value(await store.delete(user, String(first?.id), whatever))).toEqual(first);

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
        expect(outcomes.map(value).filter((deleted) => deleted !== undefined)).toEqual([expense]);
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
        const judged: Expense[] = [];
        const isMeant = (found: Expense) => {
          judged.push(found);
          return found.minorUnits !== expense.minorUnits;
        };
        expect(value(await store.delete(user, expense.id, isMeant))).toBeUndefined();
        expect(judged).toEqual([expense]);
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
        verifies("expenses.unreadable", "leaves a stored item that is no expense it knows"),
        async () => {
          const user = person();
          const item = storedFrom(user, randomUUID(), lunch, noon);
          await container.items.create({ ...item, schemaVersion: 2 });
          const reason = { kind: "unreadable-item", properties: ["schemaVersion"] };
          expect(await store.find(user, item.id)).toEqual({ ok: false, reason });
          expect(await store.delete(user, item.id, whatever)).toEqual({ ok: false, reason });
          const { resource } = await container.item(item.id, user).read();
          expect(resource).toMatchObject({ schemaVersion: 2 });
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
          await addAll(one, [
            { ...june, minorUnits: 10 },
            { ...june, minorUnits: 20 },
            { ...june, minorUnits: 5, category: "gadget" },
            { ...june, currency: "JPY", minorUnits: 999_999_999_999 },
            { date: "2099-05-31", minorUnits: 7 },
          ]);
          await addAll(two, [
            { date: range.to, minorUnits: 999_999_999_999 },
            { ...june, currency: "JPY", minorUnits: 999_999_999_999 },
            { ...june, currency: "KWD", minorUnits: 1, category: "other" },
            { date: "2099-07-01", minorUnits: 7 },
            { date: "2099-07-01", currency: "CHF" },
          ]);
          expect(value(await store.statistics(range))).toEqual([
            {
              currency: "JPY",
              count: 2,
              minorUnits: 1_999_999_999_998,
              categories: [{ category: "food", count: 2, minorUnits: 1_999_999_999_998 }],
            },
            {
              currency: "KWD",
              count: 1,
              minorUnits: 1,
              categories: [{ category: "other", count: 1, minorUnits: 1 }],
            },
            {
              currency: "USD",
              count: 4,
              minorUnits: 1_000_000_000_034,
              categories: [
                { category: "food", count: 3, minorUnits: 1_000_000_000_029 },
                { category: "gadget", count: 1, minorUnits: 5 },
              ],
            },
          ]);
        },
      );

      it("is open to either side", async () => {
        const user = person();
        await addAll(user, [{ date: "2099-06-01" }, { date: "2099-06-02" }]);
        const counts = async (asked: { from?: string; to?: string }) => {
          const usd = value(await store.statistics(asked)).find(
            ({ currency }) => currency === "USD",
          );
          return usd?.count ?? 0;
        };
        expect(await counts({ from: "2099-06-02" })).toBe(1);
        expect((await counts({})) - (await counts({ to: "2099-06-01" }))).toBe(1);
      });

      it("is empty where there is nothing", async () => {
        expect(value(await store.statistics(range))).toEqual([]);
      });
    });

    it(
      verifies("expenses.unreadable", "says so where a stored item is no expense it knows"),
      async () => {
        const user = person();
        const item = storedFrom(user, randomUUID(), lunch, noon);
        await container.items.create({ ...item, schemaVersion: 2, minorUnits: 0.5 });
        expect(await store.list(user, {}, { limit: 10 })).toEqual({
          ok: false,
          reason: {
            kind: "unreadable-item",
            properties: expect.arrayContaining(["schemaVersion", "minorUnits"]),
          },
        });
      },
    );
  });
}

function matches(expense: Expense, filters: ExpenseFilters): boolean {
  const { from = "0000", to = "9999", category, paymentMethod, text = "" } = filters;
  return (
    expense.date >= from &&
    expense.date <= to &&
    (category === undefined || expense.category === category) &&
    (paymentMethod === undefined || expense.paymentMethod === paymentMethod) &&
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
