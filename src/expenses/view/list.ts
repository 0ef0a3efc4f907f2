import { listExpenses } from "./api.ts";
import type { Expense, ExpensePage } from "./contract.ts";
import { expenseForm } from "./forms/expense-form.ts";
import { button, h, problem, put, tell, whileBusy } from "./parts/dom.ts";
import { type Format, nameOf } from "./parts/format.ts";
import { countOf, filtersOf } from "./selection.ts";
import { importScreen } from "./statements/import.ts";
import type { View } from "./view.ts";

/** The expenses that are selected, page by page. */
export function expenseList(view: View): HTMLElement {
  const { host, selection, format } = view;
  const { order } = selection;
  const stated = filtersOf(selection, format.today());
  // Amounts of different currencies do not compare.
  const currency = stated.currency ?? (order === "amount" ? selection.currency : undefined);
  const filters = { ...stated, ...(currency !== undefined && { currency }) };
  const body = h("tbody");
  const below = h("div", { class: "foot" });
  const content = h("div", { "aria-busy": "true" }, h("p", { class: "empty" }, "Loading…"));
  let shown = 0;
  let total: number | undefined;
  void first();
  return h("section", { class: "card", "aria-label": "List of expenses" }, content);

  async function first(): Promise<void> {
    const page = await listExpenses(host, filters, { order });
    content.removeAttribute("aria-busy");
    if (!page.ok) {
      const again = button("Try again", () => void first());
      put(content, problem(page.message, h("div", { class: "actions" }, again)));
      return;
    }
    if (page.value.expenses.length === 0 && !page.value.has_more) {
      put(content, nothing());
      tell("No expenses.");
      return;
    }
    total = countOfAll(page.value);
    put(
      content,
      h(
        "table",
        { class: "data expenses" },
        h("caption", { class: "visually-hidden" }, "Expenses"),
        h(
          "thead",
          {},
          h(
            "tr",
            {},
            h("th", { scope: "col" }, "Date"),
            h("th", { scope: "col" }, "Description"),
            h("th", { scope: "col", class: "wide" }, "Category"),
            h("th", { scope: "col", class: "wide" }, "Paid by"),
            h("th", { scope: "col", class: "number" }, "Amount"),
          ),
        ),
        body,
      ),
      below,
    );
    add(page.value);
  }

  function add({ expenses, has_more, next_cursor, unreadable = [] }: ExpensePage): void {
    body.append(...expenses.map((expense) => row(view, expense)));
    shown += expenses.length;
    const broken = unreadable.length;
    const ofAll =
      total === undefined
        ? `${format.number(shown)} shown`
        : `${format.number(shown)} of ${format.number(total)}`;
    const more = has_more && next_cursor !== undefined && moreButton(next_cursor);
    tell(`Expenses: ${ofAll}.`);
    put(
      below,
      h("p", { class: "muted" }, ofAll),
      broken > 0 && h("p", { class: "muted" }, `${broken} cannot be read by this version.`),
      more,
    );
  }

  function moreButton(cursor: string): HTMLElement {
    const more: HTMLButtonElement = button("Show more", () => whileBusy(more, () => next(cursor)));
    return more;
  }

  async function next(cursor: string): Promise<void> {
    const page = await listExpenses(host, filters, { order, cursor });
    if (!page.ok) {
      const again = button("Try again", () => void next(cursor));
      put(below, problem(page.message, h("div", { class: "actions" }, again)));
      return;
    }
    const before = body.children.length;
    add(page.value);
    body.children[before]?.querySelector("button")?.focus();
  }

  function nothing(): HTMLElement {
    const isFiltered = countOf(selection) > 0 || selection.filters.text !== undefined;
    return h(
      "div",
      { class: "empty" },
      h("p", {}, isFiltered ? "No expense matches." : "No expenses in this period."),
      h(
        "div",
        { class: "actions" },
        button("Add expense", () => view.go(expenseForm())),
        button("Import statement", () => view.go(importScreen)),
      ),
    );
  }
}

/** How many match in all, where that is known. */
function countOfAll({ totals, totals_back_to }: ExpensePage): number | undefined {
  if (totals_back_to !== undefined) return undefined;
  return totals?.reduce((sum, { count }) => sum + count, 0);
}

function row(view: View, expense: Expense): HTMLElement {
  const { format } = view;
  const { date, description, category, payment_method, receipts = [], is_refund } = expense;
  return h(
    "tr",
    {},
    h("td", { class: "day" }, format.day(date, dayIn(date, format))),
    h(
      "th",
      { scope: "row" },
      button(description, () => view.go(expenseForm(expense)), { kind: "link" }),
      receipts.length > 0 &&
        h(
          "span",
          { class: "tag" },
          receipts.length === 1 ? "Receipt" : `${receipts.length} receipts`,
        ),
      h("span", { class: "narrow muted" }, `${nameOf(category)} · ${nameOf(payment_method)}`),
    ),
    h("td", { class: "wide muted" }, nameOf(category)),
    h("td", { class: "wide muted" }, nameOf(payment_method)),
    h("td", { class: is_refund ? "number refund" : "number" }, amountOf(expense, format)),
  );
}

/** The year only where it is not this one. */
function dayIn(date: string, format: Format): Intl.DateTimeFormatOptions {
  const isThisYear = date.slice(0, 4) === format.today().slice(0, 4);
  return { day: "numeric", month: "short", ...(isThisYear ? {} : { year: "numeric" }) };
}

/** A refund has a plus: the money came back. */
function amountOf({ amount, currency, is_refund }: Expense, format: Format): string {
  const money = format.money(amount, currency);
  return is_refund ? `+${money}` : money;
}
