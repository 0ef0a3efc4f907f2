import type { Filters } from "./contract.ts";
import { type Period, type Span, spanOf } from "./period.ts";

export const orders = {
  date: "Newest first",
  amount: "Largest first",
  added: "Last added first",
} as const;

export type Order = keyof typeof orders;

/** Which expenses the person is looking at, and in which order. */
export interface Selection {
  period: Period;
  /** Of the period `custom`. */
  span: Span;
  /** All but the days. */
  filters: Omit<Filters, "from" | "to">;
  order: Order;
  /** The currency of the charts, where there are several. */
  currency: string | undefined;
}

export function everything(): Selection {
  return { period: "last-12-months", span: {}, filters: {}, order: "date", currency: undefined };
}

/** What the tool that opened the view was asked: the view begins with the same. */
export function selectionOf(asked: Readonly<Record<string, unknown>>): Selection {
  const text = (name: string) => (typeof asked[name] === "string" ? asked[name] : undefined);
  const number = (name: string) => (typeof asked[name] === "number" ? asked[name] : undefined);
  const list = (name: string, single: string) => {
    const several = Array.isArray(asked[name]) ? asked[name].map(String) : [];
    const one = text(single);
    const all = one === undefined ? several : [...several, one];
    return all.length > 0 ? all : undefined;
  };
  const day = (name: string) => {
    const given = text(name);
    return given !== undefined && /^\d{4}-\d{2}-\d{2}$/.test(given) ? given : undefined;
  };
  const span = { from: day("from"), to: day("to") };
  const order = text("order");
  return {
    ...everything(),
    ...(span.from || span.to ? { period: "custom", span } : {}),
    ...(order !== undefined && order in orders ? { order: order as Order } : {}),
    filters: {
      categories: list("categories", "category"),
      payment_methods: list("payment_methods", "payment_method"),
      currency: text("currency"),
      amount_from: number("amount_from"),
      amount_to: number("amount_to"),
      text: text("text"),
    },
  };
}

/** The filters as the tools take them. */
export function filtersOf({ period, span, filters }: Selection, today: string): Filters {
  const { from, to } = period === "custom" ? span : spanOf(period, today);
  const stated = Object.entries({ from, to, ...filters }).filter(
    ([, value]) =>
      value !== undefined && value !== "" && !(Array.isArray(value) && value.length === 0),
  );
  return Object.fromEntries(stated);
}

/** How many filters are set beside the days and the words. */
export function countOf({ filters }: Selection): number {
  const { text: _text, ...others } = filters;
  return Object.values(others).filter((value) => value !== undefined && String(value) !== "")
    .length;
}
