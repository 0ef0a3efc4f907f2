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
