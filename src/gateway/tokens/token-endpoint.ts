import type { Answer } from "../../core/endpoint.ts";
import { excerpt } from "../../core/log.ts";
import type { Result } from "../../core/result.ts";
import {
  type GrantFailure,
  logGrantFailure,
  nameOfFailure,
  retryAfterOf,
} from "../grants/grant-failure.ts";
import type { GatewayHandler, GatewayRequest, Parameters } from "../http/handler.ts";
import { type StepEvent, stepRecord } from "../http/step-record.ts";
import { redeemCode } from "./code-redemption.ts";
import { EntraTurns } from "./entra-turns.ts";
import { refresh } from "./refreshing.ts";
import {
  errorAnswer,
  needed,
  publicClientsForm,
  tokensAnswer,
  unavailableAnswer,
} from "./token-answers.ts";
import type { TokenOutcome, TokenParts } from "./token-parts.ts";

/** Gives tokens for authorization codes and refresh tokens (RFC 6749 sections 4.1.3 and 6). */
export function createTokenEndpoint(parts: TokenParts): GatewayHandler {
  const refreshParts = { ...parts, turns: new EntraTurns() };
  return async (request) => {
    const read = publicClientsForm(request);
    if (!read.ok) return read.reason;
    const form = read.value;
    const grantType = needed(form, "grant_type");
    if (!grantType.ok) return grantType.reason;
    if (grantType.value !== "authorization_code" && grantType.value !== "refresh_token") {
      return errorAnswer(
        "unsupported_grant_type",
        "This server gives tokens for authorization_code and refresh_token alone.",
      );
    }
    const clientId = needed(form, "client_id");
    if (!clientId.ok) return clientId.reason;
    if (!parts.clients.isAllowed(clientId.value)) {
      return errorAnswer("unauthorized_client", "This client application may not use this server.");
    }
    if (isForOtherResource(form, parts)) {
      return errorAnswer(
        "invalid_target",
        `The resource of this server is ${parts.settings.resource}.`,
      );
    }
    return grantType.value === "authorization_code"
      ? forCode(request, form, clientId.value)
      : forRefreshToken(request, form, clientId.value);
  };

  async function forCode(request: GatewayRequest, form: Parameters, clientId: string) {
    const code = needed(form, "code");
    if (!code.ok) return code.reason;
    const codeVerifier = needed(form, "code_verifier");
    if (!codeVerifier.ok) return codeVerifier.reason;
    const asked = {
      code: code.value,
      clientId,
      redirectUri: form.get("redirect_uri"),
      codeVerifier: codeVerifier.value,
    };
    return answered("gateway-code", clientId, request, () =>
      redeemCode(asked, parts, request.signal),
    );
  }

  async function forRefreshToken(request: GatewayRequest, form: Parameters, clientId: string) {
    const refreshToken = needed(form, "refresh_token");
    if (!refreshToken.ok) return refreshToken.reason;
    const asked = { refreshToken: refreshToken.value, clientId, scope: form.get("scope") };
    return answered("gateway-refresh", clientId, request, () =>
      refresh(asked, refreshParts, request.signal),
    );
  }

  /** Answers with what comes of it, and writes that down. */
  async function answered(
    action: "gateway-code" | "gateway-refresh",
    clientId: string,
    request: GatewayRequest,
    ask: () => Promise<Result<TokenOutcome, GrantFailure>>,
  ): Promise<Answer> {
    const record = stepRecord(action, request, parts.monotonicNow);
    const outcome = await ask();
    record({ ...eventOf(outcome), clientId: excerpt(clientId) });
    if (!outcome.ok) {
      logGrantFailure("gateway.tokens-failed", outcome.reason, request.invocation.log);
      return unavailableAnswer(retryAfterOf(outcome.reason));
    }
    const { kind } = outcome.value;
    if (kind === "issued") await parts.clients.inUse(clientId, request.signal);
    // To sign in again would not help it: clients register again where they are told so.
    if (kind === "refused" && (await parts.clients.isForgotten(clientId, request.signal))) {
      return errorAnswer("invalid_client", "This client is not registered, or no longer.");
    }
    return answerTo(outcome.value);
  }
}

/** RFC 8707 section 2: one that names no resource means this server's only one. */
function isForOtherResource(form: Parameters, { settings }: TokenParts): boolean {
  const resource = form.get("resource");
  return resource !== undefined && resource !== settings.resource;
}

function answerTo(outcome: TokenOutcome): Answer {
  switch (outcome.kind) {
    case "issued":
      return tokensAnswer(outcome.tokens);
    case "refused":
      // Which check failed stands in the log alone.
      return errorAnswer(
        "invalid_grant",
        "The code or refresh token is not valid, or no longer. Sign in again.",
      );
    case "scope-not-granted":
      return errorAnswer("invalid_scope", "More is asked for than was granted.");
    case "entra-unavailable":
      return unavailableAnswer(outcome.retryAfterSeconds);
  }
}

/** Two hold a code or a refresh token of one client, one of whom should not. */
const reuses: ReadonlySet<string> = new Set(["code-replayed", "refresh-token-reused"]);

function eventOf(outcome: Result<TokenOutcome, GrantFailure>): StepEvent {
  if (!outcome.ok) {
    return { outcome: "failed", reason: nameOfFailure(outcome.reason) };
  }
  const { value } = outcome;
  const who = value.grant ? { objectId: value.grant.objectId } : {};
  const code = "code" in value && value.code !== undefined ? { code: value.code } : {};
  switch (value.kind) {
    case "issued":
      return { outcome: "success", ...who };
    case "scope-not-granted":
      return { outcome: "refused", reason: value.kind, ...who };
    case "entra-unavailable":
      return { outcome: "failed", reason: value.kind, ...who, ...code };
    case "refused":
      return {
        ...(reuses.has(value.why) && { action: "gateway-reuse" }),
        outcome: "refused",
        reason: value.why,
        ...who,
        ...code,
      };
  }
}
