import { randomBytes } from "node:crypto";
import { authorizationResponse, type Recipient } from "./authorization-response.ts";
import { grantRefusal } from "./client-documents/administrator.ts";
import { findClient } from "./client-documents/find-client.ts";
import type { Client } from "./clients/clients.ts";
import { matchesRedirectUri } from "./clients/redirect-uri.ts";
import type { AuthorizationRequest, Context } from "./context.ts";
import { errorPage } from "./pages/page.ts";
import { signInPage } from "./pages/sign-in-page.ts";
import { Parameters } from "./parameters.ts";
import { invalidRequest, missingParameter, Refusal, traceRefusal } from "./refusal.ts";
import { resourceRefusal } from "./resource-parameter.ts";
import { parseScopes, scopesRefusal } from "./scopes.ts";
import { parseClaimsRequest } from "./tokens/claims-request.ts";

/**
 * Answers an authorization request with the sign-in page, or refuses it: on a page as long as it
 * is not known that the client may be answered at its redirect URI, there afterwards.
 *
 * Source: RFC 6749, section 4.1.1 and 4.1.2.1; RFC 7636, section 4.3
 *
 * @param options.channelIssuer the issuer of the origin that was asked
 * @param options.isPage whether somebody opened this as a page, and sees it
 */
export async function answerAuthorizationRequest(
  context: Context,
  query: URLSearchParams,
  { channelIssuer, isPage }: { channelIssuer: string; isPage: boolean },
): Promise<Response> {
  const parameters = new Parameters(query);
  const recipient = await readRecipient(context, parameters, isPage);
  if (recipient instanceof Refusal) {
    context.log("authorization.refused", recipient.logFields);
    return errorPage(recipient, traceRefusal(context.now(), parameters.get("client-request-id")));
  }

  const answerTo: Recipient = {
    redirectUri: recipient.redirectUri,
    responseMode: readResponseMode(parameters, recipient.redirectUri) ?? "query",
    state: parameters.get("state"),
    channelIssuer,
  };
  const request = readRequest(context, parameters, recipient);
  if (request instanceof Refusal) {
    context.log("authorization.refused", request.logFields);
    return authorizationResponse(answerTo, request);
  }

  const signInId = randomBytes(32).toString("base64url");
  const pending: AuthorizationRequest = { ...request, ...answerTo };
  context.pendingSignIns.set(signInId, pending);
  return signInPage(context.tenant, pending, signInId);
}

/** Who asked and where the answer goes. What is wrong with either is never sent there. */
async function readRecipient(
  context: Context,
  parameters: Parameters,
  isPage: boolean,
): Promise<{ client: Client; redirectUri: string } | Refusal> {
  if (parameters.duplicateRefusal) return parameters.duplicateRefusal;
  const clientId = parameters.get("client_id");
  if (clientId === undefined) return missingParameter("client_id");
  const client = await findClient(context, clientId, { fetchesUnknown: isPage });
  if (client instanceof Refusal) return client;
  if (client.redirectUris.length === 0) {
    return new Refusal(
      "AADSTS500113",
      `No reply address is registered for the application '${client.name}': it is what people sign in to, not from.`,
    );
  }
  const redirectUri = parameters.get("redirect_uri");
  if (redirectUri === undefined) return new Refusal("AADSTS900971");
  if (!client.redirectUris.some((registered) => matchesRedirectUri(registered, redirectUri))) {
    return new Refusal(
      "AADSTS50011",
      `The redirect URI '${redirectUri}' specified in the request does not match the redirect URIs configured for the application '${clientId}'.`,
    );
  }
  return { client, redirectUri };
}

type RequestParts = Pick<
  AuthorizationRequest,
  "client" | "codeChallenge" | "scopes" | "claims" | "nonce" | "loginHint" | "wantsClientInfo"
>;

/** Nothing for a mode that is not known, or that the redirect URI cannot take. */
function readResponseMode(
  parameters: Parameters,
  redirectUri: string,
): AuthorizationRequest["responseMode"] | undefined {
  const mode = parameters.get("response_mode") ?? "query";
  if (mode === "form_post") return /^https?:/i.test(redirectUri) ? mode : undefined;
  return mode === "query" || mode === "fragment" ? mode : undefined;
}

function readRequest(
  context: Context,
  parameters: Parameters,
  { client, redirectUri }: { client: Client; redirectUri: string },
): RequestParts | Refusal {
  const responseType = parameters.get("response_type");
  if (responseType === undefined) return missingParameter("response_type");
  if (responseType !== "code") return new Refusal("AADSTS70005");
  if (readResponseMode(parameters, redirectUri) === undefined) return new Refusal("AADSTS70007");

  const codeChallenge = parameters.get("code_challenge");
  // 43 characters are what base64url makes of a SHA-256 digest.
  if (codeChallenge === undefined || !/^[A-Za-z0-9_-]{43}$/.test(codeChallenge)) {
    return new Refusal(
      "AADSTS50147",
      "The code_challenge is missing or its size is not valid: every client must use PKCE with S256.",
    );
  }
  if (parameters.get("code_challenge_method") !== "S256") {
    return invalidRequest("The code_challenge_method must be S256.");
  }

  const scope = parameters.get("scope");
  if (scope === undefined) return missingParameter("scope");
  const scopes = parseScopes(context.tenant, scope);
  if (scopes instanceof Refusal) return scopes;
  const refusal =
    resourceRefusal(context.tenant, parameters.all("resource"), scopes) ??
    scopesRefusal(context.tenant, client, scopes) ??
    grantRefusal(context, client, "AADSTS90094");
  if (refusal) return refusal;
  const claims = parseClaimsRequest(parameters.get("claims"));
  if (claims instanceof Refusal) return claims;

  // There is no session that a silent request could use: somebody has to pick an account each time.
  if (parameters.get("prompt")?.split(" ").includes("none")) return new Refusal("AADSTS50058");
  return {
    client,
    codeChallenge,
    scopes,
    claims,
    nonce: parameters.get("nonce"),
    loginHint: parameters.get("login_hint"),
    wantsClientInfo: parameters.get("client_info") === "1",
  };
}
