import type { SummaryRow } from "./api.ts";
import { button, h } from "./parts/dom.ts";
import type { View } from "./view.ts";

/** The sums of one currency, and which others there are. `choose` shows another one. */
export function totals(
  { format }: View,
  { currency, count, spent, refunded, net, before, change }: SummaryRow,
  all: readonly SummaryRow[],
  choose: (currency: string) => void,
): HTMLElement {
  const entry = (name: string, value: string, kind = "") =>
    h("div", { class: kind }, h("dt", {}, name), h("dd", {}, value));
  const others = all.filter((row) => row.currency !== currency);
  const further = others.map((row) => format.money(row.net ?? row.spent, row.currency)).join(", ");
  return h(
    "section",
    { class: "totals", "aria-label": "Sums" },
    h(
      "dl",
      {},
      entry("Spent", format.money(spent, currency), "first"),
      refunded !== undefined && entry("Refunded", format.money(refunded, currency)),
      net !== undefined && entry("Net", format.money(net, currency)),
      entry("Expenses", format.number(count)),
      // A first year has nothing to be compared with.
      before !== undefined &&
        before !== 0 &&
        change !== undefined &&
        entry("Against the span before", format.difference(change, currency)),
    ),
    others.length > 0 &&
      h(
        "div",
        { class: "switch", role: "group", "aria-label": "Currency" },
        ...all.map((row) =>
          button(row.currency, () => choose(row.currency), {
            kind: "small",
            "aria-pressed": String(row.currency === currency),
          }),
        ),
      ),
    others.length > 0 &&
      h("p", { class: "further" }, `Also ${further}. Currencies are never converted.`),
  );
}
