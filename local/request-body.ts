import type { IncomingMessage } from "node:http";
import { readBounded } from "../src/core/bounded-body.ts";

/** Bytes. An assertion in a form is a few thousand. */
const largestBody = 256 * 1024;

/** A request's body; nothing where it is too large to be meant for the laptop stack. */
export function readBody(incoming: IncomingMessage): Promise<Buffer<ArrayBuffer> | undefined> {
  return readBounded(incoming, largestBody);
}
