import { addExpense, readExpense, type Told, updateExpense } from "../api.ts";
import type { Expense } from "../contract.ts";
import { announce, button, h, problem, put, whileBusy } from "../parts/dom.ts";
import { onEnter } from "../parts/field.ts";
import type { Screen, View } from "../view.ts";
import { deletion } from "./deletion.ts";
import { expenseFields, labels } from "./expense-fields.ts";
import { receipts } from "./receipts.ts";

/** Adds an expense, or changes one, with its receipts and its deletion below. */
export function expenseForm(expense?: Expense): Screen {
  return (view) => {
    const further = h("div", { class: "stack" });
    const shown: Shown = { expense };
    const draw = (now: Expense) => {
      shown.expense = now;
      put(further, receipts(view, now, draw), deletion(view, now));
    };
    if (expense) draw(expense);
    return h(
      "main",
      { class: "narrow-page stack" },
      h(
        "header",
        { class: "head" },
        h("h1", {}, expense ? "Edit expense" : "Add expense"),
        button("Back", () => view.goHome()),
      ),
      h("section", { class: "card", "aria-label": "Expense" }, form(view, shown)),
      further,
    );
  };
}

/** What is stored, as far as the view knows: a receipt that is added makes it another. */
interface Shown {
  expense: Expense | undefined;
}

function form(view: View, shown: Shown): HTMLElement {
  const { host } = view;
  const { expense } = shown;
  // A repetition, because an answer was lost, adds nothing twice.
  const idempotency_key = newKey();
  const fields = expenseFields(view, expense);
  const wrong = h("div", { hidden: true });
  const submit = () => void whileBusy(save, send);
  const save = button(expense ? "Save changes" : "Add", submit, { kind: "primary" });
  const element = h(
    "div",
    { class: "form" },
    ...fields.elements,
    wrong,
    h(
      "div",
      { class: "actions" },
      save,
      button("Cancel", () => view.goHome()),
    ),
  );
  onEnter(element, submit);
  return element;

  async function send(): Promise<void> {
    const told = fields.read();
    if (!told) return;
    say();
    const { expense: original } = shown;
    if (!original) {
      const added = await addExpense(host, { ...told, idempotency_key });
      if (added.ok) done("Added.", "has added an expense");
      else say(problem(added.message));
      return;
    }
    const changes = changesFrom(original, told);
    if (Object.keys(changes).length === 0) {
      view.goHome();
      announce("Nothing was changed.");
      return;
    }
    const updated = await updateExpense(host, original, changes);
    if (updated.ok) done("Saved.", "has changed an expense");
    else say(await explained(original, changes, updated.message));
  }

  function done(said: string, toModel: string): void {
    const then = "Read the expenses again before you speak of them.";
    void host.tellModel(`The person ${toModel} in the view. ${then}`);
    view.goHome();
    announce(said);
  }

  function say(what?: HTMLElement): void {
    wrong.hidden = what === undefined;
    put(wrong, what);
  }

  /**
   * Why a change was refused. Where somebody else was faster: what it says by now, with what the person
   * has written on top of it.
   */
  async function explained(
    before: Expense,
    changes: Partial<Told>,
    message: string,
  ): Promise<HTMLElement> {
    const now = await readExpense(host, before.id);
    if (!now.ok || now.value.version === before.version) return problem(message);
    shown.expense = now.value;
    const theirs = Object.entries(changesFrom(before, toldOf(now.value))) as [
      keyof Told,
      string | number | boolean,
    ][];
    for (const [name, value] of theirs) if (!(name in changes)) fields.write(name, value);
    const lines = theirs.map(([name, value]) => `${labels[name]}: ${fields.shown(value)}`);
    const said = [
      "Not saved: it was changed elsewhere meanwhile. By now it says",
      ...lines,
      "Save again to put what you wrote in its place.",
    ];
    return h("div", { class: "notice", role: "alert" }, said.join("\n"));
  }
}

function toldOf(expense: Expense): Told {
  const { amount, currency, date, description, category, payment_method } = expense;
  const is_refund = expense.is_refund === true;
  return { amount, currency, date, description, category, payment_method, is_refund };
}

function changesFrom(expense: Expense, told: Told): Partial<Told> {
  const before = toldOf(expense);
  const changed = Object.entries(told).filter(
    ([name, value]) => before[name as keyof Told] !== value,
  );
  return Object.fromEntries(changed);
}

function newKey(): string {
  const parts = crypto.getRandomValues(new Uint32Array(4));
  return `view-${[...parts].map((part) => part.toString(36)).join("")}`;
}
