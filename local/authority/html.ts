/** Markup whose interpolated values are escaped already. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
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

type Interpolation = string | Html | undefined | readonly Html[];

/** A template whose values are text, and escaped, unless they are markup from here themselves. */
export function html(strings: TemplateStringsArray, ...values: readonly Interpolation[]): Html {
  const markup = (value: Interpolation): string => {
    if (value === undefined) return "";
    if (value instanceof Html) return value.text;
    return typeof value === "string" ? escapeHtml(value) : value.map((part) => part.text).join("");
  };
  return new Html(strings.reduce((text, part, index) => text + markup(values[index - 1]) + part));
}
