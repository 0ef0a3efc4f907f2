import { isObject, type JsonObject } from "../../src/core/encoding.ts";

export type Header = readonly [name: string, value: string];

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
  /** Whether the body came to its end within the time. An event stream ends with its response. */
  readonly complete: boolean;
}

/** Why there is no answer, or no complete one. */
export interface Problem {
  readonly kind: "timeout" | "closed" | "unreachable" | "too-long";
  readonly words: string;
}

/** One request and what became of it. */
export interface Exchange {
  /** The request in words, for the report. */
  readonly sent: string;
  readonly url: string;
  /** The credentials that were sent: nothing of the answer may repeat them. */
  readonly secrets: readonly string[];
  readonly answer: Answer | undefined;
  readonly problem: Problem | undefined;
}

export function statusOf(exchange: Exchange): number | undefined {
  return exchange.answer?.status;
}

export function headerOf(exchange: Exchange, name: string): string | undefined {
  return exchange.answer?.headers.get(name) ?? undefined;
}

/** The entries of a header that is a list of names, in lower case. */
export function listOf(exchange: Exchange, header: string): readonly string[] {
  const value = headerOf(exchange, header) ?? "";
  return value.split(",").map((name) => name.trim().toLowerCase());
}

export function isSuccess(exchange: Exchange): boolean {
  const status = statusOf(exchange);
  return status !== undefined && status >= 200 && status < 300;
}

/** Whether the server closed the connection, as many do instead of reading a large request. */
export function wasClosed({ answer, problem }: Exchange): boolean {
  return answer === undefined && problem?.kind === "closed";
}

/** The answer in one line, for a report. */
export function describe(exchange: Exchange): string {
  const { answer, problem, secrets } = exchange;
  if (!answer) return problem?.words ?? "no answer";
  // Reports end up in logs, and what a server repeats may be a token that works.
  const hide = (text: string) =>
    secrets.reduce((hidden, secret) => hidden.replaceAll(secret, "<token>"), text);
  const challenge = answer.headers.get("www-authenticate");
  const parts = [
    String(answer.status),
    ...(challenge === null ? [] : [`WWW-Authenticate: ${excerpt(hide(challenge), 300)}`]),
    ...(answer.body === "" || challenge !== null ? [] : [excerpt(hide(answer.body), 120)]),
    ...(problem === undefined ? [] : [problem.words]),
  ];
  return parts.join(", ");
}

/** Text from a stranger, so that it can stand in a line of a terminal. */
export function excerpt(text: string, length = 160): string {
  const line = text.replace(/\s+/g, " ").replace(/[^\x20-\x7e…]/g, "?");
  return line.length > length ? `${line.slice(0, length)}…` : line;
}

/** The JSON object that an answer carries, as a document or as the event of a stream. */
export function jsonOf(exchange: Exchange): JsonObject | undefined {
  const { answer } = exchange;
  if (!answer) return undefined;
  const type = answer.headers.get("content-type") ?? "";
  const text = type.startsWith("text/event-stream") ? lastEvent(answer.body) : answer.body;
  return parseObject(text);
}

/** Deeper than any document of a server's, and not deep enough to exhaust the stack of who walks it. */
const maximumNesting = 64;

/**
 * The JSON object that a stranger's text is: nested no deeper than is safe to walk, and without the
 * members that `String` would call.
 */
export function parseObject(text: string): JsonObject | undefined {
  if (nestingOf(text) > maximumNesting) return undefined;
  try {
    return asObject(
      JSON.parse(text, (name, value) =>
        name === "toString" || name === "valueOf" ? undefined : value,
      ),
    );
  } catch {
    return undefined;
  }
}

/** Walks once over the text: a pattern for strings would go back and forth in one without an end. */
function nestingOf(json: string): number {
  let depth = 0;
  let deepest = 0;
  let inString = false;
  for (let index = 0; index < json.length; index += 1) {
    const character = json[index];
    if (inString && character === "\\") index += 1;
    else if (character === '"') inString = !inString;
    else if (inString) continue;
    else if (character === "[" || character === "{") depth += 1;
    else if (character === "]" || character === "}") depth -= 1;
    deepest = Math.max(deepest, depth);
  }
  return deepest;
}

export function asObject(value: unknown): JsonObject | undefined {
  return isObject(value) ? value : undefined;
}

function lastEvent(stream: string): string {
  const data = stream.split("\n").filter((line) => line.startsWith("data:"));
  return data.at(-1)?.slice("data:".length) ?? "";
}
