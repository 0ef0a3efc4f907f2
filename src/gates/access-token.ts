import type { AuditEvent } from "../core/audit.ts";
import { audit, auditFieldsOf } from "../core/audit.ts";
import type { Caller } from "../core/caller.ts";
import type { Invocation } from "../core/endpoint.ts";
import { failure, type Result, success } from "../core/result.ts";
import type { Gate } from "./gate.ts";
import { countOf, type RefusalSums } from "./refusal-sums.ts";
import type { TokenRejection } from "./token-rejection.ts";
import type { TokenVerifier } from "./token-verifier.ts";

/**
 * Finds out who is calling, and writes every attempt down in the audit log: those without credentials,
 * which anybody can make, as sums.
 */
export function accessToken(verifier: TokenVerifier, refusals: RefusalSums): Gate {
  return {
    name: "access token",
    async pass({ request, invocation }) {
      const startedAt = performance.now();
      const token = readBearerToken(request.headers.get("authorization"));
      const caller = token.ok ? await verifier.verify(token.value) : token;
      const event = authenticationEvent(caller, performance.now() - startedAt, invocation);
      if (event.reason === "missing-credentials") {
        refusals.count(event.reason, invocation.log, (log, count) =>
          audit(log, { ...event, ...countOf(count) }),
        );
      } else audit(invocation.log, event);
      return caller.ok
        ? { adds: { caller: caller.value } }
        : { refused: caller.reason, isOnRecord: true };
    },
  };
}

/** `b64token` of RFC 6750 section 2.1. */
const bearerToken = /^[A-Za-z0-9\-._~+/]+=*$/;

/**
 * The access token of a request's `Authorization` header (RFC 6750 section 2.1, the only way this
 * server accepts one: never from the query or the body).
 *
 * The platform joins repeated headers with a comma, which no bearer token contains. Such a request
 * is refused whole, since picking one of several credentials would let whoever can add a header
 * choose.
 */
function readBearerToken(authorization: string | null): Result<string, TokenRejection> {
  if (authorization === null || authorization.trim() === "") {
    return failure({ kind: "missing-credentials" });
  }
  if (authorization.includes(",")) return failure({ kind: "several-credentials" });
  const [scheme, token, ...rest] = authorization.trim().split(/ +/);
  if (scheme?.toLowerCase() !== "bearer") return failure({ kind: "unsupported-scheme" });
  if (token === undefined || rest.length > 0 || !bearerToken.test(token)) {
    return failure({ kind: "malformed-credentials" });
  }
  return success(token);
}

/** What is no fault of the token: keys that cannot be had, a clock that is behind. */
const ownFaults: ReadonlySet<TokenRejection["kind"]> = new Set([
  "key-set-unavailable",
  "grant-unavailable",
  "not-yet-valid",
  "issued-in-the-future",
]);

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
  if (caller.ok) return { ...common, outcome: "success", ...auditFieldsOf(caller.value) };
  const { kind, ...details } = caller.reason;
  const outcome = ownFaults.has(kind) ? "failed" : "refused";
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
