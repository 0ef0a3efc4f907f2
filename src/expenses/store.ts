import type { Result } from "../core/result.ts";
import { type StoreFailure, storeToolFailures } from "../storage/failure.ts";
import type { Expense, ExpenseFilters, NewExpense } from "./expense.ts";

/**
 * Keeps expenses. Everything but {@link statistics} reaches the expenses of one person only, named
 * by `userId`: their object id, from a verified access token.
 */
export interface ExpenseStore {
  /**
   * Stores an expense. With an idempotency key, a repetition stores nothing and says whether it
   * tells the same as what is stored.
   */
  add(
    userId: string,
    expense: NewExpense,
    options: AddOptions,
  ): Promise<Result<AddOutcome, StoreFailure>>;

  /**
   * One page of expenses, newest first: by date, within a day by when they were added. Pages neither
   * lose nor repeat an expense while others are added.
   */
  list(
    userId: string,
    filters: ExpenseFilters,
    page: PageOptions,
  ): Promise<Result<ExpensePage, StoreFailure>>;

  /** The expense with this id, if the person has one; it may be unreadable. */
  find(
    userId: string,
    id: string,
    options?: CallOptions,
  ): Promise<Result<FoundExpense | undefined, StoreFailure>>;

  /**
   * Deletes an expense for good and gives back what it was, or nothing where the person has none with
   * this id that `isMeant`. An idempotency key that it was added with is free again: what is added
   * with it next is a new expense, under the same id.
   *
   * @param isMeant judges what would be deleted, since an id alone may name another expense by now
   */
  delete(
    userId: string,
    id: string,
    isMeant: (found: FoundExpense) => boolean,
    options?: CallOptions,
  ): Promise<Result<FoundExpense | undefined, StoreFailure>>;

  /** What everyone together spent, per currency and category: for administrators. */
  statistics(
    range: DateRange,
    options?: StatisticsOptions,
  ): Promise<Result<Statistics, StoreFailure>>;
}

export interface CallOptions {
  readonly signal?: AbortSignal;
}

export interface AddOptions extends CallOptions {
  /** 1 to 128 characters, unique to one person only. */
  readonly idempotencyKey?: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

export type AddOutcome =
  | { readonly kind: "added"; readonly expense: Expense }
  /** The key has been used for the same expense; this is it. */
  | { readonly kind: "already-added"; readonly expense: Expense }
  /** The key has been used for another expense; this is it, unchanged. */
  | { readonly kind: "differs"; readonly expense: Expense };

/** Where a page ended. Opaque to all but the store that gave it. */
export type Position = string;

export interface PageOptions extends CallOptions {
  /** At most so many expenses: a whole number from 1 to {@link largestPage}. */
  readonly limit: number;
  /** Continue behind this position. */
  readonly after?: Position;
}

export const largestPage = 100;

export interface ExpensePage {
  readonly expenses: readonly Expense[];
  /** Ids of what is stored among them and is no expense that this version knows. */
  readonly unreadable: readonly string[];
  /** Absent on the last page. */
  readonly next?: Position;
}

/** An expense by its id; without `expense` where it is none that this version knows. */
export interface FoundExpense {
  readonly id: string;
  readonly expense?: Expense;
}

export interface DateRange {
  /** Earliest `YYYY-MM-DD`, inclusive. */
  readonly from?: string;
  /** Latest `YYYY-MM-DD`, inclusive. */
  readonly to?: string;
}

export interface Sum {
  readonly count: number;
  /** Exact, however many expenses there are. */
  readonly minorUnits: bigint;
}

export interface CurrencyStatistics extends Sum {
  /** ISO 4217. */
  readonly currency: string;
  /** How many decimals the minor unit stands for. */
  readonly decimals: number;
  /** The categories that have expenses. */
  readonly categories: readonly (Sum & { readonly category: string })[];
}

export interface Statistics {
  readonly currencies: readonly CurrencyStatistics[];
  /** How many are stored that this version does not know: they are in no sum. */
  readonly unreadable: number;
  /** Where there are too many: the newest are counted, and the last of them is of this day. */
  readonly countedBackTo?: string;
}

export interface StatisticsOptions extends CallOptions {
  /** Count so many expenses at most. */
  readonly atMost?: number;
}

/** How many expenses one question for statistics counts: what it costs has a limit. */
export const largestCount = 50_000;

/** A failure of the store as a tool's. */
export const storeToolFailure = storeToolFailures({
  all: "The expenses",
  one: "expense",
});
