import type { Asked, Expense, ExpensePage, Filters, Sum } from "./contract.ts";
import type { Answer, Host } from "./parts/host.ts";

/** A total, or the sum of one group: of a month, or of a category. */
export interface SummaryRow extends Sum {
  /** `2026-11`, `food`. */
  readonly group?: string;
  /** What it came to in the span before, and how much more it is now. */
  readonly before?: number;
  readonly change?: number;
}

/** Of `get_user_expense_summary`. */
export interface Summary {
  /** Totals of all that matches, which have no group, and groups; one per currency. */
  readonly sums: readonly SummaryRow[];
  /** How many groups an answer had no room for. */
  readonly groups_left_out?: number;
}

/** How many expenses a page of the list has. */
export const pageSize = 15;

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

export function summarise(
  host: Host,
  filters: Filters,
  how: { readonly by: string; readonly compare?: boolean },
): Promise<Answer<Summary>> {
  return host.call<Summary>("get_user_expense_summary", { ...filters, ...how });
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

/** An expense as it is now. */
export async function readExpense(host: Host, id: string): Promise<Answer<Expense>> {
  const answer = await host.read(`expenses://me/expenses/${id}`);
  return answer.ok ? { ok: true, value: JSON.parse(answer.value.text ?? "null") } : answer;
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

/** Of `import_user_expenses`. */
export interface ImportAnswer {
  readonly state: "checked" | "stopped" | "done";
  readonly import_id?: string;
  /** Lines to add; in the second step, lines that are stored. */
  readonly count: number;
  readonly sums: readonly string[];
  /** The first lines, as they were read. */
  readonly first?: readonly string[];
  /** How many, and which: `7 (lines 3, 5-9, …)`, as the two that follow. */
  readonly stored?: string;
  readonly equal?: string;
  readonly in_doubt?: string;
  /** Arguments that decide lines in doubt. */
  readonly decided_by?: readonly string[];
  /** Of lines stored before or in doubt. */
  readonly examples?: readonly string[];
  readonly notes?: readonly string[];
  readonly added_now?: number;
  readonly already_there?: number;
  readonly remaining?: number;
}

/** How a statement is to be read. */
export type Decisions = Readonly<
  Partial<
    Record<
      "date_order" | "decimal" | "purchase_sign" | "currency" | "category" | "payment_method",
      string
    >
  >
>;

/** The first step, which stores no expense. */
export function checkImport(
  host: Host,
  statement: object,
  decisions: Decisions,
): Promise<Answer<ImportAnswer>> {
  return host.call("import_user_expenses", { ...statement, ...decisions });
}

/** The second step. */
export function addImport(host: Host, id: string, more: object): Promise<Answer<ImportAnswer>> {
  return host.call("import_user_expenses", { import_id: id, ...more });
}

/** A month's expenses as files, which are resources. */
export interface ExportedMonth {
  /** `YYYY-MM`. */
  readonly month: string;
  readonly count: number;
  readonly sums: readonly string[];
  readonly csv: string;
  readonly json: string;
  /** Where one file does not hold it: `.1` behind the month in the URI, and so on. */
  readonly parts?: number;
}

/** Of `export_user_data`. */
export interface Exported {
  readonly count: number;
  readonly sums: readonly string[];
  /** The newest first. */
  readonly months: readonly ExportedMonth[];
  /** That there are more, further back. */
  readonly earlier?: string;
  readonly notes?: readonly string[];
}

/** @param to a day of the last month; every month where it is absent */
export function exportMonths(host: Host, to: string | undefined): Promise<Answer<Exported>> {
  return host.call("export_user_data", to === undefined ? {} : { to });
}
