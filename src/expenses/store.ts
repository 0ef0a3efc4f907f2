import type { Result } from "../core/result.ts";
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

/** Why the store could not do what it was asked. Nothing in it is for the model but the kind. */
export type StoreFailure =
  /** Too many requests, after the client's own retries. */
  | { readonly kind: "throttled"; readonly retryAfterMilliseconds?: number }
  /** Out of reach. `cause` is for the log. */
  | { readonly kind: "unavailable"; readonly cause: string }
  /** The server may not do this: a role is missing. Waiting does not help. */
  | { readonly kind: "denied"; readonly cause: string }
  /** The call's signal was aborted. Whether a write took place is unknown. */
  | { readonly kind: "cancelled" }
  /** A stored item is not an expense as this version of the server knows it. */
  | { readonly kind: "unreadable-item"; readonly properties: readonly string[] };

/** What to tell the model of a failure. */
export function storeFailureText(failure: StoreFailure): string {
  switch (failure.kind) {
    case "throttled": {
      const { retryAfterMilliseconds } = failure;
      if (retryAfterMilliseconds === undefined) {
        return "The expenses are asked for too often right now. Try again in a few seconds.";
      }
      const seconds = Math.max(1, Math.ceil(retryAfterMilliseconds / 1000));
      return `The expenses are asked for too often right now. Try again in ${seconds} s.`;
    }
    case "unavailable":
      return "The expenses cannot be reached right now. Try again in a minute.";
    case "denied":
      return "This server is not allowed to reach the expenses. Tell the people who run it.";
    case "cancelled":
      return "The expenses did not answer in time. Try again; repeat an added expense with the same idempotency_key.";
    case "unreadable-item":
      return "A stored expense cannot be read. Tell the people who run this server.";
  }
}
