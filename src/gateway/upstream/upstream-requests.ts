import { randomUUID } from "node:crypto";
import type { AuthenticationResult, ConfidentialClientApplication } from "@azure/msal-node";
import type { Log } from "../../core/log.ts";
import { failure, type Result, success } from "../../core/result.ts";
import type { ExchangeFailure } from "../../downstream/exchange-failure.ts";
import type { OutboundRequest } from "../../downstream/http.ts";
import {
  createTokenRequest,
  type IssuedTokens,
  type TokenRequestOptions,
} from "../../downstream/token-request.ts";
import { type UpstreamFailure, type UpstreamTokens, upstreamFailureOf } from "./upstream-answer.ts";

export interface UpstreamRequestsOptions extends TokenRequestOptions {
  /** `callback`, as it stands in the registration. */
  readonly redirectUri: string;
  /** The API's scope, qualified: `api://…/user_impersonation`. MSAL adds OpenID's and `offline_access`. */
  readonly scope: string;
  /** Milliseconds by a clock that nobody sets: for durations alone. */
  readonly monotonicNow: () => number;
  readonly log: Log;
}

export interface UpstreamRequests {
  redeemCode(
    code: string,
    codeVerifier: string,
    signal?: AbortSignal,
  ): Promise<Result<UpstreamTokens, UpstreamFailure>>;
  refresh(
    refreshToken: string,
    signal?: AbortSignal,
  ): Promise<Result<UpstreamTokens, UpstreamFailure>>;
}

/**
 * The gateway's requests to Entra's token endpoint, each without anything of another.
 *
 * Source: https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow
 */
export function createUpstreamRequests(options: UpstreamRequestsOptions): UpstreamRequests {
  const { redirectUri, scope, monotonicNow, log } = options;
  const requestTokens = createTokenRequest(options);
  const scopes = [scope];

  async function request(
    grant: "code" | "refresh",
    ask: (
      application: ConfidentialClientApplication,
      correlationId: string,
    ) => Promise<AuthenticationResult | null>,
    sending: Pick<OutboundRequest, "signal" | "isSentOnce">,
  ): Promise<Result<UpstreamTokens, UpstreamFailure>> {
    const correlationId = randomUUID();
    const startedAt = monotonicNow();
    const issued = await requestTokens((application) => ask(application, correlationId), sending);
    const outcome = issued.ok ? tokensOf(issued.value) : issued;
    if (outcome.ok) return outcome;

    const reason = upstreamFailureOf(outcome.reason);
    log(logLevels[reason.kind], `upstream.${reason.kind}`, {
      grant,
      ...detailsOf(outcome.reason),
      durationMilliseconds: Math.round(monotonicNow() - startedAt),
      correlationId,
    });
    return failure(reason);
  }

  return {
    redeemCode: (code, codeVerifier, signal) =>
      request(
        "code",
        (application, correlationId) =>
          application.acquireTokenByCode({
            code,
            codeVerifier,
            redirectUri,
            scopes,
            correlationId,
          }),
        // Entra takes a code for stolen that comes twice.
        { signal, isSentOnce: true },
      ),
    refresh: (refreshToken, signal) =>
      request(
        "refresh",
        (application, correlationId) =>
          application.acquireTokenByRefreshToken({ refreshToken, scopes, correlationId }),
        { signal },
      ),
  };
}

/** Without a refresh token there is no next hour: `offline_access` has not been granted. */
function tokensOf({
  accessToken,
  refreshToken,
}: IssuedTokens): Result<UpstreamTokens, ExchangeFailure> {
  return refreshToken === undefined
    ? failure({ kind: "unexpected", status: 200, got: "no-refresh-token" })
    : success({ accessToken, refreshToken });
}

/** What whoever runs the server has to fix is an error; the rest passes or is the person's. */
const logLevels = { misconfigured: "error", unavailable: "warn", refused: "info" } as const;

/** The authority's code and a fixed word alone: what the sign-in has to fulfil is for the person's. */
function detailsOf(reason: ExchangeFailure) {
  const { kind, code, got, networkCode, status } = { ...unknownDetails, ...reason };
  return { reason: kind, code, got: got ?? networkCode ?? status };
}

const unknownDetails: { code?: string; got?: string; networkCode?: string; status?: number } = {};
