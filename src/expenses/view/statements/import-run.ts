import type { ImportAnswer } from "../api.ts";
import { announce, button, h, problem, put } from "../parts/dom.ts";
import type { Answer } from "../parts/host.ts";
import type { View } from "../view.ts";

/**
 * The second step: adds what was checked, and goes on by itself where the tool stops to let others have
 * their turn.
 *
 * @param first what the first call says beside the import; those after it say nothing more
 */
export function importRun(
  view: View,
  first: object,
  add: (more: object) => Promise<Answer<ImportAnswer>>,
): HTMLElement {
  const { host, format } = view;
  const content = h("section", { class: "card stack", "aria-label": "Adding" });
  put(content, h("p", {}, "Adding…"), h("progress", { "aria-label": "Added so far" }));
  void run(first);
  return content;

  async function run(more: object, added = 0, alreadyThere = 0): Promise<void> {
    const answer = await add(more);
    if (!answer.ok) {
      // Each line is stored once, however often it is added.
      const again = button("Go on", () => void run(more, added, alreadyThere), { kind: "primary" });
      put(content, problem(answer.message), h("div", { class: "actions" }, again, leave()));
      return;
    }
    const { state, count, remaining = 0, added_now = 0, already_there = 0 } = answer.value;
    const [now, there] = [added + added_now, alreadyThere + already_there];
    if (state !== "stopped") {
      done(now, there);
      return;
    }
    const [stored, all] = [format.number(count), format.number(count + remaining)];
    put(
      content,
      h("p", {}, `Adding… ${stored} of ${all}`),
      h("progress", { value: count, max: count + remaining, "aria-label": "Added so far" }),
    );
    if (added_now + already_there > 0) return run({}, now, there);
    // Nothing came of it: not again without being asked to.
    const again = button("Go on", () => void run({}, now, there), { kind: "primary" });
    put(
      content,
      problem("The server is busy. What was added stays."),
      h("div", { class: "actions" }, again, leave()),
    );
  }

  function done(added: number, alreadyThere: number): void {
    const also = alreadyThere > 0 ? ` There already: ${format.number(alreadyThere)}.` : "";
    const said = `${added === 1 ? "1 expense" : `${format.number(added)} expenses`} added.${also}`;
    put(content, h("p", {}, said), h("div", { class: "actions" }, leave()));
    announce(said);
    content.querySelector("button")?.focus();
    void host.tellModel(
      "The person has imported a statement in the view. Read the expenses again before you speak of them.",
    );
  }

  function leave(): HTMLElement {
    return button("Show expenses", () => view.goHome());
  }
}
