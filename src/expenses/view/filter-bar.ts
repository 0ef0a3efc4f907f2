import { categories, paymentMethods } from "./contract.ts";
import { button, h, newId, put } from "./parts/dom.ts";
import { chips, choice, type Field, field, input } from "./parts/field.ts";
import { nameOf, readAmount } from "./parts/format.ts";
import { type Period, periods, spanOf } from "./period.ts";
import { countOf, everything, type Order, orders } from "./selection.ts";
import type { View } from "./view.ts";

/** How long after the last key the list is searched, in milliseconds. */
const typingPause = 350;

const named = (values: readonly string[]) => values.map((value) => [value, nameOf(value)] as const);

/** Chooses which expenses are looked at. `changed` is told of every change. */
export function filterBar(view: View, changed: () => void): HTMLElement {
  const { selection, format } = view;
  const bar = h("div");
  const draw = (isOpen: boolean) => {
    const id = newId();
    const period = field("Period", choice(periods, selection.period));
    period.control.addEventListener("change", () => {
      const chosen = period.control.value as Period;
      // What was seen so far is where somebody goes on from.
      if (chosen === "custom") selection.span = spanOf(selection.period, format.today());
      selection.period = chosen;
      draw(isOpen);
      bar.querySelector<HTMLElement>("select")?.focus();
      changed();
    });
    const search = field(
      "Search",
      input({
        type: "search",
        value: selection.filters.text ?? "",
        placeholder: "coffee 2.50",
        maxlength: 100,
      }),
      { place: "search" },
    );
    afterTyping(search.control, (text) => {
      set({ text: text.trim() || undefined });
    });
    const order = field("Order", choice(orders, selection.order));
    order.control.addEventListener("change", () => {
      selection.order = order.control.value as Order;
      changed();
    });
    const label = () => {
      const count = countOf(selection);
      return count > 0 ? `Filters (${count})` : "Filters";
    };
    const toggle = button(
      label(),
      () => {
        draw(!isOpen);
        bar.querySelector<HTMLElement>("[aria-controls]")?.focus();
      },
      { "aria-expanded": String(isOpen), "aria-controls": id },
    );
    const set = (change: Partial<typeof selection.filters>) => {
      selection.filters = { ...selection.filters, ...change };
      put(toggle, label());
      changed();
    };
    const custom =
      selection.period === "custom" ? [dayField("From", "from"), dayField("To", "to")] : [];
    bar.replaceChildren(
      h(
        "div",
        { class: "toolbar", role: "search", "aria-label": "Which expenses" },
        period.element,
        ...custom.map(({ element }) => element),
        search.element,
        order.element,
        toggle,
      ),
      h(
        "div",
        { class: "filters", id, hidden: !isOpen },
        ...(isOpen ? further(set, () => draw(true)) : []),
      ),
    );
  };
  draw(countOf(selection) > 0);
  return bar;

  function dayField(label: string, name: "from" | "to"): Field<HTMLInputElement> {
    const made = field(label, input({ type: "date", value: selection.span[name] ?? "" }));
    made.control.addEventListener("change", () => {
      selection.span = { ...selection.span, [name]: made.control.value || undefined };
      const { from, to } = selection.span;
      const isSwapped = from !== undefined && to !== undefined && from > to;
      made.complain(isSwapped ? "The first day is after the last." : "");
      if (!isSwapped) changed();
    });
    return made;
  }

  function further(
    set: (change: Partial<typeof selection.filters>) => void,
    redraw: () => void,
  ): HTMLElement[] {
    const { filters } = selection;
    const currency = field(
      "Currency",
      input({
        value: filters.currency ?? "",
        maxlength: 3,
        placeholder: "Any",
        spellcheck: "false",
      }),
    );
    currency.control.addEventListener("change", () => {
      const code = currency.control.value.trim().toUpperCase();
      currency.control.value = code;
      const isCode = code === "" || /^[A-Z]{3}$/.test(code);
      currency.complain(isCode ? "" : "Three letters, such as USD.");
      if (isCode) set({ currency: code || undefined });
    });
    const amount = (label: string, name: "amount_from" | "amount_to") => {
      const made = field(label, input({ inputmode: "decimal", value: filters[name] ?? "" }));
      made.control.addEventListener("change", () => {
        const text = made.control.value;
        const value = readAmount(text, format.decimalSign);
        const isFine = text.trim() === "" || value !== undefined;
        made.complain(isFine ? "" : "An amount, such as 12.50.");
        if (isFine) set({ [name]: value });
      });
      return made.element;
    };
    return [
      chips("Categories", named(categories), filters.categories ?? [], (chosen) =>
        set({ categories: chosen.length > 0 ? chosen : undefined }),
      ),
      chips("Paid by", named(paymentMethods), filters.payment_methods ?? [], (chosen) =>
        set({ payment_methods: chosen.length > 0 ? chosen : undefined }),
      ),
      currency.element,
      amount("Amount from", "amount_from"),
      amount("Amount to", "amount_to"),
      h(
        "div",
        { class: "field" },
        button("Clear filters", () => {
          selection.filters = everything().filters;
          redraw();
          bar.querySelector<HTMLElement>(`[aria-controls]`)?.focus();
          changed();
        }),
      ),
    ];
  }
}

/** Tells of what was typed, once the typing pauses. */
function afterTyping(control: HTMLInputElement, tell: (text: string) => void): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  control.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => tell(control.value), typingPause);
  });
}
