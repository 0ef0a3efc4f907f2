import { addImport, checkImport, type Decisions, type ImportAnswer } from "../api.ts";
import { button, h, put, tell, whileBusy } from "../parts/dom.ts";
import type { View } from "../view.ts";
import { importLines } from "./import-lines.ts";
import { importQuestions } from "./import-questions.ts";
import { importRun } from "./import-run.ts";
import { linesIn, type Source } from "./statement-source.ts";

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
    content.setAttribute("aria-busy", "true");
    const answer = await checkImport(host, source.given, decisions as Decisions);
    content.removeAttribute("aria-busy");
    if (!answer.ok) {
      again(answer.message);
      return;
    }
    // What was decided last is where somebody goes on from.
    const { activeElement } = document;
    const name = content.contains(activeElement) ? activeElement?.getAttribute("name") : undefined;
    draw(answer.value);
    if (name) content.querySelector<HTMLElement>(`[name=${name}]`)?.focus();
    tell(`${format.number(answer.value.count)} lines can be added.`);
  }

  function draw(checked: ImportAnswer): void {
    const { import_id: id, count, first = [], in_doubt, decided_by = [] } = checked;
    const lines = importLines(view, source, checked, () => put(add, label()));
    const label = () => {
      const left = count - lines.leftOut();
      return left === 1 ? "Add 1 expense" : `Add ${format.number(left)} expenses`;
    };
    const add: HTMLButtonElement = button(label(), () => whileBusy(add, async () => begin()), {
      kind: "primary",
    });
    const asked = [...new Set([...Object.keys(decisions), ...decided_by])];
    const doubtful = linesIn(in_doubt).count;
    put(
      content,
      importQuestions({ view, checked, asked, doubtful, decisions, decided: () => void check() }),
      h(
        "section",
        { class: "card stack", "aria-label": "What would be added" },
        h(
          "h2",
          {},
          `${format.number(count)} of ${format.number(source.numbers.length)} lines can be added`,
        ),
        ...summary(checked, lines.duplicates),
        first.length > 0 && h("p", { class: "muted" }, "The first, as they are read:"),
        first.length > 0 && h("ul", { class: "lines" }, ...first.map((line) => h("li", {}, line))),
      ),
      lines.element,
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
      const run = importRun(view, lines.leaveOut(), (more) => addImport(host, id, more));
      content.replaceWith(run);
    }
  }

  function summary(
    { sums, equal, notes = [] }: ImportAnswer,
    duplicates: HTMLElement | undefined,
  ): (HTMLElement | undefined)[] {
    const repeated = linesIn(equal).count;
    const said =
      repeated === 1
        ? "1 line says the same as a line above. It is added as well."
        : `${format.number(repeated)} lines say the same as a line above. They are added as well.`;
    return [
      sums.length > 0 ? h("p", {}, sums.join(", ")) : undefined,
      duplicates,
      repeated > 0 ? h("p", { class: "muted" }, said) : undefined,
      ...notes.map((note) => h("p", { class: "muted" }, note)),
    ];
  }
}
