import { exportScreen } from "./export.ts";
import { filterBar } from "./filter-bar.ts";
import { expenseForm } from "./forms/expense-form.ts";
import { expenseList } from "./list.ts";
import { overview } from "./overview.ts";
import { button, h, put } from "./parts/dom.ts";
import { importScreen } from "./statements/import.ts";
import type { View } from "./view.ts";

/** What the view begins with: sums, charts, and the list, of what is selected. */
export function home(view: View): HTMLElement {
  const { host } = view;
  const content = h("div");
  const load = () => {
    put(content, overview(view, pick), expenseList(view));
  };
  const bar = h("div");
  const reload = () => {
    put(bar, filterBar(view, load));
    load();
  };
  const pick = () => {
    reload();
    // What was pressed is gone. Here stands what it has chosen.
    bar.querySelector("select")?.focus();
  };
  if (host.canCall) reload();
  else {
    put(
      content,
      h(
        "p",
        { class: "empty" },
        "This program shows the view, but lets it do nothing. Ask in the chat instead.",
      ),
    );
  }
  return h(
    "main",
    {},
    h(
      "header",
      { class: "head" },
      h("h1", {}, "Expenses"),
      host.canCall &&
        h(
          "div",
          { class: "actions" },
          button("Add expense", () => view.go(expenseForm()), { kind: "primary" }),
          button("Import statement", () => view.go(importScreen)),
          button("Export", () => view.go(exportScreen)),
        ),
    ),
    bar,
    content,
  );
}
