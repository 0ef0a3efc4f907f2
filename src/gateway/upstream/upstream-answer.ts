import { type ExchangeFailure, invalidGrant } from "../../downstream/exchange-failure.ts";

/** What Entra gives the gateway for a person: both are for nobody else's eyes. */
export interface UpstreamTokens {
  /** For the API's scope, as clients of `/mcp` present it. Not verified yet. */
  readonly accessToken: string;
  readonly refreshToken: string;
}

/** Why Entra gave no tokens. `code` is its own, `AADSTS…`, for the log. */
export type UpstreamFailure =
  /** The person has to sign in again. `claims` is the JSON that this sign-in has to fulfil. */
  | { readonly kind: "refused"; readonly code?: string; readonly claims?: string }
  /** Out of reach, or throttled: the same request may succeed later. */
  | {
      readonly kind: "unavailable";
      readonly code?: string;
      readonly retryAfterSeconds?: number;
    }
  /** The gateway's registration is not set up as it must be: signing in again does not help. */
  | { readonly kind: "misconfigured"; readonly code?: string };

/** The person's account is gone or disabled: what they have granted ends with it. */
const accountCodes: ReadonlySet<string | undefined> = new Set(["AADSTS50034", "AADSTS50057"]);

/**
 * What a refusal means for the sign-in or the grant that asked. Only what is about the person or about
 * what they presented is a refusal: it ends the grant. What is about the gateway's own registration ends
 * nobody's.
 */
export function upstreamFailureOf(reason: ExchangeFailure): UpstreamFailure {
  switch (reason.kind) {
    case "interaction-required":
    case "sign-in-ended":
      return { kind: "refused", code: reason.code, claims: reason.claims };
    case "conditional-access-blocked":
      return { kind: "refused", code: reason.code };
    case "assertion-rejected":
      return {
        kind: accountCodes.has(reason.code) ? "refused" : "misconfigured",
        code: reason.code,
      };
    case "unexpected":
      return { kind: reason.got === invalidGrant ? "refused" : "misconfigured", code: reason.code };
    case "consent-missing":
    case "credential-rejected":
    case "misconfigured":
      return { kind: "misconfigured", code: reason.code };
    case "throttled":
    case "authority-unavailable":
      return {
        kind: "unavailable",
        code: reason.code,
        retryAfterSeconds: reason.retryAfterSeconds,
      };
    case "managed-identity-unavailable":
    case "cancelled":
      return { kind: "unavailable" };
  }
}
