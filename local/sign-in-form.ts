/** A form as a browser would send it. */
export interface Form {
  readonly action: string;
  readonly method: string;
  /** Hidden fields: sent whichever button is pressed. */
  readonly fields: readonly Field[];
  /** Of these the one that is pressed is sent. */
  readonly buttons: readonly Field[];
}

export interface Field {
  readonly name: string;
  readonly value: string;
}

/** The first form of a page. Enough of HTML for pages that are made of plain, quoted attributes. */
export function readSignInForm(page: string): Form | undefined {
  const [, attributes, content = ""] = /<form\b([^>]*)>(.*?)<\/form>/is.exec(page) ?? [];
  if (attributes === undefined) return undefined;
  const form = readAttributes(attributes);
  return {
    action: form.get("action") ?? "",
    method: (form.get("method") ?? "get").toUpperCase(),
    fields: readFields(content, "input").filter(({ type }) => type === "hidden"),
    buttons: readFields(content, "button"),
  };
}

function readFields(content: string, element: string): (Field & { type: string })[] {
  return [...content.matchAll(new RegExp(`<${element}\\b([^>]*)>`, "gi"))].map(([, tag = ""]) => {
    const attributes = readAttributes(tag);
    return {
      name: attributes.get("name") ?? "",
      value: attributes.get("value") ?? "",
      type: attributes.get("type") ?? "",
    };
  });
}

function readAttributes(tag: string): Map<string, string> {
  const matches = tag.matchAll(/([\w-]+)\s*=\s*"([^"]*)"/g);
  return new Map([...matches].map(([, name = "", value = ""]) => [name, decodeEntities(value)]));
}

const characters: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  "#39": "'",
};

function decodeEntities(text: string): string {
  return text.replace(/&([^;\s]+);/g, (entity, name: string) => characters[name] ?? entity);
}
