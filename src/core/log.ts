/** How much attention a log line asks for. */
export type LogLevel = "info" | "warn" | "error";

/** Values that a log line may carry. Never a token, and of a person nothing but the object id. */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

/**
 * Writes one structured log line.
 *
 * @param event what happened, as a dotted name that never varies: `request.refused`
 */
export type Log = (level: LogLevel, event: string, fields?: LogFields) => void;

/**
 * A {@link Log} that writes each line as one JSON object through `write`.
 *
 * @param common what every line carries, such as what correlates the lines of one invocation
 */
export function jsonLog(
  write: (level: LogLevel, line: string) => void,
  common: LogFields = {},
): Log {
  return (level, event, fields) => write(level, JSON.stringify({ event, ...fields, ...common }));
}

/** A {@link Log} to the process's own output, for what happens outside any invocation. */
export const consoleLog: Log = jsonLog((level, line) => console[level](line));

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
