import { createHash, randomUUID } from "node:crypto";
import { failure, type Result, success } from "../../core/result.ts";
import type { ItemVersion, StoreFailure } from "../../storage/failure.ts";
import { type OpenContainer, readableOf, UserItems } from "../../storage/user-items.ts";
import type { Expense, NewExpense } from "../expense.ts";
import type { ExpenseFilters } from "../expense-filters.ts";
import type { Receipt } from "../receipt.ts";
import { cosmosFigures } from "./cosmos-figures.ts";
import { filterConditions, orderBy } from "./cosmos-filters.ts";
import { expenseQuery } from "./cosmos-query.ts";
import { cosmosStatistics } from "./cosmos-statistics.ts";
import { CosmosUpdates } from "./cosmos-updates.ts";
import { positionOf } from "./position.ts";
import {
  type AddOptions,
  type AddOutcome,
  type CallOptions,
  type DateRange,
  type ExpensePage,
  type ExpenseStore,
  type FiguresFound,
  type FiguresOptions,
  type FoundExpense,
  largestPage,
  type PageOptions,
  type Statistics,
  type StatisticsOptions,
  type UpdateOptions,
  type UpdateOutcome,
} from "./store.ts";
import {
  expenseOf,
  type StoredExpense,
  storedExpense,
  storedFrom,
  tellsTheSame,
  wasAddedAs,
} from "./stored-expense.ts";

/** How often an add is tried anew, where others delete what is there under its key. */
const addAttempts = 5;

/**
 * Expenses in the Cosmos DB container that `domain.ts` defines, each in the partition of the
 * person it belongs to. Every query filters on that person as well, since not every emulator heeds the
 * partition of a query.
 */
export class CosmosExpenseStore implements ExpenseStore {
  readonly #open: OpenContainer;
  readonly #items: UserItems<StoredExpense>;
  readonly #updates: CosmosUpdates;

  constructor(open: OpenContainer) {
    this.#open = open;
    this.#items = new UserItems(open, storedExpense);
    this.#updates = new CosmosUpdates(this.#items);
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

    for (let attempt = 0; attempt < addAttempts; attempt += 1) {
      const created = await this.#items.create(item, signal);
      if (!created.ok) return created;
      // Nobody else makes a random id: the SDK repeated a write whose answer was lost.
      if (created.value === "created" || idempotencyKey === undefined) {
        return success({ kind: "added", expense: expenseOf(item) });
      }
      const stored = await this.#items.find(userId, id, signal);
      if (!stored.ok) return stored;
      if (stored.value) return success(repeated(stored.value.item, item, expense));
      // It was deleted in between, so that its key is free again.
    }
    return failure({ kind: "unavailable", cause: "an item that exists was not found" });
  }

  /**
   * Request charge: one query in one partition, which seeks in the index and loads one page. A text
   * filter scans the index of the descriptions.
   */
  async list(
    userId: string,
    filters: ExpenseFilters,
    { limit, order = "date", after, signal }: PageOptions,
  ): Promise<Result<ExpensePage, StoreFailure>> {
    if (!Number.isInteger(limit) || limit < 1 || limit > largestPage) {
      throw new RangeError(`A page holds 1 to ${largestPage} expenses.`);
    }
    if (order === "amount" && filters.currency === undefined) {
      throw new RangeError("Amounts of different currencies have no order.");
    }
    if (after && after.order !== order) throw new RangeError("This position is of another order.");
    // One more than the page holds shows whether there is another.
    const take = limit + 1;
    const query = expenseQuery(
      `TOP ${take} *`,
      filterConditions(userId, filters, after),
      orderBy(order),
    );
    const found = await this.#items.query(userId, query, { maxItemCount: take, signal });
    if (!found.ok) return found;
    const page = found.value.slice(0, limit);
    const positions = page.map((read) => {
      const { sortKey, minorUnits } = read.ok ? read.value : read.reason.stored;
      return positionOf(order, sortKey, minorUnits);
    });
    const last = positions.findLast((position) => position !== undefined);
    const { items, unreadable } = readableOf(page);
    return success({
      expenses: items.map(expenseOf),
      unreadable,
      ...(found.value.length > limit && last ? { next: last } : {}),
    });
  }

  figures(
    userId: string,
    filters: ExpenseFilters,
    options?: FiguresOptions,
  ): Promise<Result<FiguresFound, StoreFailure>> {
    return cosmosFigures(this.#items, userId, filters, options);
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

  /** Request charge: a point read and a write. */
  update(
    userId: string,
    id: string,
    update: UpdateOptions,
  ): Promise<Result<UpdateOutcome | undefined, StoreFailure>> {
    return this.#updates.update(userId, id, update);
  }

  /** Request charge: a point read and a write, and as much again for each change that comes between. */
  changeReceipts(
    userId: string,
    id: string,
    change: (receipts: readonly Receipt[]) => readonly Receipt[] | undefined,
    options?: CallOptions,
  ): Promise<Result<Expense | undefined, StoreFailure>> {
    return this.#updates.changeReceipts(userId, id, change, options);
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

/** What a repeated add finds under its key. */
function repeated(stored: StoredExpense, item: StoredExpense, expense: NewExpense): AddOutcome {
  const existing = expenseOf(stored);
  // The SDK repeated a write whose answer was lost.
  if (stored.version === item.version) return { kind: "added", expense: existing };
  if (tellsTheSame(existing, expense)) return { kind: "already-added", expense: existing };
  const kind = wasAddedAs(stored, expense) ? "changed-since" : "differs";
  return { kind, expense: existing };
}

/**
 * The same key gives the same person the same id, so that Cosmos DB itself refuses the repetition,
 * however many instances are at it. A hash, since a key may hold what an id must not.
 */
function idOfKey(userId: string, idempotencyKey: string): string {
  return createHash("sha256").update(`${userId}\n${idempotencyKey}`).digest("base64url");
}
