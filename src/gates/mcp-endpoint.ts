import { type AuditEvent, audit } from "../core/audit.ts";
import type { Caller } from "../core/caller.ts";
import type { Endpoint } from "../core/endpoint.ts";
import type { Invocation } from "../core/invocation.ts";
import type { Result } from "../core/result.ts";
import type { McpEndpoint } from "../mcp/server.ts";
import { readBearerToken } from "./bearer-token.ts";
import { clientAddress } from "./client-address.ts";
import type { ConcurrencyLimit } from "./concurrency-limit.ts";
import { isPreflight, preflightResponse, shareWithOrigin } from "./cors.ts";
import { type GateRejection, gateResponse } from "./gate-rejection.ts";
import { checkHeaderSize } from "./header-limits.ts";
import { type AllowLists, checkHostAndOrigin } from "./host-and-origin.ts";
import { onceAnswered } from "./once-answered.ts";
import type { ProtectedResource } from "./protected-resource-metadata.ts";
import type { RateLimits } from "./rate-limits.ts";
import { claimsChallengeResponse, rejectionResponse } from "./rejection-response.ts";
import { readBody } from "./request-body.ts";
import type { TokenRejection } from "./token-rejection.ts";
import type { TokenVerifier } from "./token-verifier.ts";

export interface McpGates {
  readonly allowed: AllowLists;
  readonly resource: ProtectedResource;
  readonly tokenVerifier: TokenVerifier;
  readonly rateLimits: RateLimits;
  /** By caller. */
  readonly concurrency: ConcurrencyLimit;
  /** How many hops in front of this process append to `X-Forwarded-For`. */
  readonly trustedHops: number;
  readonly serve: McpEndpoint;
}

/**
 * `/mcp`, the wire edge: the gates in their order, then the server. What is cheap and needs no
 * knowledge of the caller comes first; no body is read, and nothing behind the last gate runs,
 * without a caller.
 */
export function createMcpHttpEndpoint(gates: McpGates): Endpoint {
  const { allowed, resource, tokenVerifier, rateLimits, concurrency, trustedHops } = gates;

  return async (request, invocation) => {
    const { log } = invocation;
    const refuse = (rejection: GateRejection): Response => {
      const { kind, ...details } = rejection;
      log("warn", "request.refused", { reason: kind, ...details });
      return gateResponse(rejection);
    };

    if (hasMemberNamedHeaders(Object.fromEntries(new URL(request.url).searchParams))) {
      return refuse({ kind: "headers-overridden" });
    }
    const foreign = checkHostAndOrigin(request.headers, allowed);
    if (foreign) return refuse(foreign);

    const share = (response: Response) => shareWithOrigin(request, response);
    if (isPreflight(request)) return share(preflightResponse(request));
    if (request.method !== "POST") return share(refuse({ kind: "method-not-allowed" }));
    const tooLarge = checkHeaderSize(request.headers);
    if (tooLarge) return share(refuse(tooLarge));
    const address = clientAddress(request.headers, trustedHops);
    const limited = await rateLimits.countRequest(address);
    if (limited) return share(refuse(limited));

    const startedAt = performance.now();
    const token = readBearerToken(request.headers.get("authorization"));
    const caller = token.ok ? await tokenVerifier.verify(token.value) : token;
    audit(log, authenticationEvent(caller, performance.now() - startedAt, invocation));
    if (!caller.ok) return share(rejectionResponse(caller.reason, resource));

    // Whatever becomes of the request; the further messages of a batch are counted once it is read.
    const overRate = await rateLimits.countMessages(caller.value, 1);
    if (overRate) return share(refuse(overRate));

    const { tenantId, objectId } = caller.value;
    const leave = await concurrency.enter(`${tenantId}/${objectId}`);
    if (typeof leave === "string") return share(refuse({ kind: "caller-too-busy", queue: leave }));
    try {
      const response = await serveCaller(gates, request, caller.value, invocation, refuse);
      return share(onceAnswered(response, leave));
    } catch (error) {
      leave();
      throw error;
    }
  };
}

/** What remains once it is known who is calling. */
async function serveCaller(
  { resource, rateLimits, serve }: McpGates,
  request: Request,
  caller: Caller,
  invocation: Invocation,
  refuse: (rejection: GateRejection) => Response,
): Promise<Response> {
  const body = await readBody(request);
  if (!body.ok) return refuse(body.reason);
  const { bytes, json, messages } = body.value;
  if (hasMemberNamedHeaders(json)) return refuse({ kind: "headers-overridden" });
  const limited = messages > 1 && (await rateLimits.countMessages(caller, messages - 1));
  if (limited) return refuse(limited);

  const { url, method, headers } = request;
  const held = new Request(url, { method, headers, body: bytes });
  const served = await serve({ request: held, json }, caller, invocation);
  if (served.ok) {
    // What is told to one caller is for no cache, and a stream for no proxy to gather up.
    served.value.headers.set("cache-control", "no-store, no-transform");
    return served.value;
  }
  return claimsChallengeResponse(served.reason.claims, resource);
}

function authenticationEvent(
  caller: Result<Caller, TokenRejection>,
  milliseconds: number,
  { id }: Invocation,
): AuditEvent {
  const common = {
    action: "authentication",
    durationMilliseconds: Math.round(milliseconds),
    correlationId: id,
  } as const;
  if (caller.ok) {
    const { objectId, clientId } = caller.value;
    return { ...common, outcome: "success", objectId, clientId };
  }
  const { kind, ...details } = caller.reason;
  const outcome = kind === "key-set-unavailable" ? "failed" : "refused";
  return { ...common, outcome, reason: kind, ...wordsOf(details) };
}

/** What was got and expected, as far as a rejection carries it. */
function wordsOf(details: Readonly<Record<string, unknown>>): Pick<AuditEvent, "got" | "expected"> {
  const { got, expected, claim, secondsAgo, secondsAhead } = details;
  const found = got ?? claim ?? secondsAgo ?? secondsAhead;
  return {
    ...(found === undefined ? {} : { got: String(found) }),
    ...(expected === undefined ? {} : { expected: String(expected) }),
  };
}

function hasMemberNamedHeaders(value: unknown): boolean {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  return Object.keys(value).some((name) => name.toLowerCase() === "headers");
}
