import { randomUUID } from "node:crypto";
import { isGuid } from "../../src/core/encoding.ts";

/**
 * Why the authority refuses: Entra's codes, by the OAuth error that goes with each on the wire, with
 * what Entra says where the place that refuses knows nothing more precise.
 *
 * Source: https://learn.microsoft.com/entra/identity-platform/reference-error-codes and, for the
 * OAuth error that Entra pairs them with, its answers.
 */
const messages = {
  invalid_scope: {
    AADSTS28000:
      "Provided value for the input parameter scope is not valid because it contains more than one resource.",
    AADSTS70011: "The provided value for the input parameter 'scope' is not valid.",
  },
  invalid_resource: { AADSTS500011: "The resource principal was not found in the tenant." },
  invalid_request: {
    AADSTS50011:
      "The redirect URI specified in the request does not match the redirect URIs configured for the application.",
    AADSTS50027: "JWT token is invalid or malformed.",
    AADSTS50089: "Authentication failed because the sign-in has expired or was already answered.",
    AADSTS50147: "The code_challenge is missing or its size is not valid.",
    AADSTS500113: "No reply address is registered for the application.",
    AADSTS70007:
      "The value is not a supported value of 'response_mode': use 'query', 'fragment' or 'form_post'.",
    AADSTS90009:
      "The application is requesting a token for itself. This scenario is supported only if resource is specified using the GUID based App Identifier.",
    AADSTS90002: "Tenant not found. This authority has one tenant.",
    AADSTS900144: "The request body must contain a parameter that is missing.",
    AADSTS900561: "The endpoint does not accept this request method.",
    AADSTS900971: "No reply address provided.",
    AADSTS9000411: "The request is not properly formatted. A parameter is duplicated.",
    AADSTS9002313: "Invalid request. Request is malformed or invalid.",
  },
  invalid_client: {
    AADSTS500112:
      "The reply address does not match the reply address provided when requesting the authorization code.",
    AADSTS650053: "The application asked for a scope that doesn't exist on the resource.",
    AADSTS700024: "Client assertion is not within its valid time range.",
    AADSTS700025:
      "Client is public so neither 'client_assertion' nor 'client_secret' should be presented.",
    AADSTS700027: "Client assertion failed signature validation.",
    AADSTS700211: "No matching federated identity record found for presented assertion issuer.",
    AADSTS700212: "No matching federated identity record found for presented assertion audience.",
    AADSTS700213: "No matching federated identity record found for presented assertion subject.",
    AADSTS7000215: "Invalid client secret provided.",
    AADSTS7000218:
      "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
  },
  invalid_grant: {
    AADSTS50013: "Assertion failed signature validation.",
    AADSTS50034: "The user account does not exist in the directory.",
    AADSTS50057: "The user account is disabled.",
    AADSTS50173: "The provided grant has been revoked: fresh authentication is needed.",
    AADSTS500131: "Assertion audience does not match the client app presenting the assertion.",
    AADSTS500133:
      "Assertion is not within its valid time range. Ensure that the access token is not expired before using it for user assertion, or request a new token.",
    AADSTS501481:
      "The Code_Verifier does not match the code_challenge supplied in the authorization request.",
    AADSTS54005:
      "OAuth2 Authorization code was already redeemed, please retry with a new valid code or use an existing refresh token.",
    AADSTS65001:
      "The user or administrator has not consented to use the application. Send an interactive authorization request for this user and resource.",
    AADSTS70000: "Provided grant is invalid or malformed.",
    AADSTS70008: "The provided authorization code or refresh token has expired.",
    AADSTS7000114: "The application is not allowed to make application on-behalf-of calls.",
  },
  authorization_pending: {
    AADSTS70016: "OAuth 2.0 device flow error. Authorization is pending. Continue polling.",
  },
  // RFC 8628, section 3.5. With this code Entra ends the polling of a client that asks too often.
  slow_down: {
    AADSTS50196:
      "The server terminated an operation because it encountered a client request loop. Poll no more often than the interval of the device code says.",
  },
  authorization_declined: {
    AADSTS70017: "OAuth 2.0 device flow error. The end user denied the authorization request.",
  },
  bad_verification_code: {
    AADSTS70018: "Invalid verification code.",
  },
  expired_token: {
    AADSTS70020:
      "The provided value for the input parameter 'device_code' is not valid. This device code has expired.",
  },
  login_required: { AADSTS50058: "A silent sign-in request was sent but no user is signed in." },
  interaction_required: {
    AADSTS50076:
      "Due to a configuration change made by your administrator, or because you moved to a new location, you must use multi-factor authentication to access the resource.",
    AADSTS53003: "Access has been blocked by Conditional Access policies.",
  },
  access_denied: {
    AADSTS65004: "User declined to consent to access the app.",
    AADSTS90094: "Administrator consent is required.",
  },
  unauthorized_client: { AADSTS700016: "The application was not found in the directory." },
  unsupported_grant_type: { AADSTS70003: "The app requested an unsupported grant type." },
  unsupported_response_type: {
    AADSTS70005: "The app requested an unsupported response type: only 'code' is supported.",
  },
  temporarily_unavailable: { AADSTS90033: "A transient error has occurred. Please try again." },
  invalid_target: {
    AADSTS9010010:
      "The resource parameter provided in the request doesn't match with the requested scopes.",
  },
} as const;

const suberrors: Readonly<Record<string, string>> = {
  AADSTS50076: "basic_action",
  AADSTS50173: "bad_token",
  AADSTS53003: "message_only",
  AADSTS65001: "consent_required",
};

type OAuthError = keyof typeof messages;

export type ErrorCode = { [E in OAuthError]: keyof (typeof messages)[E] }[OAuthError];

const definitions = Object.fromEntries(
  Object.entries(messages).flatMap(([error, byCode]) =>
    Object.entries(byCode).map(([code, message]) => [code, { error, message }]),
  ),
) as Readonly<Record<ErrorCode, { readonly error: string; readonly message: string }>>;

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
    this.code = code;
    this.message = message ?? definitions[code].message;
    this.claims = claims;
    this.error = definitions[code].error;
    this.suberror = suberrors[code];
  }

  /** `AADSTS…: …`, which ends up in `error_description`. */
  get description(): string {
    return `${this.code}: ${this.message}`;
  }

  /** For whoever runs the authority. */
  get logFields(): Readonly<Record<string, string>> {
    return { code: this.code, reason: this.message };
  }

  /** RFC 6749, section 5.2: 401 where the client did not authenticate, 400 otherwise. */
  get status(): number {
    if (this.error === "invalid_client") return 401;
    return this.error === "temporarily_unavailable" ? 503 : 400;
  }
}

/** A request that no client of Entra should make. */
export function invalidRequest(problem: string): Refusal {
  return new Refusal("AADSTS9002313", `Invalid request. ${problem}`);
}

export function missingParameter(name: string): Refusal {
  return new Refusal(
    "AADSTS900144",
    `The request body must contain the following parameter: '${name}'.`,
  );
}

/** @param advice more to say, beginning with a space */
export function unknownClient(tenantId: string, clientId: string, advice = ""): Refusal {
  return new Refusal(
    "AADSTS700016",
    `Application with identifier '${clientId}' was not found in the directory '${tenantId}'. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant.${advice}`,
  );
}

/** What identifies one refusal in Entra's answers, on the wire and on error pages alike. */
export interface RefusalTrace {
  readonly traceId: string;
  readonly correlationId: string;
  /** `2026-11-21 10:00:00Z` */
  readonly timestamp: string;
}

/** @param clientRequestId the client's own id for the request, which Entra gives back */
export function traceRefusal(now: number, clientRequestId?: string | null): RefusalTrace {
  return {
    traceId: randomUUID(),
    correlationId: clientRequestId && isGuid(clientRequestId) ? clientRequestId : randomUUID(),
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
