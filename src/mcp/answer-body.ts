import type { Pieces } from "../core/endpoint.ts";
import { inOwnWords, type OwnAnswers } from "./own-words.ts";

/**
 * What the SDK answers: whole, unless the body goes on being made after its first bytes, as one does
 * in which progress precedes the result. Waits for the first bytes, which is when the tool has
 * finished or begun to tell: legacy revisions hand out 200 and a stream before.
 */
export async function bodyOf(
  response: Response,
  own: OwnAnswers,
): Promise<Uint8Array<ArrayBuffer> | null | Pieces> {
  if (!response.body) return null;
  const { status } = response;
  const isStream = response.headers.get("content-type")?.startsWith("text/event-stream") ?? false;
  const reader = response.body.getReader();
  const read: Promise<ReadResult>[] = [];
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  for (;;) {
    const reading = reader.read();
    const mayGoOn = isStream && read.length > 0;
    const piece = await (mayGoOn ? Promise.race([reading, nextTurn()]) : reading);
    if (piece?.done) {
      return isStream
        ? concatenated(pieces.map((event) => inOwnWords(event, status, own)))
        : inOwnWords(concatenated(pieces), status, own);
    }
    read.push(reading);
    if (!piece) {
      const next = async () => {
        const { done, value } = await (read.shift() ?? reader.read());
        return value ? { done, value: inOwnWords(value, status, own) } : { done };
      };
      return { next, cancel: () => reader.cancel() };
    }
    if (piece.value) pieces.push(piece.value);
  }
}

/** The number of the JSON-RPC error in an answer. Its text is not for the log: it may quote what came in. */
export function rpcErrorIn(body: Uint8Array | null | Pieces): number | undefined {
  if (!(body instanceof Uint8Array)) return undefined;
  const [, number] = /"code":(-?\d+)/.exec(Buffer.from(body).toString()) ?? [];
  return number === undefined ? undefined : Number(number);
}

function concatenated(pieces: readonly Uint8Array<ArrayBuffer>[]): Uint8Array<ArrayBuffer> {
  const [first] = pieces;
  if (pieces.length === 1 && first) return first;
  return new Uint8Array(Buffer.concat(pieces));
}

type ReadResult = Awaited<ReturnType<ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>["read"]>>;

/** Resolves once everything that is ready now has run. */
function nextTurn(): Promise<undefined> {
  return new Promise((resolve) => {
    setImmediate(resolve, undefined);
  });
}
