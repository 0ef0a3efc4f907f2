import type { Result } from "../core/result.ts";
import { type StoreFailure, storeToolFailures } from "../storage/failure.ts";
import type { Category, Expense, ExpenseFilters, NewExpense } from "./expense.ts";

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

  /** The expense with this id, if the person has one. */
  find(
    userId: string,
    id: string,
    options?: CallOptions,
  ): Promise<Result<Expense | undefined, StoreFailure>>;

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
    isMeant: (expense: Expense) => boolean,
    options?: CallOptions,
  ): Promise<Result<Expense | undefined, StoreFailure>>;

  /** What everyone together spent, per currency and category: for administrators. */
  statistics(
    range: DateRange,
    options?: CallOptions,
  ): Promise<Result<readonly CurrencyStatistics[], StoreFailure>>;
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
  /** Absent on the last page. */
  readonly next?: Position;
}

export interface DateRange {
  /** Earliest `YYYY-MM-DD`, inclusive. */
  readonly from?: string;
  /** Latest `YYYY-MM-DD`, inclusive. */
  readonly to?: string;
}

export interface Sum {
  readonly count: number;
  /** In the currency's minor unit; exact up to 2^53 - 1. */
  readonly minorUnits: number;
}

export interface CurrencyStatistics extends Sum {
  /** ISO 4217. */
  readonly currency: string;
  /** The categories that have expenses. */
  readonly categories: readonly (Sum & { readonly category: Category })[];
}

/** A failure of the store as a tool's. */
export const storeToolFailure = storeToolFailures({
  all: "The expenses",
  one: "expense",
});
