/** Read at once: it may be gone before anybody asks. */
const parent = process.ppid;

/** How often it is looked whether the process that started this one is still there, in milliseconds. */
const parentCheckInterval = 500;

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
    if (process.env.npm_lifecycle_event) whenParentEnds(() => resolve(undefined));
  });
}

/**
 * Between npm and its script stands a shell, which passes on no signal: when npm is ended, the shell
 * goes, and all that the script could notice is that it has another parent.
 */
function whenParentEnds(ended: () => void): void {
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    ended();
  }, parentCheckInterval);
  timer.unref();
}
