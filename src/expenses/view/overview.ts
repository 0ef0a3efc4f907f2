import { type Summary, type SummaryRow, summarise } from "./api.ts";
import type { Filters } from "./contract.ts";
import { type ChartItem, chartCard } from "./parts/chart.ts";
import { button, h, problem, put } from "./parts/dom.ts";
import { nameOf } from "./parts/format.ts";
import { type PeriodKind, periodNames, periodSpan } from "./period.ts";
import { filtersOf } from "./selection.ts";
import { totals } from "./totals.ts";
import type { View } from "./view.ts";

const chosenOne = ".switch [aria-pressed=true]";

/** Sums per currency, and what was spent by period and by category. `reload` shows another selection. */
export function overview(view: View, reload: () => void): HTMLElement {
  const { host, selection, format } = view;
  const content = h("div", { "aria-busy": "true" }, h("p", { class: "empty" }, "Adding up…"));
  const filters = filtersOf(selection, format.today());
  const { from, to } = filters;
  const isOneMonth = from !== undefined && from.slice(0, 7) === to?.slice(0, 7);
  void load();
  return content;

  async function load(): Promise<void> {
    const compare = from !== undefined && to !== undefined;
    const [periods, categories] = await Promise.all([
      periodSums(isOneMonth ? "day" : "month"),
      summarise(host, filters, { by: "category", compare }),
    ]);
    content.removeAttribute("aria-busy");
    if (!categories.ok) return failed(categories.message);
    const all = categories.value.sums.filter((row) => row.group === undefined && row.count > 0);
    const [largest] = all.toSorted((one, other) => other.count - one.count);
    if (!largest) return put(content);
    const chosen = all.find((row) => row.currency === selection.currency) ?? largest;
    selection.currency = chosen.currency;
    const fitting =
      periods.ok && periods.value.left > 0 ? await narrower(chosen.currency) : periods;
    if (!fitting.ok) return failed(fitting.message);
    // Where there are many currencies, an answer has no room for all categories of each.
    const ofOne = categories.value.groups_left_out
      ? await summarise(host, { ...filters, currency: chosen.currency }, { by: "category" })
      : categories;
    if (!ofOne.ok) return failed(ofOne.message);
    const { kind, rows } = fitting.value;
    draw(chosen, all, kind, rows, ofOne.value);
  }

  /** Of one currency alone, and by year: an answer has no room for all months of a decade. */
  async function narrower(currency: string) {
    const ofOne = await periodSums(isOneMonth ? "day" : "month", { currency });
    return ofOne.ok && ofOne.value.left > 0 ? periodSums("year", { currency }) : ofOne;
  }

  async function periodSums(kind: PeriodKind, more: Filters = {}) {
    const answer = await summarise(host, { ...filters, ...more }, { by: kind });
    if (!answer.ok) return answer;
    const { sums: rows, groups_left_out: left = 0 } = answer.value;
    return { ok: true, value: { kind, rows, left } } as const;
  }

  function failed(message: string): void {
    const again = button("Try again", () => content.replaceWith(overview(view, reload)));
    put(content, problem(message, h("div", { class: "actions" }, again)));
  }

  function draw(
    total: SummaryRow,
    all: readonly SummaryRow[],
    kind: PeriodKind,
    periods: readonly SummaryRow[],
    { sums: categories }: Summary,
  ): void {
    const { currency } = total;
    const isShown = (row: SummaryRow) => row.group !== undefined && row.currency === currency;
    const table = tableFor([...periods, ...categories].filter(isShown), currency);
    const tick = (value: number) => format.shortMoney(value, currency);
    put(
      content,
      totals(view, total, all, (chosen) => {
        selection.currency = chosen;
        // The list is of one currency where it is in the order of amounts.
        if (selection.order === "amount") reload();
        else void load().then(() => content.querySelector<HTMLElement>(chosenOne)?.focus());
      }),
      h(
        "div",
        { class: "cards" },
        chartCard({
          tick,
          title: `Spending by ${kind}`,
          kind: "columns",
          columns: [nameOf(kind), ...table.columns],
          items: periodItems(kind, periods.filter(isShown), table.cells),
        }),
        chartCard({
          tick,
          title: "Spending by category",
          kind: "rows",
          columns: ["Category", ...table.columns],
          items: categoryItems(
            categories.filter((row) => isShown(row) && row.count > 0),
            table.cells,
          ),
        }),
      ),
    );
  }

  function periodItems(
    kind: PeriodKind,
    rows: readonly SummaryRow[],
    cells: (row: SummaryRow) => string[],
  ): ChartItem[] {
    return rows.map((row, index) => ({
      ...periodNames(kind, row.group ?? "", index === 0, format),
      value: Number(row.spent),
      cells: cells(row),
      pick: () => {
        selection.span = periodSpan(kind, row.group ?? "");
        selection.period = "custom";
        reload();
      },
    }));
  }

  function categoryItems(
    rows: readonly SummaryRow[],
    cells: (row: SummaryRow) => string[],
  ): ChartItem[] {
    return rows
      .map((row) => ({
        name: nameOf(row.group ?? ""),
        value: Number(row.spent),
        cells: cells(row),
        pick: () => {
          selection.filters = { ...selection.filters, categories: [row.group ?? ""] };
          reload();
        },
      }))
      .toSorted((one, other) => other.value - one.value);
  }

  /** Refunds have columns only where there are any. */
  function tableFor(rows: readonly SummaryRow[], currency: string) {
    const hasRefunds = rows.some((row) => row.refunded !== undefined);
    const money = (value: number | string | undefined) => format.money(value ?? 0, currency);
    return {
      columns: hasRefunds ? ["Spent", "Refunded", "Net", "Count"] : ["Spent", "Count"],
      cells: (row: SummaryRow) => [
        money(row.spent),
        ...(hasRefunds ? [money(row.refunded), money(row.net ?? row.spent)] : []),
        format.number(row.count),
      ],
    };
  }
}
