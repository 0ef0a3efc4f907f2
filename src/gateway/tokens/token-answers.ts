import { type Answer, jsonAnswer } from "../../core/endpoint.ts";
import { failure, type Result, success } from "../../core/result.ts";
import { retrySeconds } from "../grants/grant-failure.ts";
import type { GatewayRequest, ParameterProblem, Parameters } from "../http/handler.ts";
import { oauthError, temporarilyUnavailable } from "../http/oauth-answers.ts";
import type { IssuedTokens } from "./token-parts.ts";

/** RFC 6749 section 5.1, for clients and caches of HTTP/1.0 too. */
const forNoCache = { pragma: "no-cache" };

/** RFC 6749 section 5.1. */
export function tokensAnswer(tokens: IssuedTokens): Answer {
  const content = {
    access_token: tokens.accessToken,
    token_type: "Bearer",
    expires_in: tokens.expiresInSeconds,
    refresh_token: tokens.refreshToken,
    scope: tokens.scopes.join(" "),
  };
  return jsonAnswer(200, content, forNoCache);
}

/** RFC 6749 section 5.2. */
export type TokenError =
  | "invalid_request"
  | "invalid_client"
  | "invalid_grant"
  | "unauthorized_client"
  | "unsupported_grant_type"
  | "invalid_scope"
  /** RFC 8707 section 2. */
  | "invalid_target";

export function errorAnswer(error: TokenError, description: string): Answer {
  return oauthError(400, error, description, forNoCache);
}

/** Nothing has changed, and the same request may succeed later. */
export function unavailableAnswer(retryAfterSeconds = retrySeconds): Answer {
  const description = "This cannot be done right now. Try again shortly.";
  return temporarilyUnavailable(description, retryAfterSeconds, forNoCache);
}

const secretParameters = ["client_secret", "client_assertion", "client_assertion_type"];

/**
 * The parameters of a client that says who it is and proves nothing: all clients are public. One that
 * tries to authenticate is told so, rather than left to believe that its secret protects anything.
 */
export function publicClientsForm({
  form,
  hasAuthorization,
}: GatewayRequest): Result<Parameters, Answer> {
  if (!form) {
    return failure(
      errorAnswer("invalid_request", "Send the parameters as application/x-www-form-urlencoded."),
    );
  }
  if (!form.ok) return failure(errorAnswer("invalid_request", textOf(form.reason)));
  if (hasAuthorization) return failure(authenticationAnswer(401));
  if (secretParameters.some((name) => form.value.has(name))) {
    return failure(authenticationAnswer(400));
  }
  return form;
}

/** RFC 6749 section 5.2: 401 with a challenge where the client used the `Authorization` header. */
function authenticationAnswer(status: 400 | 401): Answer {
  const description =
    "Clients of this server are public: send client_id alone, and no Authorization header, client_secret or client_assertion.";
  const challenge = { "www-authenticate": 'Basic realm="gateway"' };
  const headers = { ...forNoCache, ...(status === 401 && challenge) };
  return oauthError(status, "invalid_client", description, headers);
}

function textOf(problem: ParameterProblem): string {
  return problem.kind === "repeated"
    ? "A parameter is there more than once."
    : "The parameters cannot be read.";
}

/** A parameter that has to be there. */
export function needed(form: Parameters, name: string): Result<string, Answer> {
  const value = form.get(name);
  if (value !== undefined) return success(value);
  return failure(errorAnswer("invalid_request", `The parameter ${name} is missing.`));
}
