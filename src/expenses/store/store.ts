import { type Failure, failure, type Result } from "../../core/result.ts";
import type { ToolFailure } from "../../mcp/tool.ts";
import { type StoreFailure, storeToolFailures } from "../../storage/failure.ts";
import type { Expense, NewExpense } from "../expense.ts";
import type { ExpenseChanges } from "../expense-changes.ts";
import type { ExpenseFilters } from "../expense-filters.ts";
import type { AmountProblem } from "../money.ts";
import type { Receipt } from "../receipt.ts";
import type { CurrencySum, ExpenseFigures } from "../summary/sums.ts";
import type { ExpenseOrder, Position } from "./position.ts";

/**
 * Keeps expenses. Everything but {@link statistics} reaches the expenses of one person only, named
 * by `userId`: their object id, from a verified access token.
 */
export interface ExpenseStore {
  /**
   * Stores an expense. With an idempotency key, a repetition stores nothing and says whether it
   * tells the same as what is stored, or as what was added and has been changed since.
   */
  add(
    userId: string,
    expense: NewExpense,
    options: AddOptions,
  ): Promise<Result<AddOutcome, StoreFailure>>;

  /**
   * One page of expenses, in an order that is the same for all pages. Pages neither lose nor repeat
   * an expense while others are added.
   */
  list(
    userId: string,
    filters: ExpenseFilters,
    page: PageOptions,
  ): Promise<Result<ExpensePage, StoreFailure>>;

  /** What sums are made of, of all that match, the newest first, and at most {@link largestFigures}. */
  figures(
    userId: string,
    filters: ExpenseFilters,
    options?: FiguresOptions,
  ): Promise<Result<FiguresFound, StoreFailure>>;

  /** The expense with this id, if the person has one; it may be unreadable. */
  find(
    userId: string,
    id: string,
    options?: CallOptions,
  ): Promise<Result<FoundExpense | undefined, StoreFailure>>;

  /**
   * Changes an expense, only where it is still as it was read. The same update repeated changes nothing
   * more. Nothing where the person has no expense with this id.
   */
  update(
    userId: string,
    id: string,
    update: UpdateOptions,
  ): Promise<Result<UpdateOutcome | undefined, StoreFailure>>;

  /**
   * Replaces the receipts of an expense, whatever else is changed meanwhile, and gives back the expense
   * with them. Nothing where the person has no expense with this id.
   *
   * @param change judges the receipts that there are, perhaps several times; what it gives back for
   *   the same ones has to be the same. With `undefined` nothing is written
   */
  changeReceipts(
    userId: string,
    id: string,
    change: (receipts: readonly Receipt[]) => readonly Receipt[] | undefined,
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
  /** The key has been used for the same expense, which has been changed since; this is it now. */
  | { readonly kind: "changed-since"; readonly expense: Expense }
  /** The key has been used for another expense; this is it. */
  | { readonly kind: "differs"; readonly expense: Expense };

export interface UpdateOptions extends CallOptions {
  /** The version that the changes were decided on. */
  readonly version: string;
  readonly changes: ExpenseChanges;
}

export type UpdateOutcome =
  | { readonly kind: "updated"; readonly expense: Expense }
  /** Nothing was to be changed, or this same update has been carried out before; this is it now. */
  | { readonly kind: "already-updated"; readonly expense: Expense }
  /** Nothing was changed: another change came first. `fields` are absent where it is too long ago. */
  | {
      readonly kind: "changed-since";
      readonly fields?: readonly string[];
      readonly expense: Expense;
    }
  /** Nothing was changed: the currency does not have such an amount. */
  | { readonly kind: "no-amount"; readonly problem: AmountProblem };

export interface FiguresOptions extends CallOptions {
  /** Read so many expenses at most. */
  readonly atMost?: number;
}

export interface FiguresFound {
  /** The newest first. */
  readonly figures: readonly ExpenseFigures[];
  /** How many match that this version does not know: they are in no sum. */
  readonly unreadable: number;
  /** Where more match than are read: the last of the figures is of this day (`YYYY-MM-DD`). */
  readonly cutAt?: string;
}

/** How many expenses of one person are added up at most. */
export const largestFigures = 20_000;

export interface PageOptions extends CallOptions {
  /** At most so many expenses: a whole number from 1 to {@link largestPage}. */
  readonly limit: number;
  /** By date, within a day by when they were added, unless given. By amount only in one currency. */
  readonly order?: ExpenseOrder;
  /** Continue behind this position, which a page of the same order gave. */
  readonly after?: Position | undefined;
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

export interface CurrencyStatistics extends CurrencySum {
  /** The categories that have expenses, in alphabetical order. */
  readonly categories: readonly (CurrencySum & { readonly category: string })[];
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

/** The same for an id of another person's expense and one of none at all. */
export const noSuchExpense: Failure<ToolFailure> = failure({
  reason: "no-such-expense",
  message: "You have no such expense. get_user_expenses shows the ids of those there are.",
});

/** A failure of the store as a tool's. */
export const storeToolFailure = storeToolFailures({
  all: "The expenses",
  one: "expense",
});
