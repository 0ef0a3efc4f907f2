import { z } from "zod";
import type { AuditEvent } from "../core/audit.ts";
import { parseJson } from "../core/encoding.ts";
import type { LogLevel } from "../core/log.ts";
import { type AuthorityErrorKind, kindByCode } from "./authority-errors.ts";
import { areClaims } from "./claims-challenge.ts";

/**
 * Why no token could be had on the caller's behalf. `code` is the authority's own, `AADSTS…`, where
 * it gave one. No token, no secret and none of the authority's prose is in here.
 */
export type ExchangeFailure =
  /**
   * The person has to do something: `claims` is the JSON that their next sign-in has to fulfil, and
   * is for their client (https://learn.microsoft.com/entra/identity-platform/claims-challenge).
   * Without it there is nothing to pass on but that they should sign in again.
   */
  | { readonly kind: "interaction-required"; readonly code?: string; readonly claims?: string }
  | { readonly kind: "consent-missing"; readonly code?: string }
  /** The authority does not accept the client secret or the managed identity's assertion. */
  | { readonly kind: "credential-rejected"; readonly code?: string }
  /** Tenant, client id or scope is not what the authority knows. */
  | { readonly kind: "misconfigured"; readonly code?: string }
  /**
   * The sign-in that the caller's token came from has expired or was revoked: their client has to get
   * a new token, with the person if it has to. `claims` as above, where the authority gave some.
   */
  | { readonly kind: "sign-in-ended"; readonly code?: string; readonly claims?: string }
  /** The caller's own token is not for exchanging. */
  | { readonly kind: "assertion-rejected"; readonly code?: string }
  | { readonly kind: "conditional-access-blocked"; readonly code?: string }
  | { readonly kind: "throttled"; readonly code?: string; readonly retryAfterSeconds?: number }
  | {
      readonly kind: "authority-unavailable";
      readonly code?: string;
      readonly status?: number;
      /** Node's or OpenSSL's, where there was no response: `ECONNREFUSED`. */
      readonly networkCode?: string;
      readonly retryAfterSeconds?: number;
    }
  | { readonly kind: "managed-identity-unavailable" }
  /** The one who asked stopped waiting. */
  | { readonly kind: "cancelled" }
  | {
      readonly kind: "unexpected";
      readonly code?: string;
      readonly status?: number;
      /** A fixed word for what was got in place of a token. */
      readonly got: string;
    };

/** What the token endpoint answered in place of a token. */
export interface AuthorityRefusal {
  readonly status: number;
  readonly body: string;
  readonly retryAfterSeconds: number | undefined;
}

/** What was got: the OAuth error (RFC 6749 section 5.2) with a code that is not listed, or with none. */
export const invalidGrant = "invalid-grant";

/** https://learn.microsoft.com/entra/identity-platform/v2-oauth2-on-behalf-of-flow#error-response-example */
const refusalSchema = z.object({
  error: z.string().optional().catch(undefined),
  error_description: z.string().optional().catch(undefined),
  error_codes: z.array(z.int().positive()).catch([]),
  suberror: z.string().optional().catch(undefined),
  claims: z.string().refine(areClaims).optional().catch(undefined),
});

/** Names the reason of a response other than 200. */
export function exchangeFailureOf(refusal: AuthorityRefusal): ExchangeFailure {
  const { status, retryAfterSeconds } = refusal;
  const parsed = refusalSchema.safeParse(parseJson(refusal.body));
  const body = parsed.success ? parsed.data : undefined;
  const codes = codesOf(body);
  const code = codes.find((candidate) => kindByCode.has(candidate)) ?? codes[0];
  const known = kindByCode.get(code ?? "");

  if (status === 429) return { kind: "throttled", code, retryAfterSeconds };
  if (status >= 500) return { kind: "authority-unavailable", code, status, retryAfterSeconds };

  // A session that has ended may come with what the next sign-in has to fulfil; a block is a block.
  const isDemand = known === "assertion-rejected" && body?.claims !== undefined;
  const kind = isDemand ? "interaction-required" : (known ?? kindWithoutCode(body));
  switch (kind) {
    case undefined:
      return {
        kind: "unexpected",
        code,
        status,
        got: body?.error === "invalid_grant" ? invalidGrant : "refusal",
      };
    case "interaction-required":
    case "sign-in-ended":
      return { kind, code, claims: body?.claims };
    case "throttled":
      return { kind, code, retryAfterSeconds };
    case "authority-unavailable":
      return { kind, code, status, retryAfterSeconds };
    default:
      return { kind, code };
  }
}

/**
 * For how long a failure stands without asking again, in milliseconds. A refusal will not change
 * within seconds, and Entra counts repetitions of it against the application; a fault may pass at
 * any moment.
 */
export function standsForMilliseconds(failure: ExchangeFailure): number {
  switch (failure.kind) {
    case "interaction-required":
    case "sign-in-ended":
    case "consent-missing":
    case "credential-rejected":
    case "misconfigured":
    case "assertion-rejected":
    case "conditional-access-blocked":
      return 5_000;
    case "throttled":
      return Math.min(failure.retryAfterSeconds ?? 5, 60) * 1000;
    case "authority-unavailable":
    case "managed-identity-unavailable":
    case "cancelled":
    case "unexpected":
      return 0;
  }
}

/** The failure as an audit event shows it; `claims` is for the client alone. */
export function auditFieldsOf(
  failure: ExchangeFailure,
): Pick<AuditEvent, "outcome" | "reason" | "code" | "got"> {
  const { kind, code, got, networkCode, status } = { ...unknownDetails, ...failure };
  const seen = got ?? networkCode ?? status;
  return {
    outcome: kind === "interaction-required" || kind === "sign-in-ended" ? "challenged" : "failed",
    reason: kind,
    ...(code === undefined ? {} : { code }),
    ...(seen === undefined ? {} : { got: String(seen) }),
  };
}

const unknownDetails: { code?: string; got?: string; networkCode?: string; status?: number } = {};

/** What someone who runs the server has to fix is an error; the rest passes or is the person's. */
export function logLevelOf(failure: ExchangeFailure): LogLevel {
  switch (failure.kind) {
    case "consent-missing":
    case "credential-rejected":
    case "misconfigured":
    case "managed-identity-unavailable":
    case "unexpected":
      return "error";
    case "authority-unavailable":
    case "throttled":
    case "conditional-access-blocked":
    case "assertion-rejected":
      return "warn";
    case "interaction-required":
    case "sign-in-ended":
    case "cancelled":
      return "info";
  }
}

type RefusalBody = z.output<typeof refusalSchema>;

/** `error_codes`, or else the code that the description begins with. */
function codesOf(body: RefusalBody | undefined): readonly string[] {
  if (body && body.error_codes.length > 0) return body.error_codes.map((code) => `AADSTS${code}`);
  const described = /^AADSTS\d{1,9}\b/.exec(body?.error_description ?? "");
  return described ? [described[0]] : [];
}

function kindWithoutCode(body: RefusalBody | undefined): AuthorityErrorKind | undefined {
  if (body?.suberror === "consent_required") return "consent-missing";
  if (body?.claims !== undefined || body?.error === "interaction_required") {
    return "interaction-required";
  }
  switch (body?.error) {
    case "invalid_client":
      return "credential-rejected";
    case "invalid_scope":
    case "unauthorized_client":
      return "misconfigured";
    case "temporarily_unavailable":
      return "authority-unavailable";
    default:
      return undefined;
  }
}
