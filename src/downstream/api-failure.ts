import { type SignInDemand, signInEndedText, signInStepText } from "../mcp/policy.ts";
import type { ToolFailure } from "../mcp/tool.ts";
import type { ExchangeFailure } from "./exchange-failure.ts";

/** Why an API gave no answer to use. None of its prose is in here. */
export type ApiFailure =
  /** There is no token to ask with. `failure.claims`, where it is there, is for the client. */
  | { readonly kind: "exchange-failed"; readonly failure: ExchangeFailure }
  | { readonly kind: "throttled"; readonly retryAfterSeconds?: number }
  | {
      readonly kind: "unavailable";
      readonly status?: number;
      /** Node's or OpenSSL's, where there was no response: `ECONNREFUSED`. */
      readonly networkCode?: string;
      readonly retryAfterSeconds?: number;
    }
  /** 403: a permission is missing on our registration, or the person may not. */
  | { readonly kind: "denied" }
  | { readonly kind: "not-found" }
  /** 401, for a token that was exchanged anew as well: the API says nothing that would help. */
  | { readonly kind: "unauthorized" }
  /** 401 with a claims challenge, once more, for a token that was exchanged to fulfil one. */
  | { readonly kind: "claims-challenge" }
  /** The one who asked stopped waiting. */
  | { readonly kind: "cancelled" }
  | {
      readonly kind: "unexpected-response";
      readonly status?: number;
      readonly got: "status" | "not-json" | "schema" | "too-large";
    };

/** What of the person's sign-in the failure asks for, if anything. */
export function signInDemand(reason: ApiFailure): SignInDemand {
  if (reason.kind !== "exchange-failed") return {};
  const { failure } = reason;
  const isSignInEnded = failure.kind === "sign-in-ended";
  if (!isSignInEnded && failure.kind !== "interaction-required") return {};
  return { claims: failure.claims, isSignInEnded };
}

/**
 * The failure as words for a log: its kind, and the code, status or kind of answer that was got.
 *
 * @param api the API's name
 */
export function failureReason(api: string, reason: ApiFailure): string {
  if (reason.kind !== "exchange-failed") {
    const { networkCode, got, status } = { ...nothingGot, ...reason };
    const seen = [networkCode, got, status].filter((part) => part !== undefined);
    return [`${api}-${reason.kind}`, ...seen].join(" ");
  }
  const { kind, ...details } = reason.failure;
  return "code" in details && details.code ? `${kind} ${details.code}` : kind;
}

const nothingGot: { networkCode?: string; got?: string; status?: number } = {};

/** The failure as a tool's, with words for the model: what the person or an administrator can do. */
export function apiToolFailure(
  { name, title }: { readonly name: string; readonly title: string },
  reason: ApiFailure,
): ToolFailure & { readonly message: string } {
  return {
    reason: failureReason(name, reason),
    message: failureText(title, reason),
    ...signInDemand(reason),
  };
}

function failureText(api: string, reason: ApiFailure): string {
  const Api = api.charAt(0).toUpperCase() + api.slice(1);
  switch (reason.kind) {
    case "exchange-failed":
      return exchangeFailureText(api, reason.failure);
    case "throttled":
    case "unavailable": {
      const when =
        reason.retryAfterSeconds === undefined ? "in a minute" : `in ${reason.retryAfterSeconds} s`;
      return `${Api} cannot be reached right now. Try again ${when}.`;
    }
    case "cancelled":
      return `${Api} did not answer in time. Try again.`;
    case "denied":
      return `This server lacks a permission in ${api}. An administrator has to grant it.`;
    case "claims-challenge":
    case "unauthorized":
      return `${Api} does not accept this sign-in. Sign in again; if it goes on, tell the people who run this server.`;
    case "not-found":
      return `${Api} does not know what was asked for.`;
    case "unexpected-response":
      return `${Api} gave an answer that cannot be used. Tell the people who run this server.`;
  }
}

function exchangeFailureText(api: string, failure: ExchangeFailure): string {
  switch (failure.kind) {
    case "interaction-required":
      return signInStepText;
    case "conditional-access-blocked":
      return "Your organisation's conditional access does not allow this from here. Ask an administrator.";
    case "consent-missing":
      return `This server has not been given consent to use ${api} as you. An administrator has to grant it.`;
    case "sign-in-ended":
      return signInEndedText;
    case "assertion-rejected":
      return `Microsoft Entra does not let this server use ${api} with your account. Signing in again does not change that: tell the people who run this server.`;
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
