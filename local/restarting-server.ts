import type { FunctionsHost } from "./functions-host/start.ts";

/** A server that is replaced by a new process, at the same port and over the same services. */
export interface RestartingServer {
  /** Restarts it soon. What is asked for while a restart is under way makes one more, not several. */
  restart(): void;
  /** Ends the server. */
  close(): Promise<void>;
}

/**
 * Takes over a server that runs.
 *
 * One that ends by itself, or does not start with what has changed, is not the end of the stack: it
 * is told, and the next restart tries again.
 *
 * @param start starts the next server, when the one before has ended
 */
export function restartingServer(
  running: FunctionsHost,
  { start, log }: { start: () => Promise<FunctionsHost>; log: (line: string) => void },
): RestartingServer {
  let current: FunctionsHost | undefined;
  let restarting: Promise<void> | undefined;
  let isAsked = false;
  let isClosed = false;

  function keep(host: FunctionsHost): void {
    current = host;
    void host.exited.then(() => {
      if (current !== host || isClosed) return;
      current = undefined;
      log("The MCP server ended by itself. It starts again with the next change.");
    });
  }

  async function end(): Promise<void> {
    const host = current;
    current = undefined;
    await host?.close();
  }

  async function replace(): Promise<void> {
    while (isAsked && !isClosed) {
      isAsked = false;
      log("Restarting the MCP server…");
      await end();
      try {
        keep(await start());
        log("The MCP server runs again.");
      } catch (error) {
        const problem = error instanceof Error ? error.message : String(error);
        log(`${problem}\nThe MCP server did not start. It tries again with the next change.`);
      }
    }
  }

  keep(running);
  return {
    restart() {
      isAsked = true;
      restarting ??= replace().finally(() => {
        restarting = undefined;
      });
    },
    async close() {
      isClosed = true;
      await restarting;
      await end();
    },
  };
}
