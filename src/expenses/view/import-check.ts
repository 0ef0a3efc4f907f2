import { addImport, checkImport, type Decisions, type ImportAnswer } from "./api.ts";
import { categories, paymentMethods } from "./contract.ts";
import { announce, button, h, put, whileBusy } from "./dom.ts";
import { choice, field } from "./field.ts";
import { nameOf } from "./format.ts";
import { importRun } from "./import-run.ts";
import { numbersIn, type Source } from "./statement-source.ts";
import type { View } from "./view.ts";

/** How many lines are shown at a time. */
const linesShown = 50;

const named = (values: readonly string[]) => values.map((value) => [value, nameOf(value)] as const);

/** What decides how a line in doubt is read: by what the tool calls it. */
const questions: Readonly<
  Record<string, { label: string; options: readonly (readonly [string, string])[] }>
> = {
  date_order: {
    label: "Dates are written",
    options: [
      ["dmy", "Day, month, year (31/12/2026)"],
      ["mdy", "Month, day, year (12/31/2026)"],
      ["ymd", "Year, month, day (2026/12/31)"],
    ],
  },
  decimal: {
    label: "Decimals stand behind",
    options: [
      ["point", "A point (12.50)"],
      ["comma", "A comma (12,50)"],
    ],
  },
  purchase_sign: {
    label: "What you paid is",
    options: [
      ["negative", "Negative (-12.50)"],
      ["positive", "Positive (12.50)"],
    ],
  },
  category: { label: "Category of these lines", options: named(categories) },
  payment_method: { label: "Paid by", options: named(paymentMethods) },
};

/**
 * The first step: shows what would be added, what looks like a duplicate, and what is in doubt, with what
 * decides it to choose. `again` begins with another statement.
 */
export function importCheck(
  view: View,
  source: Source,
  again: (message?: string) => void,
): HTMLElement {
  const { host, format } = view;
  const decisions: Record<string, string> = {};
  const content = h(
    "div",
    { class: "stack", "aria-busy": "true" },
    h("p", { class: "empty" }, "Checking…"),
  );
  void check();
  return content;

  async function check(): Promise<void> {
    const answer = await checkImport(host, source.given, decisions as Decisions);
    content.removeAttribute("aria-busy");
    if (!answer.ok) {
      again(answer.message);
      return;
    }
    draw(answer.value);
    announce(`${answer.value.count} lines can be added.`);
  }

  function draw(checked: ImportAnswer): void {
    const { import_id: id, count, sums, stored, equal, in_doubt: doubt, notes = [] } = checked;
    const choose = lines(checked);
    const asked = [...new Set([...Object.keys(decisions), ...(doubt?.arguments ?? [])])];
    const add = button("", () => whileBusy(add, async () => begin()), { kind: "primary" });
    const label = () => put(add, `Add ${format.number(count - choose.leftOut())} expenses`);
    choose.onChange(label);
    label();
    put(
      content,
      h(
        "section",
        { class: "card stack", "aria-label": "What would be added" },
        h(
          "h2",
          {},
          `${format.number(count)} of ${format.number(source.numbers.length)} lines can be added`,
        ),
        sums.length > 0 && h("p", {}, sums.join("\n")),
        equal &&
          h(
            "p",
            { class: "muted" },
            `${format.number(equal.count)} say the same as a line above, and are added as well.`,
          ),
        stored && choose.duplicates,
        ...notes.map((note) => h("p", { class: "muted" }, note)),
      ),
      asked.length > 0 && ask(asked, doubt?.count ?? 0),
      choose.table,
      h(
        "div",
        { class: "actions" },
        id !== undefined && add,
        button("Another statement", () => again()),
        button("Cancel", () => view.goHome()),
      ),
    );

    function begin(): void {
      if (id === undefined) return;
      content.replaceWith(importRun(view, choose.arguments(), (more) => addImport(host, id, more)));
    }
  }

  /** What the person is asked, since nothing is guessed. */
  function ask(names: readonly string[], doubtful: number): HTMLElement {
    const fields = names.flatMap((name) => {
      const question =
        name === "currency"
          ? { label: "Currency of these lines", options: named(Intl.supportedValuesOf("currency")) }
          : questions[name];
      if (!question) return [];
      const control = choice([["", "Choose…"], ...question.options], decisions[name] ?? "");
      control.addEventListener("change", () => {
        if (control.value === "") delete decisions[name];
        else decisions[name] = control.value;
        content.setAttribute("aria-busy", "true");
        void check();
      });
      return [field(question.label, control).element];
    });
    const said =
      doubtful > 0
        ? `${format.number(doubtful)} lines can be read in more than one way, or not at all. They are not added until you decide.`
        : "Read as you have decided:";
    return h(
      "section",
      { class: "card stack", "aria-label": "Lines in doubt" },
      h("p", {}, said),
      fields.length > 0 && h("div", { class: "filters" }, ...fields),
    );
  }

  /** The lines, each with whether it is to be added. */
  function lines({ stored, equal, in_doubt: doubt }: ImportAnswer) {
    const duplicates = numbersIn(stored?.lines ?? "");
    const doubtful = new Set(numbersIn(doubt?.lines ?? ""));
    const repeated = new Set(numbersIn(equal?.lines ?? ""));
    // An answer shows so many numbers and no more: what it does not show can be left out together only.
    const areAllKnown = duplicates.length === (stored?.count ?? 0);
    const leftOut = new Set(duplicates);
    let leavesStored = stored !== undefined;
    let changed = () => {};
    const body = h("tbody");
    const all = h("input", { type: "checkbox", checked: true });
    all.addEventListener("change", () => {
      leavesStored = all.checked;
      for (const number of duplicates) {
        if (all.checked) leftOut.add(number);
        else leftOut.delete(number);
      }
      draw(body.children.length);
      changed();
    });
    const below = h("div", { class: "foot" });
    draw(linesShown);
    return {
      duplicates: h(
        "label",
        { class: "check" },
        all,
        `Leave out the ${format.number(stored?.count ?? 0)} that look like expenses you already have`,
      ),
      table: h(
        "section",
        { class: "card", "aria-label": "Lines" },
        h(
          "table",
          { class: "data" },
          h("caption", { class: "visually-hidden" }, "Lines of the statement"),
          h(
            "thead",
            {},
            h(
              "tr",
              {},
              h("th", { scope: "col" }, "Add"),
              h("th", { scope: "col" }, "Line"),
              h("th", { scope: "col" }, ""),
            ),
          ),
          body,
        ),
        below,
      ),
      leftOut: () =>
        leftOut.size +
        (leavesStored && !areAllKnown ? (stored?.count ?? 0) - duplicates.length : 0),
      onChange: (listener: () => void) => {
        changed = listener;
      },
      arguments: () => ({
        ...(leftOut.size > 0 && { leave_out: [...leftOut].sort((one, other) => one - other) }),
        ...(leavesStored && !areAllKnown && { leave_out_stored: true }),
      }),
    };

    function draw(most: number): void {
      const shown = Math.min(Math.max(most, linesShown), source.numbers.length);
      put(body, ...source.numbers.slice(0, shown).map(line));
      put(
        below,
        h(
          "p",
          { class: "muted" },
          `${format.number(shown)} of ${format.number(source.numbers.length)}`,
        ),
        shown < source.numbers.length && button("Show more", () => draw(shown + linesShown)),
      );
    }

    function line(number: number): HTMLElement {
      const text = source.lineOf(number);
      const isDoubtful = doubtful.has(number);
      const isStored = duplicates.includes(number);
      const box = h("input", {
        type: "checkbox",
        checked: !isDoubtful && !leftOut.has(number),
        disabled: isDoubtful || (isStored && !areAllKnown),
        "aria-label": `Add line ${number}: ${text}`,
      });
      box.addEventListener("change", () => {
        if (box.checked) leftOut.delete(number);
        else leftOut.add(number);
        if (isStored) leavesStored = false;
        all.checked = duplicates.every((each) => leftOut.has(each));
        changed();
      });
      return h(
        "tr",
        {},
        h("td", {}, box),
        h("td", {}, text),
        h(
          "td",
          { class: "number" },
          isDoubtful && h("span", { class: "tag bad" }, "In doubt"),
          isStored && h("span", { class: "tag" }, "Already there?"),
          repeated.has(number) && h("span", { class: "tag" }, "Again"),
        ),
      );
    }
  }
}
