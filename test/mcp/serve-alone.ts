import { vi } from "vitest";
import type { Caller } from "../../src/core/caller.ts";
import { graceMilliseconds } from "../../src/core/deadline.ts";
import type { Log } from "../../src/core/log.ts";
import type { Gate } from "../../src/gates/gate.ts";
import { createRefusalSums } from "../../src/gates/refusal-sums.ts";
import { body } from "../../src/gates/request-body.ts";
import { createGuardedEndpoint, requestMilliseconds } from "../../src/gates/way-out.ts";
import type { ScopeNames } from "../../src/mcp/request-slot.ts";
import type { McpEndpoint } from "../../src/mcp/server.ts";

/** The protected resource of the tests that serve in process. */
export const resource = {
  url: "https://mcp.contoso.example/mcp",
  issuer: "https://login.example/tenant/v2.0",
  scope: "api://mcp/user_impersonation",
  name: "Test server",
  authorizationUri: "https://login.example/tenant/oauth2/v2.0/authorize",
};

export const scopes: ScopeNames = {
  required: "user_impersonation",
  qualified: (scope) => `api://mcp/${scope}`,
};

/** Serves a request by an MCP endpoint alone: no gate but that of the body, whoever calls. */
export function serveAlone(
  serve: McpEndpoint,
  request: Request,
  caller: Caller,
  log: Log = () => {},
): Promise<Response> {
  const known: Gate = { name: "known", pass: () => ({ adds: { caller } }) };
  const refusals = createRefusalSums(log);
  const endpoint = createGuardedEndpoint({ gates: [known, body()], resource, serve, refusals });
  return endpoint(request, { id: "invocation", log });
}

/** The claims that an answer challenges for, if it does. */
export function claimsIn(response: Response): string | undefined {
  const challenge = response.headers.get("www-authenticate");
  const encoded = /\bclaims="([^"]+)"/.exec(challenge ?? "")?.[1];
  return encoded === undefined ? undefined : Buffer.from(encoded, "base64").toString();
}

/** Lets a request's minute, and a little more, pass while `answering` is under way. */
export async function inTheEnd<Value>(answering: () => Promise<Value>): Promise<Value> {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  const answer = answering();
  await vi.advanceTimersByTimeAsync(requestMilliseconds + 2 * graceMilliseconds);
  return answer.finally(() => vi.useRealTimers());
}
