/** What a stranger wrote, cut and stripped so that it can stand in a log line. */
export function excerpt(value: unknown): string {
  const text = typeof value === "string" ? value : (JSON.stringify(value) ?? "nothing");
  return text.replace(/[^\x20-\x7e]/g, "?").slice(0, 200);
}

/**
 * What may stand in a log of something that was thrown: its name, its code and where it was thrown.
 * Never its text, which may quote anything that passed by, tokens included.
 */
export function thrown(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  const code = codeOf(error) ?? codeOf(error.cause);
  // The text stands in front of the places, and may have lines that look like one.
  const places = error.stack?.replace(error.message, "").split("\n") ?? [];
  const frame = places.find((line) => /^\s*at .*:\d+:\d+\)?$/.test(line));
  return [error.name, code, frame?.trim()].filter((part) => part !== undefined).join(" ");
}

function codeOf(error: unknown): string | undefined {
  const code = typeof error === "object" && error !== null && "code" in error && error.code;
  const isCode =
    typeof code === "number" || (typeof code === "string" && /^[\w.-]{1,64}$/.test(code));
  return isCode ? String(code) : undefined;
}
