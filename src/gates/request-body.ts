import { failure, type Result, success } from "../core/result.ts";
import type { Gate, RequestBody } from "./gate.ts";
import { hasMemberNamedHeaders } from "./headers.ts";
import type { BodyRejection } from "./rejection.ts";

/** 4 MiB, what the MCP SDK accepts too. */
const maximumBodyBytes = 4 * 1024 * 1024;
/** Of one JSON document. No tool's arguments come near it. */
const maximumJsonDepth = 64;
/**
 * Of one JSON document, those in arrays and objects included. Three bytes of text make an empty object
 * of twenty times as many in memory; the longest batch of real calls has some thousand values.
 */
const maximumJsonValues = 50_000;
/** Of a batch, which the legacy revisions know; each message counts against the rate limits. */
const maximumMessages = 50;
/** How long a client may send nothing in the middle of a body. */
const stallMilliseconds = 10_000;
/** How long a whole body may take: enough for the largest one over a slow line. */
const bodyMilliseconds = 60_000;
/**
 * In how many pieces a body may arrive: some 64 bytes each for the largest one, where a network
 * packet brings more than 500. Each piece costs its time, however small it is.
 */
const maximumPieces = 65_536;
/**
 * How much of a refused body is still read, and thrown away. The platform uses its connection to this
 * process again, and waits for the body's end before it passes the answer on.
 */
const maximumDiscardedBytes = 64 * 1024 * 1024;

const decoder = new TextDecoder();

/** Reads the body, for a known caller alone. */
export const body: Gate = {
  name: "body",
  async pass({ request }) {
    const body = await readBody(request);
    if (!body.ok) return { refused: body.reason };
    if (hasMemberNamedHeaders(body.value.json)) return { refused: { kind: "headers-overridden" } };
    return { adds: { body: body.value } };
  },
};

/**
 * Reads a request's body and parses it, within limits: as soon as it is too large nothing more of it
 * is held, and it is given up as soon as the client stops sending.
 */
async function readBody(request: Request): Promise<Result<RequestBody, BodyRejection>> {
  const bytes = await readBytes(request);
  if (!bytes.ok) return bytes;
  const { depth, values } = sizeOf(bytes.value);
  if (depth > maximumJsonDepth) return failure({ kind: "json-too-deep", limit: maximumJsonDepth });
  if (values > maximumJsonValues) {
    return failure({ kind: "json-too-many-values", limit: maximumJsonValues });
  }
  let json: unknown;
  try {
    json = JSON.parse(decoder.decode(bytes.value));
  } catch {
    return success({ bytes: bytes.value, messages: 1 });
  }
  const messages = Array.isArray(json) ? json.length : 1;
  if (messages > maximumMessages) {
    return failure({ kind: "too-many-messages", got: messages, limit: maximumMessages });
  }
  return success({ bytes: bytes.value, json, messages: Math.max(1, messages) });
}

async function readBytes(
  request: Request,
): Promise<Result<Uint8Array<ArrayBuffer>, BodyRejection>> {
  const tooLarge = { kind: "body-too-large", limit: maximumBodyBytes } as const;
  if (Number(request.headers.get("content-length")) > maximumBodyBytes) return failure(tooLarge);
  if (!request.body) return success(new Uint8Array());

  const reader = request.body.getReader();
  // Not waited for: a client that sends nothing may keep the stream from ending.
  const giveUp = () => {
    reader.cancel().catch(() => {});
  };
  let stalled = false;
  // What is being read then ends as if the body were at its end.
  const cutOff = () => {
    stalled = true;
    giveUp();
  };
  const startedAt = performance.now();
  let timer = setTimeout(cutOff, stallMilliseconds);
  let bytes = new GrowingBytes();
  let received = 0;
  let refused: BodyRejection | undefined;
  try {
    for (let pieces = 1; ; pieces += 1) {
      const piece = await reader.read();
      if (stalled) return failure(refused ?? { kind: "body-stalled" });
      if (piece.done) return refused ? failure(refused) : success(bytes.all());
      const remaining = startedAt + bodyMilliseconds - performance.now();
      if (remaining > stallMilliseconds) timer.refresh();
      else {
        clearTimeout(timer);
        timer = setTimeout(cutOff, remaining);
      }
      received += piece.value.byteLength;
      if (received > maximumBodyBytes) refused ??= tooLarge;
      else if (pieces > maximumPieces) refused ??= { kind: "body-in-pieces", limit: maximumPieces };
      if (!refused) bytes.append(piece.value);
      else {
        bytes = new GrowingBytes();
        if (received <= maximumDiscardedBytes && pieces <= 2 * maximumPieces) continue;
        giveUp();
        return failure(refused);
      }
    }
  } catch {
    return failure(refused ?? { kind: "body-unreadable" });
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Bytes in one piece: many small ones that are kept take a hundred times the room of what they hold.
 * The first piece, nearly always the whole, is taken as it is.
 */
class GrowingBytes {
  length = 0;
  #room: Uint8Array<ArrayBuffer> = new Uint8Array();

  append(piece: Uint8Array<ArrayBuffer>): void {
    if (this.length === 0) {
      this.#room = piece;
      this.length = piece.byteLength;
      return;
    }
    const length = this.length + piece.byteLength;
    if (length > this.#room.byteLength) {
      const room = new Uint8Array(Math.max(length, 2 * this.#room.byteLength));
      room.set(this.#room.subarray(0, this.length));
      this.#room = room;
    }
    this.#room.set(piece, this.length);
    this.length = length;
  }

  all(): Uint8Array<ArrayBuffer> {
    return this.#room.subarray(0, this.length);
  }
}

/**
 * How deep arrays and objects are nested, and about how many values there are, without parsing:
 * parsing is what it protects. In UTF-8 no byte of another character is one of those looked for.
 */
function sizeOf(text: Uint8Array): { readonly depth: number; readonly values: number } {
  let depth = 0;
  let deepest = 0;
  let values = 1;
  let inString = false;
  for (let index = 0; index < text.length; index += 1) {
    const character = text[index];
    if (inString) {
      if (character === 0x5c) index += 1;
      else if (character === 0x22) inString = false;
    } else if (character === 0x22) inString = true;
    else if (character === 0x5b || character === 0x7b) {
      depth += 1;
      if (depth > deepest) deepest = depth;
      values += 1;
    } else if (character === 0x5d || character === 0x7d) depth -= 1;
    else if (character === 0x2c) values += 1;
  }
  return { depth: deepest, values };
}
