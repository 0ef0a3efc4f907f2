import { randomUUID } from "node:crypto";

interface Definition {
  /** The OAuth error code that goes with it on the wire. */
  readonly error: string;
  readonly suberror?: string;
  /** What Entra says, where the place that refuses knows nothing more precise. */
  readonly message: string;
}

/**
 * Why the authority refuses, by Entra's codes.
 *
 * Source: https://learn.microsoft.com/entra/identity-platform/reference-error-codes and, for the
 * OAuth error that Entra pairs them with, its answers.
 */
const definitions = {
  AADSTS28000: {
    error: "invalid_scope",
    message:
      "Provided value for the input parameter scope is not valid because it contains more than one resource.",
  },
  AADSTS50011: {
    error: "invalid_request",
    message:
      "The redirect URI specified in the request does not match the redirect URIs configured for the application.",
  },
  AADSTS50013: {
    error: "invalid_grant",
    message: "Assertion failed signature validation.",
  },
  AADSTS50027: { error: "invalid_request", message: "JWT token is invalid or malformed." },
  AADSTS50034: {
    error: "invalid_grant",
    message: "The user account does not exist in the directory.",
  },
  AADSTS50058: {
    error: "login_required",
    message: "A silent sign-in request was sent but no user is signed in.",
  },
  AADSTS50076: {
    error: "interaction_required",
    suberror: "basic_action",
    message:
      "Due to a configuration change made by your administrator, or because you moved to a new location, you must use multi-factor authentication to access the resource.",
  },
  AADSTS50089: {
    error: "invalid_request",
    message: "Authentication failed because the sign-in has expired or was already answered.",
  },
  AADSTS50147: {
    error: "invalid_request",
    message: "The code_challenge is missing or its size is not valid.",
  },
  AADSTS50173: {
    error: "invalid_grant",
    suberror: "bad_token",
    message: "The provided grant has been revoked: fresh authentication is needed.",
  },
  AADSTS500011: {
    error: "invalid_resource",
    message: "The resource principal was not found in the tenant.",
  },
  AADSTS500112: {
    error: "invalid_client",
    message:
      "The reply address does not match the reply address provided when requesting the authorization code.",
  },
  AADSTS500113: {
    error: "invalid_request",
    message: "No reply address is registered for the application.",
  },
  AADSTS500131: {
    error: "invalid_grant",
    message: "Assertion audience does not match the client app presenting the assertion.",
  },
  AADSTS500133: {
    error: "invalid_grant",
    message:
      "Assertion is not within its valid time range. Ensure that the access token is not expired before using it for user assertion, or request a new token.",
  },
  AADSTS501481: {
    error: "invalid_grant",
    message:
      "The Code_Verifier does not match the code_challenge supplied in the authorization request.",
  },
  AADSTS53003: {
    error: "interaction_required",
    suberror: "message_only",
    message: "Access has been blocked by Conditional Access policies.",
  },
  AADSTS54005: {
    error: "invalid_grant",
    message:
      "OAuth2 Authorization code was already redeemed, please retry with a new valid code or use an existing refresh token.",
  },
  AADSTS65001: {
    error: "invalid_grant",
    suberror: "consent_required",
    message:
      "The user or administrator has not consented to use the application. Send an interactive authorization request for this user and resource.",
  },
  AADSTS65004: {
    error: "access_denied",
    message: "User declined to consent to access the app.",
  },
  AADSTS650053: {
    error: "invalid_client",
    message: "The application asked for a scope that doesn't exist on the resource.",
  },
  AADSTS70000: { error: "invalid_grant", message: "Provided grant is invalid or malformed." },
  AADSTS70003: {
    error: "unsupported_grant_type",
    message: "The app requested an unsupported grant type.",
  },
  AADSTS70005: {
    error: "unsupported_response_type",
    message: "The app requested an unsupported response type: only 'code' is supported.",
  },
  AADSTS70007: {
    error: "invalid_request",
    message: "The value is not a supported value of 'response_mode': use 'query' or 'fragment'.",
  },
  AADSTS70008: {
    error: "invalid_grant",
    message: "The provided authorization code or refresh token has expired.",
  },
  AADSTS70011: {
    error: "invalid_scope",
    message: "The provided value for the input parameter 'scope' is not valid.",
  },
  AADSTS700016: {
    error: "unauthorized_client",
    message: "The application was not found in the directory.",
  },
  AADSTS700024: {
    error: "invalid_client",
    message: "Client assertion is not within its valid time range.",
  },
  AADSTS700025: {
    error: "invalid_client",
    message:
      "Client is public so neither 'client_assertion' nor 'client_secret' should be presented.",
  },
  AADSTS700027: {
    error: "invalid_client",
    message: "Client assertion failed signature validation.",
  },
  AADSTS700211: {
    error: "invalid_client",
    message: "No matching federated identity record found for presented assertion issuer.",
  },
  AADSTS700212: {
    error: "invalid_client",
    message: "No matching federated identity record found for presented assertion audience.",
  },
  AADSTS700213: {
    error: "invalid_client",
    message: "No matching federated identity record found for presented assertion subject.",
  },
  AADSTS7000114: {
    error: "invalid_grant",
    message: "The application is not allowed to make application on-behalf-of calls.",
  },
  AADSTS7000215: {
    error: "invalid_client",
    message: "Invalid client secret provided.",
  },
  AADSTS7000218: {
    error: "invalid_client",
    message:
      "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
  },
  AADSTS90002: {
    error: "invalid_request",
    message: "Tenant not found. This authority has one tenant.",
  },
  AADSTS90033: {
    error: "temporarily_unavailable",
    message: "A transient error has occurred. Please try again.",
  },
  AADSTS900144: {
    error: "invalid_request",
    message: "The request body must contain a parameter that is missing.",
  },
  AADSTS900561: {
    error: "invalid_request",
    message: "The endpoint does not accept this request method.",
  },
  AADSTS900971: { error: "invalid_request", message: "No reply address provided." },
  AADSTS9000411: {
    error: "invalid_request",
    message: "The request is not properly formatted. A parameter is duplicated.",
  },
  AADSTS9002313: {
    error: "invalid_request",
    message: "Invalid request. Request is malformed or invalid.",
  },
  AADSTS9010010: {
    error: "invalid_target",
    message:
      "The resource parameter provided in the request doesn't match with the requested scopes.",
  },
} as const satisfies Record<string, Definition>;

export type ErrorCode = keyof typeof definitions;

export const errorCodes = Object.keys(definitions) as readonly ErrorCode[];

/** A refusal as Entra words it. Travels as a value to the edge that answers. */
export class Refusal {
  readonly code: ErrorCode;
  readonly message: string;
  /** A claims challenge for the client, as JSON. */
  readonly claims: string | undefined;
  readonly error: string;
  readonly suberror: string | undefined;

  constructor(code: ErrorCode, message?: string, claims?: string) {
    const definition: Definition = definitions[code];
    this.code = code;
    this.message = message ?? definition.message;
    this.claims = claims;
    this.error = definition.error;
    this.suberror = definition.suberror;
  }

  /** `AADSTS…: …`, which ends up in `error_description`. */
  get description(): string {
    return `${this.code}: ${this.message}`;
  }

  /** RFC 6749, section 5.2: 401 where the client did not authenticate, 400 otherwise. */
  get status(): number {
    if (this.error === "invalid_client") return 401;
    return this.error === "temporarily_unavailable" ? 503 : 400;
  }
}

export function missingParameter(name: string): Refusal {
  return new Refusal(
    "AADSTS900144",
    `The request body must contain the following parameter: '${name}'.`,
  );
}

/** What identifies one refusal in Entra's answers, on the wire and on error pages alike. */
export interface RefusalTrace {
  readonly traceId: string;
  readonly correlationId: string;
  /** `2026-11-21 10:00:00Z` */
  readonly timestamp: string;
}

const guid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** @param clientRequestId the client's own id for the request, which Entra gives back */
export function traceRefusal(now: number, clientRequestId?: string | null): RefusalTrace {
  return {
    traceId: randomUUID(),
    correlationId: clientRequestId && guid.test(clientRequestId) ? clientRequestId : randomUUID(),
    timestamp: `${new Date(now).toISOString().slice(0, 19).replace("T", " ")}Z`,
  };
}

/** The body of a refusal at the token endpoint. */
export function refusalBody(refusal: Refusal, trace: RefusalTrace): Record<string, unknown> {
  const code = Number(refusal.code.slice("AADSTS".length));
  return {
    error: refusal.error,
    error_description: `${refusal.description} Trace ID: ${trace.traceId} Correlation ID: ${trace.correlationId} Timestamp: ${trace.timestamp}`,
    error_codes: [code],
    timestamp: trace.timestamp,
    trace_id: trace.traceId,
    correlation_id: trace.correlationId,
    error_uri: `https://login.microsoftonline.com/error?code=${code}`,
    ...(refusal.suberror ? { suberror: refusal.suberror } : {}),
    ...(refusal.claims ? { claims: refusal.claims } : {}),
  };
}
