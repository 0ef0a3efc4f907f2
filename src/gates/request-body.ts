import { parseExactJson } from "../core/exact-numbers.ts";
import { failure, type Result, success } from "../core/result.ts";
import type { Gate, RequestBody } from "./gate.ts";
import { hasMemberNamedHeaders } from "./headers.ts";
import type { BodyRejection } from "./rejection.ts";

/** 4 MiB, what the MCP SDK accepts too. */
const maximumBodyBytes = 4 * 1024 * 1024;
/** Of one JSON document. No tool's arguments come near it. */
const maximumJsonDepth = 64;
/**
 * Of one message, those in arrays and objects included: each costs time in the protocol's checks. A
 * tool may need more: {@link LargeCalls}.
 */
const maximumValues = 500;
/** A batch may have as many values as so many of the largest messages. */
const fullMessages = 4;
/** Of a batch, which the legacy revisions know; each message counts against the rate limits. */
const maximumMessages = 50;
/** Of a message's id, which comes back in the answer. */
const maximumIdLength = 256;
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

/**
 * How many JSON values a call may have that is a message of its own, by the name of its tool, where that
 * is more than any other message: `inputValues` of tools.
 */
export type LargeCalls = ReadonlyMap<string, number>;

/** Reads the body, for a known caller alone. */
export function body(largeCalls: LargeCalls = new Map()): Gate {
  return {
    name: "body",
    async pass(arrival) {
      const { request } = arrival;
      const bytes = await readBytes(request, maximumBodyBytes, (length) => arrival.charge(length));
      const body = bytes.ok ? parsed(bytes.value, largeCalls) : bytes;
      if (!body.ok) return { refused: body.reason };
      if (hasMemberNamedHeaders(body.value.json)) {
        return { refused: { kind: "headers-overridden" } };
      }
      return { adds: { body: body.value } };
    },
  };
}

/** Parses a body, within limits. */
function parsed(
  bytes: Uint8Array<ArrayBuffer>,
  largeCalls: LargeCalls,
): Result<RequestBody, BodyRejection> {
  const { depth, values, valuesOfMessage, isBatch } = sizeOf(bytes);
  if (depth > maximumJsonDepth) return failure({ kind: "json-too-deep", limit: maximumJsonDepth });
  const tooManyValues = (of: "message" | "batch", limit: number) =>
    failure({ kind: "json-too-many-values", of, limit } as const);
  // Which tool a message calls is known once it is parsed, which is not done for more than any may have.
  const most = isBatch ? maximumValues : Math.max(maximumValues, ...largeCalls.values());
  if (valuesOfMessage > most) return tooManyValues("message", maximumValues);
  if (isBatch && values > fullMessages * maximumValues) {
    return tooManyValues("batch", fullMessages * maximumValues);
  }
  let json: unknown;
  try {
    json = parseExactJson(bytes);
  } catch {
    if (values > maximumValues && !isBatch) return tooManyValues("message", maximumValues);
    return success({ bytes, messages: 1 });
  }
  if (!isBatch && values > maximumValues) {
    const limit = largeCalls.get(calledTool(json) ?? "") ?? maximumValues;
    if (values > limit) return tooManyValues("message", limit);
  }
  const messages: readonly unknown[] = Array.isArray(json) ? json : [json];
  if (messages.length > maximumMessages) {
    return failure({ kind: "too-many-messages", got: messages.length, limit: maximumMessages });
  }
  const ids = messages.flatMap((message) => requestId(message) ?? []);
  if (ids.some((id) => typeof id === "string" && id.length > maximumIdLength)) {
    return failure({ kind: "id-too-long", limit: maximumIdLength });
  }
  // The answer ends once each id has one: of two calls with one id, the second would run unanswered.
  if (new Set(ids).size < ids.length) return failure({ kind: "repeated-id" });
  // A message that may have more values than others is as dear as so many of them.
  const asMany = isBatch ? messages.length : Math.ceil(values / maximumValues);
  return success({ bytes, json, messages: Math.max(1, asMany) });
}

/** The tool that a message calls, if it is a call. */
function calledTool(message: unknown): string | undefined {
  const { method, params } = (message ?? {}) as { method?: unknown; params?: { name?: unknown } };
  const name = method === "tools/call" ? params?.name : undefined;
  return typeof name === "string" ? name : undefined;
}

function requestId(message: unknown): unknown {
  if (typeof message !== "object" || message === null || !("method" in message)) return undefined;
  return "id" in message ? message.id : undefined;
}

/**
 * A request's body: as soon as it is too large nothing more of it is held, and it is given up as soon as
 * the client stops sending.
 *
 * @param charge told of the bytes as they come
 */
export async function readBytes(
  request: Request,
  maximumBytes: number,
  charge: (bytes: number) => void = () => {},
): Promise<Result<Uint8Array<ArrayBuffer>, BodyRejection>> {
  const tooLarge = { kind: "body-too-large", limit: maximumBytes } as const;
  if (Number(request.headers.get("content-length")) > maximumBytes) {
    charge(maximumBytes);
    return failure(tooLarge);
  }
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
      charge(piece.value.byteLength);
      if (received > maximumBytes) refused ??= tooLarge;
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

/** What a JSON text holds, about. */
interface JsonSize {
  readonly depth: number;
  readonly values: number;
  /** Of the message of a batch that has most; or of the whole. */
  readonly valuesOfMessage: number;
  /** It begins as an array. */
  readonly isBatch: boolean;
}

/**
 * How deep arrays and objects are nested, and about how many values there are, without parsing:
 * parsing is what it protects. In UTF-8 no byte of another character is one of those looked for.
 */
function sizeOf(text: Uint8Array): JsonSize {
  let depth = 0;
  let deepest = 0;
  let values = 1;
  /** How many values there were before the message of a batch that is being read. */
  let before = 0;
  let valuesOfMessage = 0;
  let isBatch = false;
  let inString = false;
  for (let index = 0; index < text.length; index += 1) {
    const character = text[index];
    if (inString) {
      if (character === 0x5c) index += 1;
      else if (character === 0x22) inString = false;
    } else if (character === 0x22) inString = true;
    else if (character === 0x5b || character === 0x7b) {
      if (deepest === 0) isBatch = character === 0x5b;
      depth += 1;
      if (depth > deepest) deepest = depth;
      values += 1;
    } else if (character === 0x5d || character === 0x7d) depth -= 1;
    else if (character === 0x2c) {
      if (depth === 1 && isBatch) {
        if (values - before > valuesOfMessage) valuesOfMessage = values - before;
        before = values;
      }
      values += 1;
    }
  }
  valuesOfMessage = Math.max(valuesOfMessage, values - before);
  return { depth: deepest, values, valuesOfMessage, isBatch };
}
