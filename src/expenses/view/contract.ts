/** What the tools are asked and answer, as far as the view reads it. */

/** An expense, as every tool shows it. */
export interface Expense {
  readonly id: string;
  /** `YYYY-MM-DD`. */
  readonly date: string;
  /** Positive, for a refund too. */
  readonly amount: number;
  /** ISO 4217. */
  readonly currency: string;
  readonly category: string;
  readonly description: string;
  readonly payment_method: string;
  readonly is_refund?: true;
  /** RFC 3339, UTC. */
  readonly created_at: string;
  readonly version: string;
  readonly receipts?: readonly Receipt[];
}

export interface Receipt {
  readonly uri: string;
  readonly media_type: string;
  readonly bytes: number;
}

/** The sums of one currency. Text where a number would not hold all digits. */
export interface Sum {
  readonly currency: string;
  readonly count: number;
  readonly spent: number | string;
  /** Only where there are refunds, as `net` is. */
  readonly refunded?: number | string;
  readonly net?: number | string;
}

/** Which expenses are meant, as the tools take it. */
export interface Filters {
  readonly from?: string;
  readonly to?: string;
  readonly categories?: readonly string[];
  readonly payment_methods?: readonly string[];
  readonly currency?: string;
  readonly amount_from?: number;
  readonly amount_to?: number;
  readonly text?: string;
}

/** Of `get_user_expenses`. */
export interface ExpensePage {
  readonly expenses: readonly Expense[];
  readonly has_more: boolean;
  readonly next_cursor?: string;
  /** Ids of what is stored and cannot be read. */
  readonly unreadable?: readonly string[];
  /** Of all that match, on the first page. */
  readonly totals?: readonly Sum[];
  /** The day that they reach back to, where they are not of all. */
  readonly totals_back_to?: string;
}

/** What a tool that asks first answers. */
export type Asked<Done> =
  | ({ readonly outcome: "done" } & Done)
  | {
      readonly outcome: "confirmation_required";
      readonly question: string;
      readonly confirmation: string;
    }
  | { readonly outcome: "declined" | "cancelled" };

export const categories = [
  "food",
  "transport",
  "entertainment",
  "shopping",
  "gadget",
  "other",
] as const;

export const paymentMethods = [
  "visa",
  "mastercard",
  "amex",
  "debit_card",
  "bank_transfer",
  "cash",
  "other",
] as const;
