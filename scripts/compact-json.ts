/** JSON for people to compare: what holds no object, such as one field of a tool, is one line. */
export function compactJson(value: unknown, lineStart = "\n"): string {
  if (typeof value !== "object" || value === null || Object.values(value).every(isFlat)) {
    return JSON.stringify(value, null, 1).replace(/\n\s*/g, " ");
  }
  const deeper = `${lineStart}  `;
  const [open, close] = Array.isArray(value) ? "[]" : "{}";
  const parts = Object.entries(value)
    .filter(([, part]) => part !== undefined)
    .map(([name, part]) =>
      Array.isArray(value)
        ? compactJson(part, deeper)
        : `${JSON.stringify(name)}: ${compactJson(part, deeper)}`,
    );
  return `${open}${deeper}${parts.join(`,${deeper}`)}${lineStart}${close}`;
}

function isFlat(part: unknown): boolean {
  return Array.isArray(part) ? part.every(isFlat) : typeof part !== "object" || part === null;
}
