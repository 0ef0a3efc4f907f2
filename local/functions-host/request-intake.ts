import type { ClientRequest, IncomingMessage } from "node:http";
import { maximumBodyBytes } from "./request-line.ts";

/** Whether the host reads the body before it invokes the function: for a length, not for chunks. */
export function isReadFirst({ headers }: IncomingMessage): boolean {
  return Number(headers["content-length"]) > 0;
}

/** The body; `"stalled"` where it stops arriving. Rejects where the client leaves. */
export async function readWhole(
  request: IncomingMessage,
  stallMilliseconds: number,
): Promise<Buffer | "stalled"> {
  const pieces: Buffer[] = [];
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, stallMilliseconds, "stalled");
    request.on("data", (piece: Buffer) => {
      pieces.push(piece);
      timer.refresh();
    });
    request.once("end", () => resolve(Buffer.concat(pieces)));
    request.once("error", reject);
    request.once("close", () => clearTimeout(timer));
  });
}

/** Calls `onRefused` where a body that is passed on stops arriving, or is larger than the host takes. */
export function watchForStall(
  request: IncomingMessage,
  proxied: ClientRequest,
  stallMilliseconds: number,
  onRefused: () => void,
): void {
  let bytes = 0;
  const timer = setTimeout(() => {
    // The app, not the client, is what it waits for.
    if (proxied.writableNeedDrain) timer.refresh();
    else onRefused();
  }, stallMilliseconds);
  request.on("data", (piece: Buffer) => {
    timer.refresh();
    bytes += piece.length;
    if (bytes > maximumBodyBytes) onRefused();
  });
  for (const event of ["end", "close"]) request.once(event, () => clearTimeout(timer));
}
