import { parseJson } from "../core/encoding.ts";

/** Of the result of one message, as JSON: some hundred expenses, far more than a model reads. */
export const maximumResultBytes = 256 * 1024;
/** What the protocol adds to a result: the message's id and the server's name. */
const envelopeBytes = 4 * 1024;
/** Of what an error says beside its words. */
const maximumDataLength = 1024;

/** How to get what a result had no room for. */
export const howToAskForLess =
  "Ask for less: a narrower filter, a smaller limit, or page by page with the cursor.";

/** What an error of the protocol is told as, by its JSON-RPC code. */
const words: Readonly<Record<number, string>> = {
  [-32700]: "The body is not a valid JSON-RPC message.",
  [-32600]: "The request is not valid.",
  [-32601]: "There is no such method.",
  [-32602]: "A parameter is missing, wrong or expired, or names what is not there.",
  [-32002]: "There is no such resource.",
  [-32020]: "The headers and the body of the request disagree.",
  [-32021]: "The client lacks a capability that this needs.",
  [-32022]: "This protocol version is not supported.",
};

/** And by its HTTP status, where the code says less. */
const wordsOfStatus: Readonly<Record<number, string>> = {
  406: "Accept has to allow application/json or text/event-stream.",
  413: "The body is too large.",
  415: "Content-Type has to be application/json.",
};

/** Errors whose `data` clients act on: the capabilities, and the versions, that would do. */
const codesWithData = new Set([-32021, -32022]);

/** An error of the protocol whose words are this server's. */
export interface OwnError {
  /** Of JSON-RPC. */
  readonly code: number;
  readonly message: string;
  readonly data?: object;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const resultStarts = ['{"result":', 'event: message\ndata: {"result":'].map((start) =>
  encoder.encode(start),
);

/** What this server itself has to say of the messages of a request, past the SDK. */
export interface OwnAnswers {
  /** Why it did not do what a message asks for. */
  errorOf(id: unknown): OwnError | undefined;
  /** How many bytes a result may have, as JSON. */
  readonly maximumBytes: number;
}

/**
 * A piece of what the SDK answers, whole JSON or whole events, in words of this server. The SDK's own
 * errors quote what came in, and what handlers throw, at any length; and a result has no limit there.
 * A result of usual size, which is nearly every piece, is told by its first bytes and not parsed.
 */
export function inOwnWords(
  piece: Uint8Array<ArrayBuffer>,
  status: number,
  own: OwnAnswers,
): Uint8Array<ArrayBuffer> {
  const isUsual = piece.byteLength <= own.maximumBytes + envelopeBytes;
  if (isUsual && resultStarts.some((start) => beginsWith(piece, start))) return piece;
  const lines = decoder.decode(piece).split("\n");
  return encoder.encode(lines.map((line) => lineInOwnWords(line, status, own)).join("\n"));
}

function beginsWith(piece: Uint8Array, start: Uint8Array): boolean {
  return start.every((byte, index) => piece[index] === byte);
}

/** JSON has no line break in it, so that a message is a line, with or without the name of its field. */
function lineInOwnWords(line: string, status: number, answers: OwnAnswers): string {
  const [, field = "", json = ""] = /^(data: )?(\{.*)$/.exec(line) ?? [];
  const message = json === "" ? undefined : parseJson(json);
  const own = messageInOwnWords(message, Buffer.byteLength(json), status, answers);
  return own === message ? line : `${field}${JSON.stringify(own)}`;
}

/** @param bytes how long the message is as JSON */
export function messageInOwnWords(
  message: unknown,
  bytes: number,
  status: number,
  { errorOf, maximumBytes }: OwnAnswers,
): unknown {
  if (!isObject(message)) return message;
  const error = isObject(message.error)
    ? (errorOf(message.id) ?? ownError(message.error, status))
    : "result" in message && bytes > maximumBytes + envelopeBytes
      ? { code: -32603, message: `The answer is too large. ${howToAskForLess}` }
      : undefined;
  return error ? { jsonrpc: "2.0", id: message.id ?? null, error } : message;
}

function ownError({ code, data }: Readonly<Record<string, unknown>>, status: number): object {
  const number = typeof code === "number" ? code : -32603;
  const message =
    wordsOfStatus[status] ?? words[number] ?? "This server could not serve the request.";
  const kept = codesWithData.has(number) ? data : resourceNamedIn(data);
  const isKept = kept !== undefined && JSON.stringify(kept).length < maximumDataLength;
  return { code: number, message, ...(isKept ? { data: kept } : {}) };
}

/** Which resource there is not, as the client has asked for it. */
function resourceNamedIn(data: unknown): object | undefined {
  return isObject(data) && typeof data.uri === "string" ? { uri: data.uri } : undefined;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
