import type { ChildProcess } from "node:child_process";

/** How a process ended: by itself with a code, or by a signal. */
export interface ProcessExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** Fulfilled when the process has ended, for whatever reason; its output may still be under way. */
export function exitOf(child: ChildProcess): Promise<ProcessExit> {
  return new Promise((resolve) => {
    child.once("exit", (code, signal) => resolve({ code, signal }));
  });
}

/**
 * Ends a process that ends when it is disconnected. May be called more than once.
 *
 * @param limit milliseconds that it gets before it is killed
 */
export async function endChild(
  child: ChildProcess,
  exited: Promise<unknown>,
  limit: number,
): Promise<void> {
  if (child.connected) child.disconnect();
  const timer = setTimeout(() => child.kill("SIGKILL"), limit);
  await exited;
  clearTimeout(timer);
}
