import type { LogCategory, LogLevel } from "./core-types.ts";

/** The host's default log level is `information`. */
const hidden: ReadonlySet<LogLevel> = new Set(["trace", "debug", "none"]);
const urgent: ReadonlySet<LogLevel> = new Set(["warning", "error", "critical"]);

/**
 * Prints what the app logs through its invocation context exactly as it is, so that a line of JSON
 * stays one; everything else with its level. Warnings and errors go to standard error.
 */
export function writeLog(level: LogLevel, category: LogCategory, message: string): void {
  if (hidden.has(level)) return;
  const line = category === "user" ? message : `${level}: ${message}`;
  const output = urgent.has(level) ? process.stderr : process.stdout;
  output.write(`${line}\n`);
}
