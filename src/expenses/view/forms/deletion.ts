import { deleteExpense } from "../api.ts";
import type { Expense } from "../contract.ts";
import { announce, button, h, newId, problem, put, whileBusy } from "../parts/dom.ts";
import { unquoted } from "../parts/format.ts";
import type { View } from "../view.ts";

/**
 * Deletes an expense after the server's own question. A host that can ask the person puts it itself;
 * else it is asked here, and the answer carries the confirmation.
 */
export function deletion(view: View, expense: Expense): HTMLElement {
  const { host } = view;
  const content = h("div");
  ready();
  return h("section", { class: "card", "aria-label": "Delete" }, content);

  function ready(message?: string): void {
    const start = button("Delete expense…", () => whileBusy(start, () => ask()), {
      kind: "danger",
    });
    put(content, message !== undefined && problem(message), h("div", { class: "actions" }, start));
  }

  async function ask(confirmation?: string): Promise<void> {
    const answer = await deleteExpense(host, expense.id, confirmation);
    if (!answer.ok) {
      ready(answer.message);
      return;
    }
    const { value } = answer;
    if (value.outcome === "done") {
      void host.tellModel(
        "The person has deleted an expense in the view. Read the expenses again before you speak of them.",
      );
      view.goHome();
      announce("Deleted.");
    } else if (value.outcome === "confirmation_required") {
      question(value.question, value.confirmation);
    } else {
      ready();
      announce("Nothing was deleted.");
    }
  }

  function question(text: string, confirmation: string): void {
    const id = newId();
    const yes = button("Delete", () => whileBusy(yes, () => ask(confirmation)), { kind: "danger" });
    const no = button("Keep it", () => {
      ready();
      announce("Nothing was deleted.");
      content.querySelector("button")?.focus();
    });
    put(
      content,
      h(
        "div",
        { class: "stack", role: "group", "aria-labelledby": id },
        h("p", { class: "question", id }, unquoted(text)),
        h("div", { class: "actions" }, yes, no),
      ),
    );
    no.setAttribute("aria-describedby", id);
    no.focus();
  }
}
