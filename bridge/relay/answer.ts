import type { IncomingMessage } from "node:http";
import { createParser } from "eventsource-parser";
import { readBounded } from "../../src/core/bounded-body.ts";
import { codeOf } from "../../src/core/error-code.ts";
import { failure, type Result, success } from "../../src/core/result.ts";
import { type Message, readMessage } from "./message.ts";

/** Of a JSON body, or of an event. */
export const maximumMessageBytes = 16 * 1024 * 1024;

/** Why a body is not read to its end. */
export type BodyFailure =
  | { readonly kind: "too-long" }
  /** The connection broke, or was silent for too long. */
  | { readonly kind: "broken"; readonly code: string };

/**
 * Reads a body that is one JSON document.
 *
 * @returns nothing where it is none
 */
export async function readJson(
  body: IncomingMessage,
  maximumBytes = maximumMessageBytes,
): Promise<Result<string, BodyFailure>> {
  try {
    const bytes = await readBounded(body, maximumBytes);
    return bytes ? success(bytes.toString("utf8")) : failure({ kind: "too-long" });
  } catch (error) {
    return failure({ kind: "broken", code: codeOf(error, "ECONNRESET") });
  }
}

/**
 * Reads a stream of events, and hands each JSON-RPC message on before it reads more.
 *
 * @param take says whether that was the last one
 * @param noise is called for an event that is no JSON-RPC message
 */
export async function readEvents(
  body: IncomingMessage,
  take: (message: Message) => Promise<boolean>,
  noise: () => void,
  maximumBytes = maximumMessageBytes,
): Promise<Result<void, BodyFailure>> {
  let events: string[] = [];
  let isTooLong = false;
  const parser = createParser({
    maxBufferSize: maximumBytes,
    onEvent: ({ data }) => events.push(data),
    onError: ({ type }) => {
      isTooLong ||= type === "max-buffer-size-exceeded";
    },
  });
  try {
    const pieces: AsyncIterable<string> = body
      .setEncoding("utf8")
      .iterator({ destroyOnReturn: false });
    for await (const piece of pieces) {
      parser.feed(piece);
      const arrived = events;
      events = [];
      for (const data of arrived) {
        // An event without data only gives a stream its id.
        if (data === "") continue;
        const message = readMessage(data);
        if (!message) noise();
        else if (await take(message)) {
          letEnd(body);
          return success(undefined);
        }
      }
      if (isTooLong) {
        body.destroy();
        return failure({ kind: "too-long" });
      }
    }
  } catch (error) {
    return failure({ kind: "broken", code: codeOf(error, "ECONNRESET") });
  }
  return success(undefined);
}

const endMilliseconds = 1_000;

/** A body of which nothing more is wanted; its connection stays in use if it ends by itself. */
export function letEnd(body: IncomingMessage): void {
  const timer = setTimeout(() => body.destroy(), endMilliseconds);
  timer.unref();
  body.once("close", () => clearTimeout(timer));
  body.resume();
}
