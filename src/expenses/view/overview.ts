import { type Summary, summarise } from "./api.ts";
import { type ChartItem, chartCard } from "./chart.ts";
import type { Filters, Sum } from "./contract.ts";
import { button, h, problem, put } from "./dom.ts";
import { type Format, nameOf } from "./format.ts";
import { monthSpan, monthsBetween } from "./period.ts";
import { filtersOf } from "./selection.ts";
import type { View } from "./view.ts";

/** Sums per currency, and what was spent by month and by category. `reload` shows another selection. */
export function overview(view: View, reload: () => void): HTMLElement {
  const { host, selection, format } = view;
  const content = h("div", { "aria-busy": "true" }, h("p", { class: "empty" }, "Adding up…"));
  const filters = filtersOf(selection, format.today());
  void load();
  return content;

  async function load(): Promise<void> {
    const isOneMonth =
      filters.from !== undefined && filters.from.slice(0, 7) === filters.to?.slice(0, 7);
    const by = isOneMonth ? "day" : "month";
    const [periods, categories] = await Promise.all([
      summarise(host, filters, by),
      summarise(host, filters, "category"),
    ]);
    if (!periods.ok) return failed(periods.message);
    if (!categories.ok) return failed(categories.message);
    content.removeAttribute("aria-busy");
    draw(periods.value, categories.value, isOneMonth);
  }

  function failed(message: string): void {
    content.removeAttribute("aria-busy");
    const again = button("Try again", () => content.replaceWith(overview(view, reload)));
    put(content, problem(message, h("div", { class: "actions" }, again)));
  }

  function draw(byPeriod: Summary, byCategory: Summary, isOneMonth: boolean): void {
    const { totals: sums } = byCategory;
    const [largest] = sums.toSorted((one, other) => other.count - one.count);
    if (!largest) {
      put(content);
      return;
    }
    const sum = sums.find(({ currency }) => currency === selection.currency) ?? largest;
    const { currency } = sum;
    const choose = (chosen: string) => {
      selection.currency = chosen;
      draw(byPeriod, byCategory, isOneMonth);
      content.querySelector<HTMLElement>(".switch [aria-pressed=true]")?.focus();
    };
    const table = tableFor(byPeriod, byCategory, currency);
    const options = { tick: (value: number) => format.shortMoney(value, currency) };
    put(
      content,
      totals(view, sum, sums, choose),
      h(
        "div",
        { class: "cards" },
        chartCard({
          ...options,
          title: isOneMonth ? "Spending by day" : "Spending by month",
          kind: "columns",
          columns: [isOneMonth ? "Day" : "Month", ...table.columns],
          items: periodItems(byPeriod, currency, table.cells, isOneMonth),
        }),
        chartCard({
          ...options,
          title: "Spending by category",
          kind: "rows",
          columns: ["Category", ...table.columns],
          items: categoryItems(byCategory, currency, table.cells),
        }),
      ),
    );
  }

  function periodItems(
    { groups }: Summary,
    currency: string,
    cells: (sum: Sum | undefined) => string[],
    isOneMonth: boolean,
  ): ChartItem[] {
    const found = new Map(
      groups.filter((one) => one.currency === currency).map((one) => [one.group, one]),
    );
    const names = isOneMonth ? daysIn(filters) : monthsIn(filters, [...found.keys()]);
    return names.map((name, index) => {
      // The first has its year as well, unless the next one's would not leave it room.
      const isYearNew = name.endsWith("-01") || (index === 0 && !name.endsWith("-12"));
      return {
        name: isOneMonth ? format.day(name) : format.month(name),
        label: isOneMonth ? String(Number(name.slice(8))) : format.month(name, "short"),
        ...(!isOneMonth && isYearNew && { sublabel: name.slice(0, 4) }),
        value: Number(found.get(name)?.spent ?? 0),
        cells: cells(found.get(name)),
        pick: () => {
          selection.span = isOneMonth ? { from: name, to: name } : monthSpan(name);
          selection.period = "custom";
          reload();
        },
      };
    });
  }

  function categoryItems(
    { groups }: Summary,
    currency: string,
    cells: (sum: Sum | undefined) => string[],
  ): ChartItem[] {
    return groups
      .filter((one) => one.currency === currency)
      .map((one) => ({
        name: nameOf(one.group),
        value: Number(one.spent),
        cells: cells(one),
        pick: () => {
          selection.filters = { ...selection.filters, categories: [one.group] };
          reload();
        },
      }))
      .toSorted((one, other) => other.value - one.value);
  }

  /** Refunds have columns only where there are any. */
  function tableFor(byPeriod: Summary, byCategory: Summary, currency: string) {
    const all = [...byPeriod.groups, ...byCategory.groups];
    const hasRefunds = all.some((one) => one.currency === currency && one.refunded !== undefined);
    const money = (value: number | string | undefined) => format.money(value ?? 0, currency);
    return {
      columns: hasRefunds ? ["Spent", "Refunded", "Net", "Count"] : ["Spent", "Count"],
      cells: (sum: Sum | undefined) => [
        money(sum?.spent),
        ...(hasRefunds ? [money(sum?.refunded), money(sum?.net ?? sum?.spent)] : []),
        format.number(sum?.count ?? 0),
      ],
    };
  }
}

function totals(
  { format }: { format: Format },
  { currency, count, spent, refunded, net }: Sum,
  sums: readonly Sum[],
  choose: (currency: string) => void,
): HTMLElement {
  const entry = (name: string, value: string, kind = "") =>
    h("div", { class: kind }, h("dt", {}, name), h("dd", {}, value));
  const others = sums.filter((sum) => sum.currency !== currency);
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
    ),
    others.length > 0 &&
      h(
        "div",
        { class: "switch", role: "group", "aria-label": "Currency" },
        ...sums.map((sum) =>
          button(sum.currency, () => choose(sum.currency), {
            kind: "small",
            "aria-pressed": String(sum.currency === currency),
          }),
        ),
      ),
    others.length > 0 &&
      h(
        "p",
        { class: "further" },
        `Also ${others.map((sum) => format.money(sum.net ?? sum.spent, sum.currency)).join(", ")}. Currencies are never converted.`,
      ),
  );
}

function monthsIn({ from, to }: Filters, found: readonly string[]): string[] {
  const sorted = found.toSorted();
  const first = from?.slice(0, 7) ?? sorted[0];
  const last = to?.slice(0, 7) ?? sorted.at(-1);
  return first === undefined || last === undefined ? [] : monthsBetween(first, last);
}

function daysIn({ from = "", to = "" }: Filters): string[] {
  const count = Number(to.slice(8)) - Number(from.slice(8)) + 1;
  return Array.from({ length: Math.max(0, count) }, (_, index) => {
    const day = Number(from.slice(8)) + index;
    return `${from.slice(0, 8)}${String(day).padStart(2, "0")}`;
  });
}
