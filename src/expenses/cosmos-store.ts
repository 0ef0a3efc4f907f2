import { createHash, randomUUID } from "node:crypto";
import { failure, type Result, success } from "../core/result.ts";
import type { StoreFailure } from "../storage/failure.ts";
import { type OpenContainer, UserItems } from "../storage/user-items.ts";
import { type Condition, dateConditions, expenseQuery } from "./cosmos-query.ts";
import { cosmosStatistics } from "./cosmos-statistics.ts";
import type { Expense, ExpenseFilters, NewExpense } from "./expense.ts";
import {
  type AddOptions,
  type AddOutcome,
  type CallOptions,
  type CurrencyStatistics,
  type DateRange,
  type ExpensePage,
  type ExpenseStore,
  largestPage,
  type PageOptions,
  type Position,
} from "./store.ts";
import {
  expenseOf,
  type StoredExpense,
  searchTextOf,
  storedExpense,
  storedFrom,
  tellsTheSame,
} from "./stored-expense.ts";

/**
 * Expenses in the Cosmos DB container that `domain.ts` defines, each in the partition of the
 * person it belongs to. Every query filters on that person as well, since not every emulator heeds the
 * partition of a query.
 */
export class CosmosExpenseStore implements ExpenseStore {
  readonly #open: OpenContainer;
  readonly #items: UserItems<StoredExpense>;

  constructor(open: OpenContainer) {
    this.#open = open;
    this.#items = new UserItems(open, storedExpense);
  }

  /** Request charge: one write; a repetition, the refused write and a point read. */
  async add(
    userId: string,
    expense: NewExpense,
    options: AddOptions,
  ): Promise<Result<AddOutcome, StoreFailure>> {
    const { idempotencyKey, now, signal } = options;
    const id = idempotencyKey === undefined ? randomUUID() : idOfKey(userId, idempotencyKey);
    const item = storedFrom(userId, id, expense, now);

    const created = await this.#items.create(item, signal);
    if (!created.ok) return created;
    if (created.value === "created") return success({ kind: "added", expense: expenseOf(item) });

    // Nobody else makes this random id: the SDK repeated a write whose answer was lost.
    if (idempotencyKey === undefined) return success({ kind: "added", expense: expenseOf(item) });
    const stored = await this.#items.find(userId, id, signal);
    if (!stored.ok) return stored;
    if (!stored.value) {
      return failure({ kind: "unavailable", cause: "an item that exists was not found" });
    }
    const existing = expenseOf(stored.value.item);
    const kind = tellsTheSame(existing, expense) ? "already-added" : "differs";
    return success({ kind, expense: existing });
  }

  /**
   * Request charge: one query in one partition, which seeks in the index and loads one page. A text
   * filter scans the index of the descriptions.
   */
  async list(
    userId: string,
    filters: ExpenseFilters,
    { limit, after, signal }: PageOptions,
  ): Promise<Result<ExpensePage, StoreFailure>> {
    if (!Number.isInteger(limit) || limit < 1 || limit > largestPage) {
      throw new RangeError(`A page holds 1 to ${largestPage} expenses.`);
    }
    // One more than the page holds shows whether there is another.
    const take = limit + 1;
    const query = expenseQuery(
      `TOP ${take} *`,
      conditions(userId, filters, after),
      "c.sortKey DESC",
    );
    const found = await this.#items.query(userId, query, { maxItemCount: take, signal });
    if (!found.ok) return found;
    const stored = found.value;
    const expenses = stored.slice(0, limit);
    const last = expenses.at(-1);
    return success({
      expenses: expenses.map(expenseOf),
      ...(stored.length > limit && last ? { next: last.sortKey } : {}),
    });
  }

  /** Request charge: a point read. */
  async find(
    userId: string,
    id: string,
    { signal }: CallOptions = {},
  ): Promise<Result<Expense | undefined, StoreFailure>> {
    const stored = await this.#items.find(userId, id, signal);
    return stored.ok ? success(stored.value && expenseOf(stored.value.item)) : stored;
  }

  /**
   * Request charge: a point read and a delete, which takes place only while the item is what was
   * read and judged: another deletion, or an expense added anew under the same key, makes it gone.
   */
  async delete(
    userId: string,
    id: string,
    isMeant: (expense: Expense) => boolean,
    { signal }: CallOptions = {},
  ): Promise<Result<Expense | undefined, StoreFailure>> {
    const stored = await this.#items.find(userId, id, signal);
    if (!stored.ok) return stored;
    if (!stored.value) return success(undefined);
    const expense = expenseOf(stored.value.item);
    if (!isMeant(expense)) return success(undefined);
    const deleted = await this.#items.delete(stored.value, signal);
    if (!deleted.ok) return deleted;
    return success(deleted.value ? expense : undefined);
  }

  statistics(
    range: DateRange,
    options: CallOptions = {},
  ): Promise<Result<readonly CurrencyStatistics[], StoreFailure>> {
    return cosmosStatistics(this.#open, range, options.signal);
  }
}

function conditions(userId: string, filters: ExpenseFilters, after?: Position): Condition[] {
  const { category, paymentMethod, text } = filters;
  const stated: Condition[] = [
    { text: "c.userId = @userId", name: "@userId", value: userId },
    ...dateConditions(filters),
  ];
  if (category !== undefined) {
    stated.push({ text: "c.category = @category", name: "@category", value: category });
  }
  if (paymentMethod !== undefined) {
    const text = "c.paymentMethod = @paymentMethod";
    stated.push({ text, name: "@paymentMethod", value: paymentMethod });
  }
  if (text !== undefined) {
    const value = searchTextOf(text);
    stated.push({ text: "CONTAINS(c.searchText, @text)", name: "@text", value });
  }
  if (after !== undefined) {
    stated.push({ text: "c.sortKey < @after", name: "@after", value: after });
  }
  return stated;
}

/**
 * The same key gives the same person the same id, so that Cosmos DB itself refuses the repetition,
 * however many instances are at it. A hash, since a key may hold what an id must not.
 */
function idOfKey(userId: string, idempotencyKey: string): string {
  return createHash("sha256").update(`${userId}\n${idempotencyKey}`).digest("base64url");
}
