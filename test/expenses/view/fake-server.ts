import type { ToolResult } from "../../support/clients.ts";
import type { ViewServer } from "./open-view.ts";

export interface FakeExpense {
  readonly id: string;
  readonly date: string;
  readonly amount: number;
  readonly currency: string;
  readonly category: string;
  readonly description: string;
  readonly payment_method: string;
  readonly is_refund?: true;
  readonly created_at: string;
  readonly version: string;
  readonly receipts?: readonly { uri: string; media_type: string; bytes: number }[];
}

type Arguments = Record<string, unknown>;

/** What a person tells of a year's expenses, the same each time. */
export function someExpenses(): Omit<FakeExpense, "id" | "created_at" | "version">[] {
  const kinds = [
    ["food", "Groceries at the market", 64.2, "visa"],
    ["transport", "Train to Hamburg", 89, "mastercard"],
    ["food", "Lunch with Uma", 23.5, "amex"],
    ["entertainment", "Concert tickets", 72, "visa"],
    ["shopping", "Winter coat", 159.9, "debit_card"],
    ["food", "Coffee, three cups", 7.5, "cash"],
    ["gadget", "Noise-cancelling headphones", 249, "visa"],
    ["other", "Gift for the neighbours", 35, "bank_transfer"],
  ] as const;
  return Array.from({ length: 60 }, (_, index) => {
    const month = 12 - (index % 12);
    const [category, description, base, payment_method] = kinds[index % kinds.length] ?? kinds[0];
    const amount = Math.round(base * (1 + ((index * 7) % 5) / 10) * 100) / 100;
    const year = month === 12 ? 2025 : 2026;
    const day = String(1 + ((index * 5) % 27)).padStart(2, "0");
    return {
      date: `${year}-${String(month).padStart(2, "0")}-${day}`,
      amount,
      currency: index % 15 === 14 ? "EUR" : "USD",
      category,
      description,
      payment_method,
      ...(index === 3 && { is_refund: true as const }),
    };
  }).sort((one, other) => (one.date < other.date ? 1 : -1));
}

/**
 * The tools as far as the view asks them, over a list in memory: for what a real server cannot be
 * brought to easily, such as errors at a certain moment. `server.test.ts` has the real one.
 */
export class FakeServer implements ViewServer {
  expenses: FakeExpense[] = someExpenses().map((told, index) => ({
    ...told,
    id: `expense-${index}`,
    created_at: "2026-11-20T09:30:00.000Z",
    version: `v${index}`,
  }));
  readonly calls: { name: string; arguments: Arguments }[] = [];
  /** Answers in place of a tool, where there are any left. */
  readonly answers = new Map<string, ToolResult[]>();
  readonly resources = new Map<string, object>();

  callTool = async ({ name, arguments: given }: { name: string; arguments: Arguments }) => {
    this.calls.push({ name, arguments: given });
    const prepared = this.answers.get(name)?.shift();
    if (prepared) return prepared;
    const tools: Readonly<Record<string, (given: Arguments) => object>> = {
      get_user_expenses: (filters) => this.#list(filters),
      get_user_expense_summary: (filters) => this.#summary(filters),
      add_user_expense: (told) => this.#add(told),
      update_user_expense: (changes) => this.#update(changes),
    };
    const structuredContent = tools[name]?.(given);
    if (!structuredContent) return refusal(`There is no tool ${name}.`);
    return {
      content: [{ type: "text", text: JSON.stringify(structuredContent) }],
      structuredContent,
    };
  };

  readResource = async (uri: string) => {
    const found = this.resources.get(uri);
    if (!found) throw new Error("There is no such resource.");
    return { contents: [{ uri, ...found }] };
  };

  #matching({ from, to, text, categories }: Arguments): FakeExpense[] {
    return this.expenses.filter(
      ({ date, description, category }) =>
        (typeof from !== "string" || date >= from) &&
        (typeof to !== "string" || date <= to) &&
        (typeof text !== "string" || description.toLowerCase().includes(text.toLowerCase())) &&
        (!Array.isArray(categories) || categories.includes(category)),
    );
  }

  #list(given: Arguments) {
    const all = this.#matching(given);
    const start = Number(given.cursor ?? 0);
    const end = start + Number(given.limit);
    return {
      expenses: all.slice(start, end),
      has_more: end < all.length,
      ...(end < all.length && { next_cursor: String(end) }),
      ...(start === 0 && { totals: sumsOf(all) }),
    };
  }

  #summary(given: Arguments) {
    const all = this.#matching(given);
    const groupOf = ({ date, category }: FakeExpense) =>
      given.by === "month" ? date.slice(0, 7) : given.by === "day" ? date : category;
    const inOrder = [...Map.groupBy(all, groupOf)].sort(([one], [other]) => (one < other ? -1 : 1));
    const groups = inOrder.flatMap(([group, members]) =>
      sumsOf(members).map((sum) => ({ group, ...sum })),
    );
    return { sums: [...sumsOf(all), ...groups] };
  }

  #add({ idempotency_key: _key, ...told }: Arguments) {
    const made = {
      id: "added",
      created_at: "2026-11-20T09:30:00.000Z",
      version: "v1",
      currency: "USD",
    };
    const expense = { ...made, ...told } as FakeExpense;
    this.expenses.unshift(expense);
    return { expense, already_recorded: false };
  }

  #update({ id, version: _version, ...changes }: Arguments) {
    this.expenses = this.expenses.map((expense) =>
      expense.id === id ? { ...expense, ...changes, version: "changed" } : expense,
    );
    return { expense: this.expenses.find((expense) => expense.id === id) };
  }
}

export function refusal(text: string): ToolResult {
  return { content: [{ type: "text", text }], isError: true };
}

function sumsOf(expenses: readonly FakeExpense[]) {
  return [...Map.groupBy(expenses, ({ currency }) => currency)].map(([currency, members]) => {
    const total = (isRefund: boolean) =>
      Math.round(
        members.reduce(
          (sum, { amount, is_refund = false }) => sum + (is_refund === isRefund ? amount : 0),
          0,
        ) * 100,
      ) / 100;
    const [spent, refunded] = [total(false), total(true)];
    const refunds =
      refunded > 0 ? { refunded, net: Math.round((spent - refunded) * 100) / 100 } : {};
    return { currency, count: members.length, spent, ...refunds };
  });
}
