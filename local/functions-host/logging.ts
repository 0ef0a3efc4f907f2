import type { LogCategory, LogLevel } from "./core-types.ts";
import { appHookData, hooksOf } from "./registrations.ts";

/** The host's default log level is `information`. */
const hidden: ReadonlySet<LogLevel> = new Set(["trace", "debug", "none"]);
const urgent: ReadonlySet<LogLevel> = new Set(["warning", "error", "critical"]);

/**
 * Prints what the app logs through its invocation context exactly as it is, so that a line of JSON
 * stays one; everything else with its level. Warnings and errors go to standard error.
 *
 * @param invocationContext the invocation that logs, for the app's `log` hooks
 */
export function writeLog(
  level: LogLevel,
  category: LogCategory,
  message: string,
  invocationContext?: unknown,
): void {
  const entry = { level, message, category, invocationContext, hookData: {}, appHookData };
  for (const hook of hooksOf("log")) hook(entry);
  if (hidden.has(entry.level)) return;
  const line = category === "user" ? entry.message : `${entry.level}: ${entry.message}`;
  const output = urgent.has(entry.level) ? process.stderr : process.stdout;
  output.write(`${line}\n`);
}
