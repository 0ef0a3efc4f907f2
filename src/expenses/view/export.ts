import { type Exported, type ExportedMonth, exportMonths } from "./api.ts";
import { announce, button, h, problem, put, whileBusy } from "./parts/dom.ts";
import { field } from "./parts/field.ts";
import type { View } from "./view.ts";

type Format = "csv" | "json";

const mediaTypes = { csv: "text/csv", json: "application/json" } as const;

const cannotRead = "This program lets the view read no files. Ask for the export in the chat.";

/** Hands out expenses as files, month by month, which can be imported again as they are. */
export function exportScreen(view: View): HTMLElement {
  const { host, format } = view;
  const body = h("tbody");
  const below = h("div", { class: "stack" });
  const content = h("div", { class: "stack" });
  if (host.canRead) {
    put(content, h("p", { class: "empty" }, "Loading…"));
    void load();
  } else put(content, h("p", { class: "empty" }, cannotRead));
  return h(
    "main",
    { class: "stack" },
    h(
      "header",
      { class: "head" },
      h("h1", {}, "Export"),
      button("Back", () => view.goHome()),
    ),
    content,
  );

  async function load(to?: string): Promise<void> {
    const answer = await exportMonths(host, to);
    if (!answer.ok) {
      const again = button("Try again", () => void load(to));
      put(
        to === undefined ? content : below,
        problem(answer.message, h("div", { class: "actions" }, again)),
      );
      return;
    }
    const { count, sums, months } = answer.value;
    if (to === undefined && count === 0) {
      put(content, h("p", { class: "empty" }, "There are no expenses yet."));
      return;
    }
    if (to === undefined) {
      put(
        content,
        h("p", {}, `${format.number(count)} expenses and refunds: ${sums.join(", ")}`),
        h(
          "section",
          { class: "card", "aria-label": "Months" },
          h(
            "table",
            { class: "data" },
            h("caption", { class: "visually-hidden" }, "Months"),
            h(
              "thead",
              {},
              h(
                "tr",
                {},
                h("th", { scope: "col" }, "Month"),
                h("th", { scope: "col", class: "number" }, "Count"),
                h("th", { scope: "col", class: "wide" }, "Sums"),
                h("th", { scope: "col" }, "Files"),
              ),
            ),
            body,
          ),
        ),
        below,
      );
    }
    body.append(...months.map(row));
    put(below, ...further(answer.value));
  }

  function further({ months, earlier, notes = [] }: Exported): HTMLElement[] {
    const last = months.at(-1);
    if (earlier === undefined || !last)
      return notes.map((note) => h("p", { class: "muted" }, note));
    // Its first day belongs to the last month that is shown: the day before does not.
    const before = new Date(Date.parse(`${last.month}-01T00:00:00Z`) - 86_400_000);
    const more: HTMLButtonElement = button("Earlier months", () =>
      whileBusy(more, () => load(before.toISOString().slice(0, 10))),
    );
    return [h("div", { class: "actions" }, more)];
  }

  function row(month: ExportedMonth): HTMLElement {
    const parts =
      month.parts === undefined
        ? [undefined]
        : Array.from({ length: month.parts }, (_, index) => index + 1);
    const files = parts.flatMap((part) => [file(month, "csv", part), file(month, "json", part)]);
    return h(
      "tr",
      {},
      h("th", { scope: "row" }, format.month(month.month)),
      h("td", { class: "number" }, format.number(month.count)),
      h("td", { class: "wide" }, month.sums.join(", ")),
      h("td", {}, h("div", { class: "actions" }, ...files)),
    );
  }

  function file(month: ExportedMonth, kind: Format, part: number | undefined): HTMLElement {
    const ofPart = part === undefined ? "" : `.${part}`;
    const uri = month[kind].replace(month.month, `${month.month}${ofPart}`);
    const name = `${kind.toUpperCase()}${part === undefined ? "" : ` ${part}`}`;
    const save: HTMLButtonElement = button(
      name,
      () => whileBusy(save, () => hand(uri, kind, save)),
      {
        kind: "small",
        "aria-label": `${format.month(month.month)} as ${name}`,
      },
    );
    return save;
  }

  /** Saved by the host, where it can; else shown, to be copied. */
  async function hand(uri: string, kind: Format, pressed: HTMLElement): Promise<void> {
    const answer = await host.read(uri);
    if (!answer.ok || answer.value.text === undefined) {
      put(below, problem(answer.ok ? "It is empty." : answer.message));
      return;
    }
    const { text } = answer.value;
    if (host.canDownload && (await host.download(uri, { mimeType: mediaTypes[kind], text }))) {
      announce("Saved.");
      return;
    }
    const shown = field(
      pressed.getAttribute("aria-label") ?? "File",
      h("textarea", { readonly: true, rows: 12 }),
      { hint: "This program saves no files: copy it from here." },
    );
    shown.control.value = text;
    put(below, shown.element);
    shown.control.select();
    shown.control.focus();
  }
}
