import { button, h, problem, put, whileBusy } from "../parts/dom.ts";
import { dropZone } from "../parts/drop-zone.ts";
import { choice, field } from "../parts/field.ts";
import type { View } from "../view.ts";
import { importCheck } from "./import-check.ts";
import {
  type ColumnRole,
  columnRoles,
  largestRows,
  largestText,
  namedSource,
  type Source,
  sourceOf,
  textOfFile,
  type UnnamedTable,
} from "./statement-source.ts";

/** Imports a statement: a file that is dropped or chosen, or pasted lines. */
export function importScreen(view: View): HTMLElement {
  const { format } = view;
  const content = h("div", { class: "stack" });
  start();
  return h(
    "main",
    { class: "stack" },
    h(
      "header",
      { class: "head" },
      h("h1", {}, "Import a statement"),
      button("Back", () => view.goHome()),
    ),
    content,
  );

  function start(message?: string): void {
    const pasted = field("Or paste its lines", h("textarea", { spellcheck: "false" }));
    const check = button("Check", () => whileBusy(check, async () => take(pasted.control.value)), {
      kind: "primary",
    });
    put(
      content,
      message !== undefined && problem(message),
      dropZone({
        label: "Choose a file",
        hint: "Drop a statement of your bank or card here, as CSV. Nothing is added before you agree.",
        accept: ".csv,.tsv,.txt,text/csv,text/plain,text/tab-separated-values",
        take: async (file) => take(await textOfFile(file)),
      }),
      pasted.element,
      h("div", { class: "actions" }, check),
    );
  }

  function take(text: string): void {
    if (text.trim() === "") {
      start("There is nothing in it.");
      return;
    }
    const source = sourceOf(text);
    if ("records" in source) askColumns(source);
    else check(source);
  }

  function check(source: Source): void {
    const most = "text" in source.given ? largestText : largestRows;
    const { length } = source.numbers;
    if (length === 0) start("There are no lines in it.");
    else if (length > most) {
      const [count, limit] = [format.number(length), format.number(most)];
      start(`It has ${count} lines. Import it in parts of at most ${limit}.`);
    } else put(content, importCheck(view, source, start));
  }

  /** No name of a column is known: only the person can say what they are. */
  function askColumns(table: UnnamedTable): void {
    const [first = []] = table.records;
    const roles = first.map((_cell, index) => {
      const made = choice({ "": "Not used", ...columnRoles }, undefined);
      made.setAttribute("aria-label", `Column ${index + 1}`);
      return made;
    });
    const wrong = h("div");
    const use = () => {
      const chosen: Partial<Record<ColumnRole, number>> = {};
      roles.forEach(({ value }, index) => {
        if (value !== "") chosen[value as ColumnRole] = index;
      });
      const { date, description, amount, debit, credit } = chosen;
      const hasAmount = amount !== undefined || debit !== undefined || credit !== undefined;
      if (date !== undefined && description !== undefined && hasAmount) {
        check(namedSource(table, chosen));
      } else put(wrong, problem("It needs a date, a description and an amount."));
    };
    put(
      content,
      h("p", {}, "Which column is which?"),
      h(
        "div",
        { class: "scroll", tabindex: "0", role: "region", "aria-label": "First lines" },
        h(
          "table",
          { class: "data" },
          h("thead", {}, h("tr", {}, ...roles.map((role) => h("td", {}, role)))),
          h(
            "tbody",
            {},
            ...table.records
              .slice(0, 5)
              .map((cells) =>
                h("tr", {}, ...first.map((_cell, index) => h("td", {}, cells[index] ?? ""))),
              ),
          ),
        ),
      ),
      wrong,
      h(
        "div",
        { class: "actions" },
        button("Check", use, { kind: "primary" }),
        button("Another statement", () => start()),
      ),
    );
    roles[0]?.focus();
  }
}
