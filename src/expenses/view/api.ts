import type { Asked, Expense, ExpensePage, Filters, Sum } from "./contract.ts";
import type { Answer, Host } from "./host.ts";

/** The sum of one group in one currency: of a month, or of a category. */
export interface Group extends Sum {
  /** `2026-11`, `food`. */
  readonly group: string;
}

/** Of `get_user_expense_summary`. */
export interface Summary {
  readonly groups: readonly Group[];
  /** How many groups an answer had no room for. */
  readonly groups_left_out?: number;
  /** Of all that matches. */
  readonly totals: readonly Sum[];
}

/** How many expenses a page of the list has. */
export const pageSize = 25;

export function listExpenses(
  host: Host,
  filters: Filters,
  { order, cursor }: { order: string; cursor?: string },
): Promise<Answer<ExpensePage>> {
  const page = {
    limit: pageSize,
    ...(order === "date" ? {} : { order }),
    ...(cursor && { cursor }),
  };
  return host.call<ExpensePage>("get_user_expenses", { ...filters, ...page });
}

export function summarise(host: Host, filters: Filters, by: string): Promise<Answer<Summary>> {
  return host.call<Summary>("get_user_expense_summary", { ...filters, by });
}

export async function addExpense(
  host: Host,
  told: Told & { readonly idempotency_key: string },
): Promise<Answer<{ expense: Expense }>> {
  return host.call("add_user_expense", told);
}

/** What a person tells of an expense. */
export interface Told {
  readonly amount: number;
  /** The server's default where it is absent. */
  readonly currency?: string;
  readonly date: string;
  readonly description: string;
  readonly category: string;
  readonly payment_method: string;
  readonly is_refund: boolean;
}

/** Refused where the expense is not as it was read any more. */
export function updateExpense(
  host: Host,
  { id, version }: Expense,
  changes: Partial<Told>,
): Promise<Answer<{ expense: Expense }>> {
  return host.call("update_user_expense", { id, version, ...changes });
}

export function deleteExpense(
  host: Host,
  id: string,
  confirmation: string | undefined,
): Promise<Answer<Asked<object>>> {
  return host.call("delete_user_expense", { id, ...(confirmation && { confirmation }) });
}

/** @param data the file in Base64 */
export function attachReceipt(
  host: Host,
  { id }: Expense,
  name: string,
  data: string,
): Promise<Answer<{ expense: Expense }>> {
  return host.call("attach_receipt", { id, name, data });
}
