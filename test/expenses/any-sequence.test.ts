import { isDeepStrictEqual } from "node:util";
import { createDefaultHttpClient } from "@azure/core-rest-pipeline";
import type { Container } from "@azure/cosmos";
import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { domain } from "../../src/expenses/domain.ts";
import {
  categories,
  type Expense,
  type NewExpense,
  paymentMethods,
} from "../../src/expenses/expense.ts";
import type { ExpenseFilters } from "../../src/expenses/expense-filters.ts";
import { csvFile, readMonth } from "../../src/expenses/exports/export-months.ts";
import { readStatement } from "../../src/expenses/statements/statement.ts";
import { CosmosExpenseStore } from "../../src/expenses/store/cosmos-store.ts";
import {
  type ExpenseOrder,
  type Position,
  positionBytes,
  positionFrom,
} from "../../src/expenses/store/position.ts";
import { sumsOf } from "../../src/expenses/summary/sums.ts";
import { verifies } from "../requirements.ts";
import { type CosmosBackEnd, startCosmosEmulator } from "../storage/cosmos-emulator.ts";
import { value } from "../support/value.ts";
import { firstVersionsItem, listed } from "./expense-model.ts";

let backEnd: CosmosBackEnd;
let container: Container;
let store: CosmosExpenseStore;

beforeAll(async () => {
  backEnd = await startCosmosEmulator(domain.containers.expenses);
  container = await backEnd.openContainer(createDefaultHttpClient());
  store = new CosmosExpenseStore(async () => container);
});

afterAll(() => backEnd.close());

const money = fc.oneof(
  fc.record({
    currency: fc.constantFrom("EUR", "USD"),
    decimals: fc.constant(2),
    minorUnits: fc.constantFrom(250, 300, 5000, 999_999_999_999),
  }),
  fc.record({
    currency: fc.constant("JPY"),
    decimals: fc.constant(0),
    minorUnits: fc.constantFrom(3, 250, 5000),
  }),
);
const told = fc
  .record({
    date: fc.constantFrom("2026-10-31", "2026-11-01", "2026-11-02"),
    category: fc.constantFrom(...categories.slice(0, 3)),
    description: fc.constantFrom("Coffee", "Iced coffee", "Taxi 3"),
    paymentMethod: fc.constantFrom(...paymentMethods.slice(2, 5)),
    isRefund: fc.boolean(),
    money,
  })
  .map(({ money: amount, ...others }) => ({ ...others, ...amount }));
const changes = fc.record(
  {
    date: fc.constantFrom("2026-10-30", "2026-11-02"),
    amount: fc.constantFrom(3, 50, 2.5),
    category: fc.constantFrom(...categories.slice(0, 2)),
    description: fc.constantFrom("Coffee", "Bus"),
    isRefund: fc.boolean(),
  },
  { requiredKeys: [] },
);
/** Several callers have the same person's expenses before them: which of them is one of so many. */
const which = fc.nat(5);
const step = fc.oneof(
  fc.record({ kind: fc.constant("add" as const), told, key: fc.option(fc.nat(2)) }),
  fc.record({ kind: fc.constant("add of the first version" as const), told }),
  fc.record({ kind: fc.constant("update" as const), which, changes }),
  fc.record({ kind: fc.constant("stale update" as const), which, changes }),
  fc.record({ kind: fc.constant("attach" as const), which }),
  fc.record({ kind: fc.constant("delete" as const), which }),
);
type Step = typeof step extends fc.Arbitrary<infer One> ? One : never;

const filters: fc.Arbitrary<ExpenseFilters> = fc.record(
  {
    from: fc.constantFrom("2026-10-31", "2026-11-02"),
    to: fc.constantFrom("2026-10-31", "2026-11-01"),
    categories: fc.uniqueArray(fc.constantFrom(...categories.slice(0, 3)), { minLength: 1 }),
    paymentMethods: fc.uniqueArray(fc.constantFrom(...paymentMethods), { minLength: 1 }),
    currency: fc.constantFrom("EUR", "JPY", "CHF"),
    amountFrom: fc.constantFrom(2.5, 2.501, 50),
    amountTo: fc.constantFrom(2.999, 3, 250),
    text: fc.constantFrom("coffee", "COFFEE ice", "3", "2.50 coffee", "taxi 250"),
  },
  { requiredKeys: [] },
);

/** What was acknowledged of one expense in a round of steps that ran at once. */
interface Written {
  readonly userId: string;
  readonly id: string;
  /** The version before, or the receipts before; undefined where it was added. */
  readonly from?: string | Expense["receipts"] | undefined;
  /** Undefined where it was deleted. */
  readonly to?: Expense | undefined;
}

async function carryOut(
  userId: string,
  one: Step,
  known: readonly Expense[],
  past: readonly Expense[],
  now: number,
): Promise<Written | undefined> {
  switch (one.kind) {
    case "add": {
      const key = one.key === null ? {} : { idempotencyKey: `key ${one.key}` };
      const { kind, expense } = value(await store.add(userId, one.told, { ...key, now }));
      return kind === "added" ? { userId, id: expense.id, to: expense } : undefined;
    }
    case "add of the first version": {
      const id = crypto.randomUUID();
      await container.items.create(firstVersionsItem(userId, id, one.told, now));
      const found = value(await store.find(userId, id));
      return { userId, id, to: found?.expense };
    }
    case "update":
    case "stale update": {
      const from = one.kind === "update" ? known : past;
      const expense = from[one.which % from.length];
      if (!expense) return undefined;
      const { id, version } = expense;
      const outcome = value(await store.update(userId, id, { version, changes: one.changes }));
      if (outcome?.kind === "updated") return { userId, id, from: version, to: outcome.expense };
      return undefined;
    }
    case "attach": {
      const expense = known[one.which % known.length];
      if (!expense) return undefined;
      let from: Expense["receipts"] = [];
      const receipt = { id: crypto.randomUUID(), mediaType: "image/png", bytes: 1, addedAt: "" };
      const changed = value(
        await store.changeReceipts(userId, expense.id, (receipts) => {
          from = receipts;
          return [...receipts, receipt];
        }),
      );
      if (!changed) return undefined;
      expect(changed.receipts).toEqual([...from, receipt]);
      return { userId, id: expense.id, from, to: changed };
    }
    case "delete": {
      const expense = known[one.which % known.length];
      if (!expense) return undefined;
      const { id } = expense;
      const deleted = value(await store.delete(userId, id, () => true));
      return deleted && { userId, id, from: deleted.expense?.version };
    }
  }
}

/** The state of an expense after the round: what was acknowledged has to be one line of states. */
function stateAfter(before: Expense | undefined, written: readonly Written[]): Expense | undefined {
  const unused = new Set(written);
  const take = (isNext: (one: Written) => boolean) => {
    const next = [...unused].find(isNext);
    if (next) unused.delete(next);
    return next;
  };
  const ends: (Expense | undefined)[] = [];
  for (let start = before ?? take(({ from }) => from === undefined)?.to; start; ) {
    let current: Expense | undefined = start;
    while (current) {
      const { version, receipts }: Expense = current;
      const next: Written | undefined =
        take(({ from }) => from === version) ??
        take(({ from }) => isDeepStrictEqual(from, receipts));
      if (!next) break;
      current = next.to;
    }
    ends.push(current);
    start = take(({ from }) => from === undefined)?.to;
  }
  expect([...unused]).toEqual([]);
  const left = ends.filter((end) => end !== undefined);
  expect(left.length).toBeLessThanOrEqual(1);
  return left[0];
}

async function pages(
  userId: string,
  asked: ExpenseFilters,
  order: ExpenseOrder,
  limit: number,
): Promise<Expense[]> {
  const seen: Expense[] = [];
  let at: Position | undefined;
  do {
    const page = value(await store.list(userId, asked, { limit, order, after: at }));
    expect(page.unreadable).toEqual([]);
    seen.push(...page.expenses);
    at = page.next && positionFrom(positionBytes(page.next));
  } while (at);
  return seen;
}

/** What a person told of an expense, without what the store added. */
function toldOf({ id: _id, createdAt: _at, version: _v, receipts: _r, ...rest }: Expense) {
  return rest;
}

/** What the CSV files of all months say, as it is read when they are imported. */
async function exported(userId: string): Promise<NewExpense[]> {
  const expenses: NewExpense[] = [];
  for (const month of ["2026-11", "2026-10"]) {
    const read = value(await readMonth(store, userId, { month }, AbortSignal.timeout(10_000)));
    const statement = readStatement({ text: csvFile(read) }, { defaultCurrency: "USD" });
    expect(statement.inDoubt).toEqual([]);
    expenses.push(...statement.lines.map(({ expense }) => expense));
  }
  return expenses;
}

it(
  verifies(
    [
      "expenses.any-sequence",
      "export.round-trip",
      "expenses.older-version",
      "expenses.filters-amounts",
    ],
    "agree with what was acknowledged, whatever was done at once",
  ),
  async () => {
    const rounds = fc.array(fc.array(fc.tuple(fc.nat(1), step), { minLength: 1, maxLength: 6 }), {
      minLength: 1,
      maxLength: 5,
    });
    const asked = fc.record({
      filters,
      order: fc.constantFrom("date", "added", "amount"),
      limit: fc.integer({ min: 1, max: 4 }),
    });
    await fc.assert(
      fc.asyncProperty(
        rounds,
        fc.array(asked, { minLength: 2, maxLength: 4 }),
        async (steps, questions) => {
          const people = [crypto.randomUUID(), crypto.randomUUID()];
          const now = new Map<string, Expense>();
          const past: Expense[] = [];
          const of = (userId: string) =>
            [...now].filter(([key]) => key.startsWith(userId)).map(([, expense]) => expense);
          let time = Date.parse("2026-11-20T12:00:00Z");
          for (const round of steps) {
            time += 1;
            const written = await Promise.all(
              round.map(([person, one]) => {
                const userId = String(people[person]);
                return carryOut(userId, one, of(userId), past, time);
              }),
            );
            const groups = Map.groupBy(
              written.filter((one) => one !== undefined),
              ({ userId, id }) => `${userId} ${id}`,
            );
            past.push(...now.values());
            for (const [key, ofOne] of groups) {
              const state = stateAfter(now.get(key), ofOne);
              if (state) now.set(key, state);
              else now.delete(key);
            }
          }
          for (const userId of people) {
            const expected = of(userId);
            const all = listed(expected, {}, "date");
            expect(await pages(userId, {}, "date", 100)).toEqual(all);
            expect(await exported(userId)).toEqual(all.map(toldOf));
            for (const { filters: stated, order, limit } of questions) {
              const given = order === "amount" ? { currency: "EUR", ...stated } : stated;
              const matching = listed(expected, given, order);
              expect(await pages(userId, given, order, limit)).toEqual(matching);
              const { figures, unreadable, cutAt } = value(await store.figures(userId, given));
              expect([unreadable, cutAt]).toEqual([0, undefined]);
              expect(sumsOf(figures)).toEqual(sumsOf(matching));
            }
          }
        },
      ),
      { numRuns: 12 },
    );
  },
);
