import { addExpense, type Told, updateExpense } from "./api.ts";
import { categories, type Expense, paymentMethods } from "./contract.ts";
import { deletion } from "./deletion.ts";
import { announce, button, h, newId, problem, put, whileBusy } from "./dom.ts";
import { check, choice, type Field, field, input, onEnter } from "./field.ts";
import { nameOf, readAmount } from "./format.ts";
import { receipts } from "./receipts.ts";
import type { Screen, View } from "./view.ts";

/** Adds an expense, or changes one, with its receipts and its deletion below. */
export function expenseForm(expense?: Expense): Screen {
  return (view) => {
    const further = h("div", { class: "stack" });
    const draw = (now: Expense) => put(further, receipts(view, now, draw), deletion(view, now));
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
      h("section", { class: "card", "aria-label": "Expense" }, form(view, expense)),
      further,
    );
  };
}

/** The fields, by what the tools call them. */
type Fields = Readonly<Record<Exclude<keyof Told, "is_refund">, Field>>;

function form(view: View, expense: Expense | undefined): HTMLElement {
  const { host, format } = view;
  // A repetition, because an answer was lost, adds nothing twice.
  const idempotencyKey = `view-${[...crypto.getRandomValues(new Uint32Array(4))].map((part) => part.toString(36)).join("")}`;
  let original = expense;
  const currencies = h(
    "datalist",
    { id: newId() },
    ...currencyCodes().map((value) => h("option", { value })),
  );
  const fields: Fields = {
    amount: field(
      "Amount",
      input({ inputmode: "decimal", required: true, value: expense ? typed(expense.amount) : "" }),
      { place: "third" },
    ),
    currency: field(
      "Currency",
      input({
        maxlength: 3,
        list: currencies.id,
        spellcheck: "false",
        value: expense?.currency ?? view.selection.currency ?? "",
        placeholder: "Usual",
      }),
      { place: "third" },
    ),
    date: field(
      "Date",
      input({ type: "date", required: true, value: expense?.date ?? format.today() }),
      { place: "third" },
    ),
    description: field(
      "Description",
      input({
        required: true,
        maxlength: 500,
        value: expense?.description ?? "",
        placeholder: "What it was, and where",
      }),
    ),
    category: field(
      "Category",
      choice(options(categories, expense?.category), expense?.category ?? "food"),
      { place: "half" },
    ),
    payment_method: field(
      "Paid by",
      choice(options(paymentMethods, expense?.payment_method), expense?.payment_method ?? "visa"),
      { place: "half" },
    ),
  };
  const refund = check("This is a refund: the money came back", expense?.is_refund === true);
  const wrong = h("div", { hidden: true });
  const save = button(expense ? "Save changes" : "Add", () => submit(), { kind: "primary" });
  const element = h(
    "div",
    { class: "form" },
    ...Object.values(fields).map((each) => each.element),
    refund.element,
    wrong,
    h(
      "div",
      { class: "actions" },
      save,
      button("Cancel", () => view.goHome()),
    ),
    currencies,
  );
  onEnter(element, submit);
  return element;

  function submit(): void {
    void whileBusy(save, send);
  }

  async function send(): Promise<void> {
    const told = read();
    if (!told) return;
    put(wrong);
    wrong.hidden = true;
    if (!original) {
      const added = await addExpense(host, { ...told, idempotency_key: idempotencyKey });
      if (!added.ok) return complain(added.message);
      done("Added.", "has added an expense");
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
    else
      complain(
        updated.message,
        button("Show it as it is now", () => refresh(changes)),
      );
  }

  function done(said: string, toModel: string): void {
    void host.tellModel(
      `The person ${toModel} in the view. Read the expenses again before you speak of them.`,
    );
    view.goHome();
    announce(said);
  }

  function complain(message: string, ...actions: HTMLElement[]): void {
    wrong.hidden = false;
    put(wrong, problem(message, actions.length > 0 && h("div", { class: "actions" }, ...actions)));
  }

  /** What is stored by now, with what the person has written on top of it. */
  async function refresh(changes: Partial<Told>): Promise<void> {
    if (!original) return;
    const answer = await host.read(`expenses://me/expenses/${original.id}`);
    if (!answer.ok) return complain(answer.message);
    const now = JSON.parse(answer.value.text ?? "") as Expense;
    const theirs = Object.entries(changesFrom(original, toldOf(now)));
    for (const [name, value] of theirs) {
      if (name in changes) continue;
      if (name === "is_refund") refund.control.checked = value === true;
      else
        fields[name as keyof Fields].control.value =
          name === "amount" ? typed(Number(value)) : String(value);
    }
    original = now;
    const lines = theirs.map(([name, value]) => `${nameOf(name)}: ${String(value)}`);
    const said =
      lines.length > 0 ? `By now it says:\n${lines.join("\n")}` : "It says the same as before.";
    wrong.hidden = false;
    put(
      wrong,
      h(
        "div",
        { class: "notice", role: "status" },
        `${said}\nSave to put what you wrote in its place.`,
      ),
    );
  }

  /** What the fields say; nothing where something is missing. */
  function read(): Told | undefined {
    const value = (name: keyof Fields) => fields[name].control.value.trim();
    const amount = readAmount(value("amount"), format.decimalSign);
    const currency = value("currency").toUpperCase();
    const complaints: Record<keyof Fields, string> = {
      amount:
        amount === undefined || amount === 0
          ? "An amount without separators of thousands, such as 12.50."
          : "",
      currency: currency === "" || /^[A-Z]{3}$/.test(currency) ? "" : "Three letters, such as USD.",
      date: value("date") === "" ? "A day." : "",
      description: value("description") === "" ? "What it was." : "",
      category: "",
      payment_method: "",
    };
    const entries = Object.entries(complaints) as [keyof Fields, string][];
    for (const [name, message] of entries) fields[name].complain(message);
    const [first] = entries.find(([, message]) => message !== "") ?? [];
    if (first) fields[first].control.focus();
    if (first || amount === undefined) return undefined;
    return {
      amount,
      ...(currency !== "" && { currency }),
      date: value("date"),
      description: value("description"),
      category: value("category"),
      payment_method: value("payment_method"),
      is_refund: refund.control.checked,
    };
  }

  function typed(amount: number): string {
    return String(amount).replace(".", format.decimalSign);
  }
}

function toldOf(expense: Expense): Told {
  const {
    amount,
    currency,
    date,
    description,
    category,
    payment_method,
    is_refund = false,
  } = expense;
  return { amount, currency, date, description, category, payment_method, is_refund };
}

function changesFrom(expense: Expense, told: Told): Partial<Told> {
  const before = toldOf(expense);
  const changed = Object.entries(told).filter(
    ([name, value]) => before[name as keyof Told] !== value,
  );
  return Object.fromEntries(changed);
}

/** What may be chosen, and what is stored where that is no choice any more. */
function options(values: readonly string[], stored = values[0] ?? ""): [string, string][] {
  const all = values.includes(stored) ? values : [...values, stored];
  return all.map((value) => [value, nameOf(value)]);
}

function currencyCodes(): string[] {
  return Intl.supportedValuesOf("currency");
}
