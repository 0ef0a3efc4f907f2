import { failure, type Result, success } from "../../core/result.ts";
import { requiredScope } from "../../gates/token-verifier.ts";
import type { ClientProblem, GatewayClient, GatewayClients } from "../clients/clients.ts";
import { matchedRedirectUri } from "../clients/redirect-uri.ts";
import type { ParameterProblem, Parameters } from "../http/handler.ts";
import { namedScopes } from "../tokens/scopes.ts";

/** What a client asks a person for, checked. */
export interface AuthorizationRequest {
  readonly client: GatewayClient;
  /** As the client wrote it: a loopback's port is this request's own. */
  readonly redirectUri: string;
  readonly state: string | undefined;
  /** Those that the client gets, whatever else it asked for. */
  readonly scopes: readonly string[];
  readonly codeChallenge: string;
}

/** Why a request is not put before a person. Nothing of it may lead the browser to the client. */
export type RequestProblem =
  | { readonly kind: "parameters"; readonly problem: ParameterProblem }
  | { readonly kind: "client"; readonly problem: ClientProblem }
  /** `rule` is the end of a sentence that begins with the parameter's name. */
  | {
      readonly kind: "parameter";
      readonly parameter: string;
      readonly error: string;
      readonly rule: string;
    };

export interface RequestJudgeOptions {
  readonly clients: GatewayClients;
  /** The protected resource, to the letter. */
  readonly resource: string;
}

/** Characters. It stands in URLs on its way back. */
const longestState = 2048;

interface ParameterRule {
  readonly parameter: string;
  readonly holds: (value: string | undefined) => boolean;
  readonly error: string;
  readonly rule: string;
}

const isAbsent = (value: string | undefined) => value === undefined;

/**
 * What holds of each parameter, once client and redirect URI are known to be right. Others are ignored
 * (RFC 6749 section 3.1).
 */
function rulesFor(resource: string): readonly ParameterRule[] {
  return [
    {
      parameter: "response_type",
      holds: (value) => !isAbsent(value),
      error: "invalid_request",
      rule: "is missing",
    },
    {
      parameter: "response_type",
      holds: (value) => value === "code",
      error: "unsupported_response_type",
      rule: "must be code",
    },
    {
      parameter: "response_mode",
      holds: (value) => isAbsent(value) || value === "query",
      error: "invalid_request",
      rule: "must be query, or be left out",
    },
    // RFC 9101: what stands in a request object would count in place of what is judged here.
    {
      parameter: "request",
      holds: isAbsent,
      error: "request_not_supported",
      rule: "is not supported",
    },
    {
      parameter: "request_uri",
      holds: isAbsent,
      error: "request_uri_not_supported",
      rule: "is not supported",
    },
    {
      parameter: "registration",
      holds: isAbsent,
      error: "registration_not_supported",
      rule: "is not supported",
    },
    {
      parameter: "prompt",
      holds: (value = "") => !value.split(" ").includes("none"),
      error: "consent_required",
      rule: "must not be none: people are asked each time",
    },
    // RFC 7636 section 4.3: an absent method means plain.
    {
      parameter: "code_challenge_method",
      holds: (value) => value === "S256",
      error: "invalid_request",
      rule: "must be S256",
    },
    {
      parameter: "code_challenge",
      holds: (value = "") => /^[\w-]{43}$/.test(value),
      error: "invalid_request",
      rule: "must be a SHA-256 digest in base64url, which has 43 characters",
    },
    // RFC 8707 section 2.
    {
      parameter: "resource",
      holds: (value) => isAbsent(value) || value === resource,
      error: "invalid_target",
      rule: `must be ${resource} to the letter, or be left out`,
    },
    {
      parameter: "state",
      holds: (value = "") => value.length <= longestState,
      error: "invalid_request",
      rule: `must not be longer than ${longestState} characters`,
    },
    {
      parameter: "scope",
      holds: (value) => scopesFor(value).length > 0,
      error: "invalid_scope",
      rule: `must contain ${requiredScope}, or be left out`,
    },
  ];
}

/** What is granted of what is asked for: nothing, where all of it is unknown (RFC 6749 section 3.3). */
function scopesFor(asked?: string): readonly string[] {
  const wanted = namedScopes(asked);
  return wanted.length === 0 || wanted.includes(requiredScope) ? [requiredScope] : [];
}

/**
 * Judges what stands in the query of a GET, and again in the form of a POST. The client comes first, then
 * its redirect URI: RFC 6749 section 4.1.2.1.
 */
export async function judgeRequest(
  parameters: Result<Parameters, ParameterProblem>,
  { clients, resource }: RequestJudgeOptions,
  signal: AbortSignal,
): Promise<Result<AuthorizationRequest, RequestProblem>> {
  if (!parameters.ok) return failure({ kind: "parameters", problem: parameters.reason });
  const asked = parameters.value;

  const clientId = asked.get("client_id");
  if (clientId === undefined) return refused("client_id", "is missing");
  const client = await clients.find(clientId, signal);
  if (!client.ok) return failure({ kind: "client", problem: client.reason });

  const redirectUri = asked.get("redirect_uri");
  if (redirectUri === undefined) return refused("redirect_uri", "is missing");
  if (matchedRedirectUri(client.value, redirectUri) === undefined) {
    return failure(redirectUriProblem);
  }

  const broken = rulesFor(resource).find(({ parameter, holds }) => !holds(asked.get(parameter)));
  if (broken) return refused(broken.parameter, broken.rule, broken.error);
  return success({
    client: client.value,
    redirectUri,
    state: asked.get("state"),
    scopes: scopesFor(asked.get("scope")),
    codeChallenge: asked.get("code_challenge") ?? "",
  });
}

/** Of an address that is none of the client's, where nothing may go. */
export const redirectUriProblem = {
  kind: "parameter",
  parameter: "redirect_uri",
  error: "invalid_request",
  rule: "must be one of the client's, character for character",
} as const satisfies RequestProblem;

function refused(parameter: string, rule: string, error = "invalid_request") {
  return failure({ kind: "parameter", parameter, error, rule } as const);
}

/** The parameters that say the same: judged again, they are the same request. */
export function parametersOf(request: AuthorizationRequest): readonly [string, string][] {
  const { client, redirectUri, state, scopes, codeChallenge } = request;
  return [
    ["response_type", "code"],
    ["client_id", client.id],
    ["redirect_uri", redirectUri],
    ["code_challenge", codeChallenge],
    ["code_challenge_method", "S256"],
    ["scope", scopes.join(" ")],
    ...(state === undefined ? [] : ([["state", state]] satisfies [string, string][])),
  ];
}
