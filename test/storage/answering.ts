import {
  createDefaultHttpClient,
  createHttpHeaders,
  type HttpClient,
  type PipelineResponse,
  RestError,
} from "@azure/core-rest-pipeline";
import { expect } from "vitest";

/** What Cosmos DB answers in place of its own. */
export type Answer = () => Partial<PipelineResponse>;

export const secret = "internal detail that nobody outside may see";

/** Answers every request about items; all else, such as making containers, reaches the emulator. */
export function answeringItems(answer: Answer): HttpClient {
  const network = createDefaultHttpClient();
  return {
    async sendRequest(request) {
      if (!/\/docs(\/|$)/.test(new URL(request.url).pathname)) return network.sendRequest(request);
      return { request, status: 200, headers: createHttpHeaders(), ...answer() };
    },
  };
}

export function status(code: number, headers: Record<string, string> = {}): Answer {
  return () => ({
    status: code,
    headers: createHttpHeaders(headers),
    bodyAsText: JSON.stringify({ code: "Whatever", message: secret }),
  });
}

const unavailable = { kind: "unavailable", cause: expect.any(String) };
const denied = { kind: "denied", cause: expect.any(String) };

/** How Cosmos DB fails, and what a store makes of it. */
export const failures: readonly (readonly [string, Answer, object])[] = [
  [
    "throttling",
    status(429, { "x-ms-retry-after-ms": "1500" }),
    { kind: "throttled", retryAfterMilliseconds: 1500 },
  ],
  ["a failing service", status(500), unavailable],
  ["an unavailable service", status(503), unavailable],
  ["a missing container", status(404), unavailable],
  ["a timeout", status(408), unavailable],
  [
    "an answer that is not JSON",
    () => ({ status: 502, bodyAsText: `<html>${secret}</html>` }),
    unavailable,
  ],
  [
    "a broken connection",
    () => {
      throw new RestError(secret, { code: "REQUEST_SEND_ERROR" });
    },
    unavailable,
  ],
  ["a missing role", status(403), denied],
  ["a missing permission", status(403, { "x-ms-substatus": "5300" }), denied],
  ["a region that takes no writes", status(403, { "x-ms-substatus": "3" }), unavailable],
  ["a region that was removed", status(403, { "x-ms-substatus": "1008" }), unavailable],
  [
    "a full partition",
    status(403, { "x-ms-substatus": "1014" }),
    { kind: "full", cause: expect.any(String) },
  ],
  ["an item that is too large", status(413), { kind: "too-large", cause: expect.any(String) }],
  ["a write at the same time", status(449), { kind: "busy" }],
  ["refused credentials", status(401), denied],
];
