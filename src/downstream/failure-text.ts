import type { ProfileFailure } from "../directory/profile.ts";
import { signInStepText } from "../mcp/policy.ts";
import type { GraphFailure } from "./api-failure.ts";
import type { ExchangeFailure } from "./exchange-failure.ts";

/** What the person has to fulfil in a new sign-in, where that is what the failure asks for. */
export function failureClaims(reason: GraphFailure | ProfileFailure): string | undefined {
  if (reason.kind !== "exchange-failed") return undefined;
  return reason.failure.kind === "interaction-required" ? reason.failure.claims : undefined;
}

/** The failure as one word for a log: its kind, and the authority's code where there is one. */
export function failureReason(reason: GraphFailure | ProfileFailure): string {
  if (reason.kind !== "exchange-failed") return `graph-${reason.kind}`;
  const { kind, ...details } = reason.failure;
  return "code" in details && details.code ? `${kind} ${details.code}` : kind;
}

/** What to tell the model: what the person or an administrator can do about it. */
export function failureText(reason: GraphFailure | ProfileFailure): string {
  switch (reason.kind) {
    case "exchange-failed":
      return exchangeFailureText(reason.failure);
    case "throttled":
    case "unavailable": {
      const when =
        reason.retryAfterSeconds === undefined ? "in a minute" : `in ${reason.retryAfterSeconds} s`;
      return `The company directory cannot be reached right now. Try again ${when}.`;
    }
    case "cancelled":
      return "The company directory did not answer in time. Try again.";
    case "denied":
      return "This server lacks a permission in the company directory. An administrator has to grant it.";
    case "claims-challenge":
    case "unauthorized":
      return "The company directory does not accept this sign-in. Sign in again.";
    case "not-found":
      return "The company directory does not know this person.";
    case "unexpected-response":
    case "another-person":
      return "The company directory gave an answer that cannot be used. Tell the people who run this server.";
  }
}

function exchangeFailureText(failure: ExchangeFailure): string {
  switch (failure.kind) {
    case "interaction-required":
      return signInStepText;
    case "conditional-access-blocked":
      return "Your organisation's conditional access does not allow this from here. Ask an administrator.";
    case "consent-missing":
      return "This server has not been given consent to read your profile. An administrator has to grant it.";
    case "assertion-rejected":
      return "Your sign-in is no longer valid. Sign in to this server again.";
    case "throttled":
    case "authority-unavailable":
    case "managed-identity-unavailable":
      return "The sign-in service cannot be reached right now. Try again in a minute.";
    case "cancelled":
      return "The sign-in service did not answer in time. Try again.";
    case "credential-rejected":
    case "misconfigured":
    case "unexpected":
      return "This server is not set up to act for you. Tell the people who run it.";
  }
}
