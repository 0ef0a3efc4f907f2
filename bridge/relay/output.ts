import { once } from "node:events";
import type { Writable } from "node:stream";

/** Standard output: one JSON-RPC message a line, whole, in the order of sending. */
export interface Output {
  /**
   * Resolves once there is room for more, so that whoever reads from the server waits for a slow client;
   * or once `ending` aborts.
   */
  send(line: string): Promise<void>;
  /** Resolves once all that was sent is written, or the client has had a moment to read it. */
  flush(): Promise<void>;
  /** Aborts when nobody reads any more, or as it was told to. */
  readonly ending: AbortSignal;
}

const flushMilliseconds = 1_000;

export function createOutput(stream: Writable, end: AbortSignal): Output {
  const closing = new AbortController();
  const close = () => closing.abort(new Error("Standard output is closed."));
  // Writing to a client that has left fails each time.
  stream.on("error", close);
  stream.once("close", close);
  const ending = AbortSignal.any([closing.signal, end]);
  return {
    ending,
    async send(line) {
      if (ending.aborted || stream.write(`${line}\n`)) return;
      // Resolves as well where nothing is written any more.
      await once(stream, "drain", { signal: ending }).catch(() => {});
    },
    async flush() {
      if (closing.signal.aborted) return;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, flushMilliseconds);
        stream.write("", () => {
          clearTimeout(timer);
          resolve();
        });
      });
    },
  };
}
