import { randomUUID } from "node:crypto";
import type { AccessToken } from "@azure/core-auth";
import {
  AuthError,
  ConfidentialClientApplication,
  LogLevel,
  type NetworkRequestOptions,
  type NetworkResponse,
} from "@azure/msal-node";
import { z } from "zod";
import { audit } from "../core/audit.ts";
import { parseJson } from "../core/encoding.ts";
import type { Log } from "../core/log.ts";
import { failure, type Result, success } from "../core/result.ts";
import {
  auditFieldsOf,
  type ExchangeFailure,
  exchangeFailureOf,
  logLevelOf,
} from "./exchange-failure.ts";
import type { FederatedAssertion } from "./federated-assertion.ts";
import {
  type OutboundFailure,
  type OutboundHttp,
  type OutboundResponse,
  retryAfterSeconds,
} from "./http.ts";

/** How the API's registration proves itself: a secret, or where to get an assertion. */
export type ClientProof =
  | { readonly kind: "client-secret"; readonly clientSecret: string }
  | { readonly kind: "federated-assertion"; readonly assertion: FederatedAssertion };

export interface OnBehalfOfRequestOptions {
  /** Without a trailing slash. */
  readonly authorityHost: string;
  readonly tenantId: string;
  readonly clientId: string;
  readonly proof: ClientProof;
  readonly http: OutboundHttp;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
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

/** https://learn.microsoft.com/entra/identity-platform/v2-oauth2-on-behalf-of-flow#success-response-example */
const tokenResponseSchema = z.looseObject({
  token_type: z.string().regex(/^bearer$/i),
  access_token: z.string().min(1),
  expires_in: z.coerce.number().int().positive(),
});

const malformedTokenResponse = "malformed-token-response";

/**
 * Exchanges tokens with MSAL, which forms the request and reads the response. What MSAL would keep
 * between requests is kept from it: each exchange has an application of its own. One that is shared
 * files several tokens of a person under one key, grows without bound, and answers everybody's
 * requests with the error that one person's request has met, for a minute or for as long as
 * `Retry-After` says.
 */
export function createOnBehalfOfRequest(options: OnBehalfOfRequestOptions): OnBehalfOfRequest {
  const { authorityHost, tenantId, clientId, proof, http, now, monotonicNow, log } = options;
  const authority = `${authorityHost}/${tenantId}`;
  // Where Entra's endpoints are is the same in every cloud, so that no exchange waits for discovery.
  const authorityMetadata = JSON.stringify({
    issuer: `${authority}/v2.0`,
    authorization_endpoint: `${authority}/oauth2/v2.0/authorize`,
    token_endpoint: `${authority}/oauth2/v2.0/token`,
    jwks_uri: `${authority}/discovery/v2.0/keys`,
  });

  async function request(
    { assertion, scopes, claims }: OnBehalfOfParameters,
    correlationId: string,
  ): Promise<Result<AccessToken, ExchangeFailure>> {
    const credential = await credentialOf(proof);
    if (!credential.ok) return credential;

    let outcome: Result<OutboundResponse, OutboundFailure> | undefined;
    async function send<Body>(
      method: "GET" | "POST",
      url: string,
      { headers, body }: NetworkRequestOptions = {},
    ): Promise<NetworkResponse<Body>> {
      outcome = await http.send({ method, url, headers, body });
      if (!outcome.ok || outcome.value.status !== 200) throw new NoTokenResponse();
      const response = tokenResponseSchema.safeParse(parseJson(outcome.value.body));
      if (!response.success) throw new NoTokenResponse();
      return { status: 200, headers: outcome.value.headers.toJSON(), body: response.data as Body };
    }

    const application = new ConfidentialClientApplication({
      auth: {
        clientId,
        authority,
        authorityMetadata,
        knownAuthorities: [new URL(authorityHost).host],
        // Without it resources never challenge for claims: they hold back what the client can't answer.
        clientCapabilities: ["CP1"],
        ...credential.value,
      },
      system: {
        networkClient: {
          sendGetRequestAsync: (url, request) => send("GET", url, request),
          sendPostRequestAsync: (url, request) => send("POST", url, request),
        },
        loggerOptions: {
          loggerCallback: () => {},
          logLevel: LogLevel.Error,
          piiLoggingEnabled: false,
        },
      },
    });

    try {
      const token = await application.acquireTokenOnBehalfOf({
        oboAssertion: assertion,
        scopes: [...scopes],
        claims,
        correlationId,
        skipCache: true,
      });
      if (!token?.expiresOn) {
        return failure({ kind: "unexpected", status: 200, got: malformedTokenResponse });
      }
      return success({
        token: token.accessToken,
        expiresOnTimestamp: token.expiresOn.getTime(),
      });
    } catch (error) {
      return failure(failureOf(outcome, error, now));
    }
  }

  return async (parameters) => {
    const correlationId = randomUUID();
    const startedAt = monotonicNow();
    const result = await request(parameters, correlationId);
    const event = {
      action: "exchange",
      resource: parameters.scopes.join(" "),
      objectId: parameters.objectId,
      clientId: parameters.clientId,
      durationMilliseconds: Math.round(monotonicNow() - startedAt),
      correlationId,
    } as const;
    if (result.ok) audit(log, { ...event, outcome: "success" });
    else audit(log, { ...event, ...auditFieldsOf(result.reason) }, logLevelOf(result.reason));
    return result;
  };
}

/** Stops MSAL, which drops what matters of such a response: all codes but one, and `Retry-After`. */
class NoTokenResponse extends Error {
  override readonly name = "NoTokenResponse";
}

async function credentialOf(
  proof: ClientProof,
): Promise<Result<{ clientSecret: string } | { clientAssertion: string }, ExchangeFailure>> {
  if (proof.kind === "client-secret") return success({ clientSecret: proof.clientSecret });
  const assertion = await proof.assertion();
  return assertion.ok ? success({ clientAssertion: assertion.value }) : assertion;
}

function failureOf(
  outcome: Result<OutboundResponse, OutboundFailure> | undefined,
  error: unknown,
  now: () => number,
): ExchangeFailure {
  if (outcome === undefined) {
    return { kind: "unexpected", got: error instanceof AuthError ? error.errorCode : "exception" };
  }
  if (!outcome.ok) {
    switch (outcome.reason.kind) {
      case "unreachable":
        return { kind: "authority-unavailable", networkCode: outcome.reason.networkCode };
      case "response-too-large":
        return { kind: "unexpected", got: outcome.reason.kind };
      case "cancelled":
        return { kind: "cancelled" };
    }
  }
  const { status, headers, body } = outcome.value;
  if (status === 200) return { kind: "unexpected", status, got: malformedTokenResponse };
  return exchangeFailureOf({
    status,
    body,
    retryAfterSeconds: retryAfterSeconds(headers, now),
  });
}
