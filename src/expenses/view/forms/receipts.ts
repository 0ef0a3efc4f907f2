import { attachReceipt } from "../api.ts";
import type { Expense, Receipt } from "../contract.ts";
import { announce, button, h, problem, put, whileBusy } from "../parts/dom.ts";
import { dropZone } from "../parts/drop-zone.ts";
import type { View } from "../view.ts";

/** What the tool takes, by the file's own signature. */
const kinds = "image/png,image/jpeg,image/webp,application/pdf";
const largest = 2.5 * 1024 * 1024;

/** The receipts of an expense, to look at and to add. `changed` is given the expense with a new one. */
export function receipts(
  view: View,
  expense: Expense,
  changed: (now: Expense) => void,
): HTMLElement {
  const { host, format } = view;
  const message = h("div");
  const zone = dropZone({
    label: "Add a receipt",
    hint: `Drop a picture or a PDF here, up to ${format.size(largest)}.`,
    accept: kinds,
    take: attach,
  });
  const list = (expense.receipts ?? []).map((receipt, index) => shown(receipt, index));
  return h(
    "section",
    { class: "card stack", "aria-label": "Receipts" },
    h("h2", {}, "Receipts"),
    list.length > 0 && h("ul", { class: "receipts" }, ...list),
    zone,
    message,
  );

  async function attach(file: File): Promise<void> {
    put(message);
    if (file.size > largest) {
      put(message, problem(`${file.name} has ${format.size(file.size)}, which is too large.`));
      return;
    }
    put(message, h("p", { class: "muted" }, `Adding ${file.name}…`));
    const answer = await attachReceipt(
      host,
      expense,
      file.name,
      base64(new Uint8Array(await file.arrayBuffer())),
    );
    if (!answer.ok) {
      put(message, problem(answer.message));
      return;
    }
    void host.tellModel("The person has attached a receipt to an expense in the view.");
    changed({ ...expense, ...answer.value.expense });
    announce("Receipt added.");
  }

  function shown(receipt: Receipt, index: number): HTMLElement {
    const name = `Receipt ${index + 1}`;
    const picture = h("div");
    const look = button("Show", () => whileBusy(look, () => open(receipt, name, picture)), {
      kind: "small",
      "aria-label": `Show ${name}`,
    });
    return h(
      "li",
      {},
      h("div", { class: "actions" }, h("strong", {}, name), host.canRead && look),
      h(
        "span",
        { class: "hint" },
        `${receipt.media_type.replace(/^.*\//, "").toUpperCase()}, ${format.size(receipt.bytes)}`,
      ),
      picture,
    );
  }

  async function open(
    { uri, media_type }: Receipt,
    name: string,
    place: HTMLElement,
  ): Promise<void> {
    const answer = await host.read(uri);
    if (!answer.ok || answer.value.blob === undefined) {
      put(place, problem(answer.ok ? "It is empty." : answer.message));
      return;
    }
    const { blob } = answer.value;
    if (media_type.startsWith("image/")) {
      put(
        place,
        h("img", {
          src: `data:${media_type};base64,${blob}`,
          alt: `${name} of ${expense.description}`,
        }),
      );
      return;
    }
    const isSaved = host.canDownload && (await host.download(uri, { mimeType: media_type, blob }));
    put(
      place,
      h(
        "p",
        { class: "hint" },
        isSaved ? "Saved." : "This program cannot show or save it here. Ask for it in the chat.",
      ),
    );
  }
}

function base64(bytes: Uint8Array): string {
  let binary = "";
  // Not all at once: a function takes so many arguments and no more.
  for (let start = 0; start < bytes.length; start += 32_768) {
    binary += String.fromCharCode(...bytes.subarray(start, start + 32_768));
  }
  return btoa(binary);
}
