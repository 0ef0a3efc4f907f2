import type { Readable } from "node:stream";

/** A line of standard input, or why it is none that can be read. */
export type Line = string | { readonly fault: "too-long" | "not-utf8" };

/** Four times what this project's server takes as a body: receipts come in base64. */
export const maximumLineBytes = 16 * 1024 * 1024;

const lineFeed = 0x0a;

/**
 * The lines of a stream, without empty ones. Of a line that is too long nothing is kept; reading goes on
 * behind its end.
 */
export async function* linesOf(
  input: Readable,
  maximumBytes = maximumLineBytes,
): AsyncGenerator<Line> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let pieces: Buffer[] = [];
  let length = 0;
  const take = (): Line | undefined => {
    const line = Buffer.concat(pieces);
    const isTooLong = length > maximumBytes;
    pieces = [];
    length = 0;
    if (isTooLong) return { fault: "too-long" };
    try {
      return decoder.decode(line).trim() || undefined;
    } catch {
      return { fault: "not-utf8" };
    }
  };
  for await (const chunk of input as AsyncIterable<Buffer>) {
    let start = 0;
    for (let end = chunk.indexOf(lineFeed); ; end = chunk.indexOf(lineFeed, start)) {
      const piece = chunk.subarray(start, end < 0 ? undefined : end);
      length += piece.length;
      if (length <= maximumBytes) pieces.push(piece);
      else pieces = [];
      if (end < 0) break;
      start = end + 1;
      const line = take();
      if (line !== undefined) yield line;
    }
  }
  const last = take();
  if (last !== undefined) yield last;
}
