import {
  AuthError,
  type AuthenticationResult,
  ConfidentialClientApplication,
  LogLevel,
  type NetworkRequestOptions,
  type NetworkResponse,
} from "@azure/msal-node";
import { z } from "zod";
import { parseJson } from "../core/encoding.ts";
import { failure, type Result, success } from "../core/result.ts";
import type { ClientProof } from "./client-proof.ts";
import { type ExchangeFailure, exchangeFailureOf } from "./exchange-failure.ts";
import {
  type OutboundFailure,
  type OutboundHttp,
  type OutboundRequest,
  type OutboundResponse,
  retryAfterSeconds,
} from "./http.ts";

export interface TokenRequestOptions {
  /** Without a trailing slash. */
  readonly authorityHost: string;
  readonly tenantId: string;
  /** The registration that asks. */
  readonly clientId: string;
  readonly proof: ClientProof;
  readonly http: OutboundHttp;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** What the authority gave for one request. */
export interface IssuedTokens {
  readonly accessToken: string;
  /** Milliseconds since the epoch. */
  readonly expiresOnTimestamp: number;
  /** Absent where it gave none. */
  readonly refreshToken: string | undefined;
}

/**
 * One request to the token endpoint, without any cache.
 *
 * @param ask what MSAL is asked for
 */
export type TokenRequest = (
  ask: (application: ConfidentialClientApplication) => Promise<AuthenticationResult | null>,
  sending?: Pick<OutboundRequest, "signal" | "isSentOnce">,
) => Promise<Result<IssuedTokens, ExchangeFailure>>;

/** RFC 6749 section 5.1 */
const tokenResponseSchema = z.looseObject({
  token_type: z.string().regex(/^bearer$/i),
  access_token: z.string().min(1),
  expires_in: z.coerce.number().int().positive(),
  refresh_token: z.string().min(1).optional(),
});

const malformedTokenResponse = "malformed-token-response";

/**
 * Asks for tokens with MSAL, which forms the request and reads the response. What MSAL would keep
 * between requests is kept from it: each request has an application of its own. One that is shared
 * files several tokens of a person under one key, grows without bound, and answers everybody's
 * requests with the error that one person's request has met, for a minute or for as long as
 * `Retry-After` says.
 */
export function createTokenRequest(options: TokenRequestOptions): TokenRequest {
  const { authorityHost, tenantId, clientId, proof, http, now } = options;
  const authority = `${authorityHost}/${tenantId}`;
  // Where Entra's endpoints are is the same in every cloud, so that no request waits for discovery.
  const authorityMetadata = JSON.stringify({
    issuer: `${authority}/v2.0`,
    authorization_endpoint: `${authority}/oauth2/v2.0/authorize`,
    token_endpoint: `${authority}/oauth2/v2.0/token`,
    jwks_uri: `${authority}/discovery/v2.0/keys`,
  });

  return async (ask, sending = {}) => {
    const credential = await credentialOf(proof);
    if (!credential.ok) return credential;

    let outcome: Result<OutboundResponse, OutboundFailure> | undefined;
    let refreshToken: string | undefined;
    async function send<Body>(
      method: "GET" | "POST",
      url: string,
      { headers, body }: NetworkRequestOptions = {},
    ): Promise<NetworkResponse<Body>> {
      outcome = await http.send({ method, url, headers, body, ...sending });
      if (!outcome.ok || outcome.value.status !== 200) throw new NoTokenResponse();
      const response = tokenResponseSchema.safeParse(parseJson(outcome.value.body));
      if (!response.success) throw new NoTokenResponse();
      // MSAL keeps it to itself.
      refreshToken = response.data.refresh_token;
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
      const token = await ask(application);
      if (!token?.expiresOn) {
        return failure({ kind: "unexpected", status: 200, got: malformedTokenResponse });
      }
      return success({
        accessToken: token.accessToken,
        expiresOnTimestamp: token.expiresOn.getTime(),
        refreshToken,
      });
    } catch (error) {
      return failure(failureOf(outcome, error, now));
    }
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
