/** What a template holds: text, which is escaped, and markup of other templates, which is not. */
export type Interpolation = string | number | Html | undefined | readonly Html[];

/** Markup that {@link html} has made. Nothing else can make it, and nothing else stands unescaped. */
export class Html {
  readonly #markup: string;

  private constructor(markup: string) {
    this.#markup = markup;
  }

  static of(strings: TemplateStringsArray, values: readonly Interpolation[]): Html {
    const pieces = values.map((value, index) => markupOf(value) + strings[index + 1]);
    return new Html(strings[0] + pieces.join(""));
  }

  static isHtml(value: unknown): value is Html {
    return typeof value === "object" && value !== null && #markup in value;
  }

  toString(): string {
    return this.#markup;
  }
}

/**
 * A template of HTML. What is put into it is text, and escaped for elements and for attributes in
 * quotes, unless it comes from such a template itself.
 *
 * @example html`<p title="${title}">${clientName}</p>`
 */
export function html(strings: TemplateStringsArray, ...values: readonly Interpolation[]): Html {
  return Html.of(strings, values);
}

function markupOf(value: Interpolation): string {
  if (value === undefined) return "";
  if (Array.isArray(value)) return value.map(markupOf).join("");
  return Html.isHtml(value) ? String(value) : escapeHtml(String(value));
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character);
}
