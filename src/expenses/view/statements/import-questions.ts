import type { ImportAnswer } from "../api.ts";
import { categories, paymentMethods } from "../contract.ts";
import { h } from "../parts/dom.ts";
import { choice, field } from "../parts/field.ts";
import { nameOf } from "../parts/format.ts";
import type { View } from "../view.ts";

type Options = readonly (readonly [string, string])[];

const named = (values: readonly string[]): Options => values.map((value) => [value, nameOf(value)]);

/** What decides how a line in doubt is read: by what the tool calls it. */
const questions: Readonly<Record<string, { readonly label: string; readonly options: Options }>> = {
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
  currency: {
    label: "Currency, where none is given",
    options: Intl.supportedValuesOf("currency").map((code) => [code, code]),
  },
  category: { label: "Category, where none is given", options: named(categories) },
  payment_method: { label: "Paid by, where it is not given", options: named(paymentMethods) },
};

/** What statements seldom say. */
const always = ["category", "payment_method", "currency"];

/** Without what only models have to know. */
function plain(example: string): string {
  return example.replace(/; \w+ decides$/, "");
}

/** What the person is asked, since nothing is guessed. `decided` is told of each answer. */
export function importQuestions({
  view: { format },
  checked: { examples = [] },
  asked,
  doubtful,
  decisions,
  decided,
}: {
  readonly view: View;
  readonly checked: ImportAnswer;
  /** By what the tool calls it. */
  readonly asked: readonly string[];
  /** How many lines are in doubt. */
  readonly doubtful: number;
  /** What is decided already. */
  readonly decisions: Record<string, string>;
  readonly decided: () => void;
}): HTMLElement {
  const names = [...new Set([...asked, ...always])];
  const fields = names.flatMap((name) => {
    const question = questions[name];
    if (!question) return [];
    const unsaid = asked.includes(name) ? "Choose…" : "Not said";
    const control = choice([["", unsaid], ...question.options], decisions[name] ?? "", { name });
    control.addEventListener("change", () => {
      if (control.value === "") delete decisions[name];
      else decisions[name] = control.value;
      decided();
    });
    return [field(question.label, control).element];
  });
  const lines = doubtful === 1 ? "1 line" : `${format.number(doubtful)} lines`;
  const said = `${lines} can be read in more than one way, or not at all. Only you can decide: nothing is guessed.`;
  const doubts = examples.filter((example) => !example.includes(": like the stored expense "));
  return h(
    "section",
    { class: "card stack", "aria-label": "Lines in doubt" },
    h("h2", {}, doubtful > 0 ? "Please decide" : "How it is read"),
    doubtful > 0 && h("p", {}, said),
    doubts.length > 0 &&
      h("ul", { class: "lines" }, ...doubts.map((line) => h("li", {}, plain(line)))),
    h("div", { class: "questions" }, ...fields),
  );
}
