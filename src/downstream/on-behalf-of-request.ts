import { randomUUID } from "node:crypto";
import type { AccessToken } from "@azure/core-auth";
import { audit } from "../core/audit.ts";
import type { Log } from "../core/log.ts";
import { type Result, success } from "../core/result.ts";
import { auditFieldsOf, type ExchangeFailure, logLevelOf } from "./exchange-failure.ts";
import { createTokenRequest, type TokenRequestOptions } from "./token-request.ts";

export interface OnBehalfOfRequestOptions extends TokenRequestOptions {
  /** Milliseconds by a clock that nobody sets: for durations alone. */
  readonly monotonicNow: () => number;
  readonly log: Log;
}

export interface OnBehalfOfParameters {
  /** The caller's own access token. */
  readonly assertion: string;
  readonly scopes: readonly string[];
  /** JSON that the new token has to fulfil. */
  readonly claims: string | undefined;
  /** Whose token it is, and which client application presented it: for the log. */
  readonly objectId: string;
  readonly clientId: string;
}

/** One request to the token endpoint, without any cache. */
export type OnBehalfOfRequest = (
  parameters: OnBehalfOfParameters,
) => Promise<Result<AccessToken, ExchangeFailure>>;

/**
 * Exchanges tokens.
 *
 * Source: https://learn.microsoft.com/entra/identity-platform/v2-oauth2-on-behalf-of-flow
 */
export function createOnBehalfOfRequest(options: OnBehalfOfRequestOptions): OnBehalfOfRequest {
  const { monotonicNow, log } = options;
  const request = createTokenRequest(options);

  return async ({ assertion, scopes, claims, objectId, clientId }) => {
    const correlationId = randomUUID();
    const startedAt = monotonicNow();
    const result = await request((application) =>
      application.acquireTokenOnBehalfOf({
        oboAssertion: assertion,
        scopes: [...scopes],
        claims,
        correlationId,
        skipCache: true,
      }),
    );
    const event = {
      action: "exchange",
      resource: scopes.join(" "),
      objectId,
      clientId,
      durationMilliseconds: Math.round(monotonicNow() - startedAt),
      correlationId,
    } as const;
    if (!result.ok) {
      audit(log, { ...event, ...auditFieldsOf(result.reason) }, logLevelOf(result.reason));
      return result;
    }
    audit(log, { ...event, outcome: "success" });
    const { accessToken, expiresOnTimestamp } = result.value;
    return success({ token: accessToken, expiresOnTimestamp });
  };
}
