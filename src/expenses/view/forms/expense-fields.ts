import type { Told } from "../api.ts";
import { categories, type Expense, paymentMethods } from "../contract.ts";
import { h, newId } from "../parts/dom.ts";
import { check, choice, type Field, field, input } from "../parts/field.ts";
import { nameOf, readAmount } from "../parts/format.ts";
import type { View } from "../view.ts";

/** What people call the fields of an expense. */
export const labels: Readonly<Record<keyof Told, string>> = {
  amount: "Amount",
  currency: "Currency",
  date: "Date",
  description: "Description",
  category: "Category",
  payment_method: "Paid by",
  is_refund: "Refund",
};

type Fields = Readonly<Record<Exclude<keyof Told, "is_refund">, Field>>;

type Value = string | number | boolean;

/** The fields of a form about an expense. */
export interface ExpenseFields {
  readonly elements: readonly HTMLElement[];
  /** What they say; nothing where something is missing, which they then point out. */
  read(): Told | undefined;
  write(name: keyof Told, value: Value): void;
  /** A value as people read it. */
  shown(value: Value): string;
}

/** @param expense what they say at first; else today, and what is most usual */
export function expenseFields({ format, selection }: View, expense?: Expense): ExpenseFields {
  const codes = Intl.supportedValuesOf("currency");
  const currencies = h(
    "datalist",
    { id: newId() },
    ...codes.map((value) => h("option", { value })),
  );
  const typed = (value: Value) =>
    typeof value === "number" ? String(value).replace(".", format.decimalSign) : String(value);
  const text = (name: keyof Fields, place: string, properties: object) =>
    field(labels[name], input({ value: expense ? typed(expense[name]) : "", ...properties }), {
      place,
    });
  const select = (name: "category" | "payment_method", values: readonly string[]) =>
    field(labels[name], choice(options(values, expense?.[name]), expense?.[name]), {
      place: "half",
    });
  const fields: Fields = {
    amount: text("amount", "third", { inputmode: "decimal", required: true }),
    currency: text("currency", "third", {
      maxlength: 3,
      list: currencies.id,
      spellcheck: "false",
      value: expense?.currency ?? selection.currency ?? "",
      placeholder: "Usual",
    }),
    date: text("date", "third", {
      type: "date",
      required: true,
      value: expense?.date ?? format.today(),
    }),
    description: text("description", "", {
      required: true,
      maxlength: 500,
      placeholder: "What it was, and where",
    }),
    category: select("category", categories),
    payment_method: select("payment_method", paymentMethods),
  };
  const refund = check("This is a refund: the money came back", expense?.is_refund === true);
  return {
    elements: [...Object.values(fields).map(({ element }) => element), refund.element, currencies],
    read,
    write(name, value) {
      if (name === "is_refund") refund.control.checked = value === true;
      else fields[name].control.value = typed(value);
    },
    shown: (value) => (typeof value === "boolean" ? (value ? "yes" : "no") : typed(value)),
  };

  function read(): Told | undefined {
    const value = (name: keyof Fields) => fields[name].control.value.trim();
    const amount = readAmount(value("amount"), format.decimalSign);
    const currency = value("currency").toUpperCase();
    const isCurrency = currency === "" || /^[A-Z]{3}$/.test(currency);
    const complaints: [keyof Fields, string][] = [
      ["amount", amount ? "" : "An amount without separators of thousands, such as 12.50."],
      ["currency", isCurrency ? "" : "Three letters, such as USD."],
      ["date", value("date") === "" ? "A day." : ""],
      ["description", value("description") === "" ? "What it was." : ""],
    ];
    for (const [name, message] of complaints) fields[name].complain(message);
    const [first] = complaints.find(([, message]) => message !== "") ?? [];
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
}

/** What may be chosen, and what is stored where that is no choice any more. */
function options(values: readonly string[], stored = values[0] ?? ""): [string, string][] {
  const all = values.includes(stored) ? values : [...values, stored];
  return all.map((value) => [value, nameOf(value)]);
}
