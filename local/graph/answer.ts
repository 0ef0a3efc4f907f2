import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";

type Headers = Readonly<Record<string, string>>;

/** What Graph answers, before it goes onto the wire. */
export type Answer =
  | { readonly status: 200; readonly content: Readonly<Record<string, unknown>> }
  | {
      readonly status: number;
      readonly headers: Headers;
      readonly error: { readonly code: string; readonly message: string };
    };

export function contentAnswer(content: Readonly<Record<string, unknown>>): Answer {
  return { status: 200, content };
}

export function errorAnswer(
  status: number,
  code: string,
  message: string,
  headers: Headers = {},
): Answer {
  return { status, headers, error: { code, message } };
}

/**
 * Sends an answer with the headers that Graph adds, and an error with its `innerError`. Source:
 * https://learn.microsoft.com/graph/errors
 *
 * @param now milliseconds since the epoch
 */
export function sendAnswer(
  request: IncomingMessage,
  response: ServerResponse,
  answer: Answer,
  now: number,
): void {
  const requestId = randomUUID();
  const ids = {
    "request-id": requestId,
    "client-request-id": headerOf(request, "client-request-id") ?? requestId,
  };
  const isError = "error" in answer;
  response.writeHead(answer.status, {
    "content-type": "application/json",
    ...ids,
    ...(isError ? answer.headers : {}),
  });
  const body = isError
    ? { error: { ...answer.error, innerError: { date: dateOf(now), ...ids } } }
    : answer.content;
  response.end(JSON.stringify(body));
}

/** The first value of a request's header. */
export function headerOf(request: IncomingMessage, name: string): string | undefined {
  return [request.headers[name]].flat()[0];
}

/** Graph's dates of errors are UTC, to the second and without a zone. */
function dateOf(now: number): string {
  return new Date(now).toISOString().replace(/\.\d+Z$/, "");
}
