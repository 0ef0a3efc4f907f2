import { createHash, randomUUID } from "node:crypto";
import { failure, type Result, success } from "../core/result.ts";
import type { ItemVersion, StoreFailure, UnreadableItem } from "../storage/failure.ts";
import { type OpenContainer, readableOf, UserItems } from "../storage/user-items.ts";
import { type Condition, dateConditions, expenseQuery } from "./cosmos-query.ts";
import { cosmosStatistics } from "./cosmos-statistics.ts";
import type { ExpenseFilters, NewExpense } from "./expense.ts";
import {
  type AddOptions,
  type AddOutcome,
  type CallOptions,
  type DateRange,
  type ExpensePage,
  type ExpenseStore,
  type FoundExpense,
  largestPage,
  type PageOptions,
  type Position,
  type Statistics,
  type StatisticsOptions,
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
    const page = found.value.slice(0, limit);
    const last = page.map(positionOf).findLast((position) => position !== undefined);
    const { items, unreadable } = readableOf(page);
    return success({
      expenses: items.map(expenseOf),
      unreadable,
      ...(found.value.length > limit && last ? { next: last } : {}),
    });
  }

  /** Request charge: a point read. */
  async find(
    userId: string,
    id: string,
    { signal }: CallOptions = {},
  ): Promise<Result<FoundExpense | undefined, StoreFailure>> {
    const read = await this.#read(userId, id, signal);
    return read.ok ? success(read.value?.found) : read;
  }

  /**
   * Request charge: a point read and a delete, which takes place only while the item is what was
   * read and judged: another deletion, or an expense added anew under the same key, makes it gone.
   */
  async delete(
    userId: string,
    id: string,
    isMeant: (found: FoundExpense) => boolean,
    { signal }: CallOptions = {},
  ): Promise<Result<FoundExpense | undefined, StoreFailure>> {
    const read = await this.#read(userId, id, signal);
    if (!read.ok) return read;
    if (!read.value || !isMeant(read.value.found)) return success(undefined);
    const deleted = await this.#items.delete(read.value.version, signal);
    if (!deleted.ok) return deleted;
    return success(deleted.value ? read.value.found : undefined);
  }

  statistics(
    range: DateRange,
    options: StatisticsOptions = {},
  ): Promise<Result<Statistics, StoreFailure>> {
    return cosmosStatistics(this.#open, range, options);
  }

  /** What cannot be read is found all the same, so that its owner can delete it. */
  async #read(
    userId: string,
    id: string,
    signal: AbortSignal | undefined,
  ): Promise<Result<{ found: FoundExpense; version: ItemVersion } | undefined, StoreFailure>> {
    const stored = await this.#items.find(userId, id, signal);
    if (stored.ok) {
      const version = stored.value;
      return success(version && { found: { id, expense: expenseOf(version.item) }, version });
    }
    if (stored.reason.kind !== "unreadable-item") return stored;
    return success({ found: { id }, version: stored.reason });
  }
}

function positionOf(stored: Result<StoredExpense, UnreadableItem>): Position | undefined {
  const { sortKey } = stored.ok ? stored.value : stored.reason.stored;
  return typeof sortKey === "string" ? sortKey : undefined;
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
