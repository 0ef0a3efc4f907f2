import type { ImportAnswer } from "../api.ts";
import { button, h, put } from "../parts/dom.ts";
import { check } from "../parts/field.ts";
import type { View } from "../view.ts";
import { linesIn, type Source } from "./statement-source.ts";

/** How many lines are shown at a time. */
const linesShown = 30;

/** The lines of a statement, each with whether it is to be added. */
export interface ImportLines {
  readonly element: HTMLElement;
  /** Whether to leave out what is stored already, where anything seems to be. */
  readonly duplicates: HTMLElement | undefined;
  /** How many lines that could be added are left out. */
  leftOut(): number;
  /** As the tool is told of them. */
  leaveOut(): object;
}

/** What looks stored already is left out, unless the person says otherwise; `changed` is told of that. */
export function importLines(
  { format }: View,
  source: Source,
  { stored, equal, in_doubt }: ImportAnswer,
  changed: () => void,
): ImportLines {
  const { count, numbers } = linesIn(stored);
  // An answer names so many lines and no more: what it does not name can be left out together only.
  const areAllNamed = numbers.length === count;
  const duplicates = new Set(numbers);
  const doubtful = new Set(linesIn(in_doubt).numbers);
  const repeated = new Set(linesIn(equal).numbers);
  const leftOut = new Set(areAllNamed ? numbers : []);
  const together = check(
    count === 1
      ? "Leave out the line that looks like an expense that is stored already"
      : `Leave out the ${format.number(count)} lines that look like expenses that are stored already`,
    true,
  );
  const body = h("tbody");
  const below = h("div", { class: "foot" });
  together.control.addEventListener("change", () => {
    for (const number of areAllNamed ? numbers : []) {
      if (together.control.checked) leftOut.add(number);
      else leftOut.delete(number);
    }
    draw(body.children.length);
    changed();
  });
  const leavesUnnamed = () => !areAllNamed && together.control.checked;
  draw(linesShown);
  return {
    element: h(
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
            h("th", { scope: "col", class: "number" }, "Remarks"),
          ),
        ),
        body,
      ),
      below,
    ),
    duplicates: count > 0 ? together.element : undefined,
    leftOut: () => leftOut.size + (leavesUnnamed() ? count : 0),
    leaveOut: () => ({
      ...(leftOut.size > 0 && { leave_out: [...leftOut].sort((one, other) => one - other) }),
      ...(leavesUnnamed() && { leave_out_stored: true }),
    }),
  };

  function draw(most: number): void {
    const all = source.numbers.length;
    const shown = Math.min(Math.max(most, linesShown), all);
    put(body, ...source.numbers.slice(0, shown).map(row));
    put(
      below,
      h("p", { class: "muted" }, `${format.number(shown)} of ${format.number(all)}`),
      shown < all && button("Show more", () => draw(shown + linesShown)),
    );
  }

  function row(number: number): HTMLElement {
    const text = source.lineOf(number);
    const [isDoubtful, isStored] = [doubtful.has(number), duplicates.has(number)];
    const isFixed = isDoubtful || (isStored && !areAllNamed);
    const isLeftOut = leftOut.has(number) || (isStored && leavesUnnamed());
    const box = h("input", {
      type: "checkbox",
      checked: !isDoubtful && !isLeftOut,
      disabled: isFixed,
      "aria-label": `Add line ${number}: ${text}`,
    });
    box.addEventListener("change", () => {
      if (box.checked) leftOut.delete(number);
      else leftOut.add(number);
      if (areAllNamed) together.control.checked = numbers.every((each) => leftOut.has(each));
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
        isStored && h("span", { class: "tag" }, "Stored already?"),
        repeated.has(number) && h("span", { class: "tag" }, "Same again"),
      ),
    );
  }
}
