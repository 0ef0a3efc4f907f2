import { type Child, h, newId, type Properties } from "./dom.ts";

type Control = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement;

/** A control with its label, its hint, and what is wrong with it. */
export interface Field<Kind extends Control = Control> {
  readonly element: HTMLElement;
  readonly control: Kind;
  /** Says what is wrong, or with nothing that all is well. */
  complain(message?: string): void;
}

export function field<Kind extends Control>(
  label: Child,
  control: Kind,
  { hint, place = "" }: { hint?: string; place?: string } = {},
): Field<Kind> {
  const id = newId();
  control.id = id;
  const wrong = h("span", { class: "wrong", id: `${id}-wrong` });
  const note =
    hint === undefined ? undefined : h("span", { class: "hint", id: `${id}-hint` }, hint);
  if (note) control.setAttribute("aria-describedby", note.id);
  return {
    element: h(
      "div",
      { class: `field ${place}` },
      h("label", { for: id }, label),
      control,
      note,
      wrong,
    ),
    control,
    complain(message = "") {
      wrong.textContent = message;
      if (message === "") control.removeAttribute("aria-invalid");
      else control.setAttribute("aria-invalid", "true");
      const described = [note?.id, message === "" ? undefined : wrong.id].filter(Boolean).join(" ");
      if (described === "") control.removeAttribute("aria-describedby");
      else control.setAttribute("aria-describedby", described);
    },
  };
}

export function input(properties: Properties): HTMLInputElement {
  return h("input", { type: "text", autocomplete: "off", ...properties });
}

export function choice(
  options: Readonly<Record<string, string>> | readonly (readonly [string, string])[],
  chosen: string | undefined,
  properties: Properties = {},
): HTMLSelectElement {
  const entries = Array.isArray(options) ? options : Object.entries(options);
  return h(
    "select",
    properties,
    ...entries.map(([value, name]) => h("option", { value, selected: value === chosen }, name)),
  );
}

/** A box to tick. */
export function check(
  label: string,
  isTicked: boolean,
): { element: HTMLElement; control: HTMLInputElement } {
  const control = h("input", { type: "checkbox", checked: isTicked });
  return { element: h("label", { class: "check" }, control, label), control };
}

/** Several of some choices, each to tick. */
export function chips(
  legend: string,
  options: readonly (readonly [string, string])[],
  chosen: readonly string[],
  change: (chosen: string[]) => void,
): HTMLElement {
  const boxes = options.map(([value, name]) => ({ value, ...check(name, chosen.includes(value)) }));
  const tell = () =>
    change(boxes.filter(({ control }) => control.checked).map(({ value }) => value));
  for (const { element, control } of boxes) {
    element.className = "";
    control.addEventListener("change", tell);
  }
  return h(
    "fieldset",
    {},
    h("legend", {}, legend),
    h("div", { class: "chips" }, ...boxes.map(({ element }) => element)),
  );
}

/**
 * Has the key Enter in a field do what the button does. The view has no `<form>`: a sandbox without
 * `allow-forms` blocks submitting one.
 */
export function onEnter(container: HTMLElement, press: () => void): void {
  container.addEventListener("keydown", (event) => {
    const { target } = event;
    const isField =
      target instanceof HTMLInputElement && !["checkbox", "file"].includes(target.type);
    if (event.key !== "Enter" || !isField || event.isComposing) return;
    event.preventDefault();
    press();
  });
}
