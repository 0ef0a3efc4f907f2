import { failure, type Result, success } from "../result.ts";

/** 4 MiB, what the MCP SDK accepts too. */
export const maximumBodyBytes = 4 * 1024 * 1024;
/** Of one JSON document. No tool's arguments come near it. */
export const maximumJsonDepth = 64;
/** Of a batch, which the older revisions know; each message counts against the rate limits. */
export const maximumMessages = 50;
/** How long a client may send nothing in the middle of a body. */
export const stallMilliseconds = 10_000;
/** How long a whole body may take: enough for the largest one over a slow line. */
export const bodyMilliseconds = 60_000;

export type BodyRejection =
  | { readonly kind: "body-too-large"; readonly limit: number }
  | { readonly kind: "body-stalled"; readonly afterMilliseconds: number }
  | { readonly kind: "body-unreadable" }
  | { readonly kind: "json-too-deep"; readonly limit: number }
  | { readonly kind: "too-many-messages"; readonly got: number; readonly limit: number };

export interface RequestBody {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The JSON value; absent where the bytes are no JSON, which the protocol has its own answer to. */
  readonly json?: unknown;
  /** How many JSON-RPC messages it holds: those of a batch, or one. */
  readonly messages: number;
}

/**
 * Reads a request's body and parses it, within limits: it is given up as soon as it is too large,
 * before it is held whole, and as soon as the client stops sending.
 */
export async function readBody(request: Request): Promise<Result<RequestBody, BodyRejection>> {
  const bytes = await readBytes(request);
  if (!bytes.ok) return bytes;
  const text = new TextDecoder().decode(bytes.value);
  if (depthOf(text) > maximumJsonDepth) {
    return failure({ kind: "json-too-deep", limit: maximumJsonDepth });
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
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
  const tooLarge = failure({ kind: "body-too-large", limit: maximumBodyBytes } as const);
  if (Number(request.headers.get("content-length")) > maximumBodyBytes) return tooLarge;
  if (!request.body) return success(new Uint8Array());

  const reader = request.body.getReader();
  const chunks: Uint8Array[] = [];
  let length = 0;
  const deadline = performance.now() + bodyMilliseconds;
  try {
    for (;;) {
      const left = Math.max(0, deadline - performance.now());
      const chunk = await withinTime(reader.read(), Math.min(stallMilliseconds, left));
      if (chunk === "stalled") {
        giveUp(reader);
        return failure({ kind: "body-stalled", afterMilliseconds: stallMilliseconds });
      }
      if (chunk.done) break;
      length += chunk.value.byteLength;
      if (length > maximumBodyBytes) {
        giveUp(reader);
        return tooLarge;
      }
      chunks.push(chunk.value);
    }
  } catch {
    return failure({ kind: "body-unreadable" });
  }
  const bytes = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return success(bytes);
}

async function withinTime<Value>(
  reading: Promise<Value>,
  milliseconds: number,
): Promise<Value | "stalled"> {
  let timer: NodeJS.Timeout | undefined;
  const stalled = new Promise<"stalled">((resolve) => {
    timer = setTimeout(resolve, milliseconds, "stalled");
  });
  try {
    return await Promise.race([reading, stalled]);
  } finally {
    clearTimeout(timer);
  }
}

/** Not waited for: a client that sends nothing may keep the stream from ending. */
function giveUp(reader: ReadableStreamDefaultReader): void {
  reader.cancel().catch(() => {});
}

/** How deep arrays and objects are nested, without parsing: parsing is what it protects. */
function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  let inString = false;
  for (let index = 0; index < text.length; index += 1) {
    const character = text.charCodeAt(index);
    if (inString) {
      if (character === 0x5c) index += 1;
      else if (character === 0x22) inString = false;
    } else if (character === 0x22) inString = true;
    else if (character === 0x5b || character === 0x7b) {
      depth += 1;
      if (depth > deepest) deepest = depth;
    } else if (character === 0x5d || character === 0x7d) depth -= 1;
  }
  return deepest;
}
