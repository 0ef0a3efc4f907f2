/**
 * Resolves, with nothing, when this process is told to stop: Ctrl-C, a closed terminal, the end of
 * whoever started it. A second Ctrl-C ends the process at once.
 */
export function stopRequested(): Promise<undefined> {
  return new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
      process.once(signal, () => resolve(undefined));
    }
    if (process.connected) process.once("disconnect", () => resolve(undefined));
  });
}
