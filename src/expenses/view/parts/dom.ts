/** What an element may be given: attributes, and handlers of events by name. */
export interface Properties {
  readonly on?: Readonly<Record<string, (event: Event) => void>>;
  readonly [attribute: string]: unknown;
}

export type Child = Node | string | undefined | false | readonly Child[];

/**
 * Makes an element. Text only ever becomes a text node and an attribute's value: nothing that the
 * server says is read as HTML. An attribute of `undefined` or `false` is left out.
 */
export function h<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  properties: Properties = {},
  ...children: Child[]
): HTMLElementTagNameMap[Tag] {
  return filled(document.createElement(tag), properties, children);
}

/** As {@link h}, in SVG. */
export function svg<Tag extends keyof SVGElementTagNameMap>(
  tag: Tag,
  properties: Properties = {},
  ...children: Child[]
): SVGElementTagNameMap[Tag] {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  return filled(made, properties, children);
}

function filled<Made extends Element>(
  element: Made,
  { on = {}, ...attributes }: Properties,
  children: Child[],
): Made {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    element.setAttribute(name, value === true ? "" : String(value));
  }
  for (const [event, handler] of Object.entries(on)) element.addEventListener(event, handler);
  put(element, children);
  return element;
}

/** Puts `children` in the place of what `parent` holds. */
export function put(parent: Element, ...children: Child[]): void {
  const nodes = children.flat(8) as (Node | string | undefined | false)[];
  parent.replaceChildren(...nodes.filter((node) => node !== undefined && node !== false));
}

/** How long a message stays, in milliseconds. */
const messageTime = 8_000;

let forgetting: ReturnType<typeof setTimeout> | undefined;

/** Says something to everybody: below the page, and through the screen reader. */
export function announce(text: string): void {
  const status = document.getElementById("status");
  if (!status) return;
  status.textContent = text;
  clearTimeout(forgetting);
  forgetting = setTimeout(() => {
    status.textContent = "";
  }, messageTime);
}

/** Says something that everybody else sees, through the screen reader alone. */
export function tell(text: string): void {
  const heard = document.getElementById("heard");
  if (heard) heard.textContent = text;
}

/** A button with words on it. */
export function button(
  label: Child,
  press: () => unknown,
  { kind = "plain", ...attributes }: Properties & { readonly kind?: string } = {},
): HTMLButtonElement {
  return h(
    "button",
    { type: "button", class: `button ${kind}`, on: { click: () => void press() }, ...attributes },
    label,
  );
}

let lastId = 0;

/** A new id for an element that another one names. */
export function newId(): string {
  lastId += 1;
  return `id-${lastId}`;
}

/** A message about what went wrong, read out at once. */
export function problem(message: string, ...further: Child[]): HTMLElement {
  return h("div", { class: "problem", role: "alert" }, h("p", {}, message), ...further);
}

/** Runs `work` while `control` cannot be used and shows that it is busy. */
export async function whileBusy<Value>(
  control: HTMLButtonElement,
  work: () => Promise<Value>,
): Promise<Value | undefined> {
  if (control.getAttribute("aria-busy") === "true") return undefined;
  control.setAttribute("aria-busy", "true");
  try {
    return await work();
  } finally {
    control.removeAttribute("aria-busy");
  }
}
