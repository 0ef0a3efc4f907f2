import { type ExchangeFailure, invalidGrant } from "../../downstream/exchange-failure.ts";
import type { UpstreamFailure } from "./upstream.ts";

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
