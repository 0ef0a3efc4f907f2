import { button, h } from "./dom.ts";

interface DropZone {
  readonly label: string;
  readonly hint: string;
  /** Media types or endings, as an input has them. */
  readonly accept: string;
  readonly take: (file: File) => void | Promise<void>;
}

/** Where a file can be dropped, or chosen with a button. */
export function dropZone({ label, hint, accept, take }: DropZone): HTMLElement {
  const chooser = h("input", { type: "file", accept, hidden: true });
  const give = (files: FileList | null | undefined) => {
    const file = files?.[0];
    if (file) void take(file);
  };
  chooser.addEventListener("change", () => {
    give(chooser.files);
    // The same file may be chosen again.
    chooser.value = "";
  });
  const zone = h(
    "div",
    { class: "drop" },
    button(label, () => chooser.click()),
    h("span", { class: "hint" }, hint),
    chooser,
  );
  const mark = (isOver: boolean) => (event: DragEvent) => {
    event.preventDefault();
    zone.classList.toggle("over", isOver);
  };
  zone.addEventListener("dragover", mark(true));
  zone.addEventListener("dragleave", mark(false));
  zone.addEventListener("drop", (event) => {
    mark(false)(event);
    give(event.dataTransfer?.files);
  });
  return zone;
}
