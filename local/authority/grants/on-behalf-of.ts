import type { JWTPayload } from "jose";
import { accountRefusal } from "../accounts.ts";
import type { AuthenticatedClient } from "../clients/client-authentication.ts";
import type { Context } from "../context.ts";
import { demandRefusal } from "../controls.ts";
import type { Parameters } from "../parameters.ts";
import { invalidRequest, missingParameter, Refusal } from "../refusal.ts";
import { parseScopes, scopesRefusal } from "../scopes.ts";
import { parseClaimsRequest } from "../tokens/claims-request.ts";
import type { Grant } from "../tokens/tokens.ts";

/**
 * The API exchanges a caller's token for one to something that it calls as that caller.
 *
 * Source: https://learn.microsoft.com/entra/identity-platform/v2-oauth2-on-behalf-of-flow
 */
export async function exchangeOnBehalfOf(
  context: Context,
  { client, authentication }: AuthenticatedClient,
  parameters: Parameters,
): Promise<Grant | Refusal> {
  // A public client gets no further than here: it cannot hold what the exchange proves.
  if (authentication === "none") return new Refusal("AADSTS7000218");
  const use = parameters.get("requested_token_use");
  const assertion = parameters.get("assertion");
  const scope = parameters.get("scope");
  if (use === undefined) return missingParameter("requested_token_use");
  if (use !== "on_behalf_of") {
    return invalidRequest("The 'requested_token_use' must be on_behalf_of.");
  }
  if (assertion === undefined) return missingParameter("assertion");
  if (scope === undefined) return missingParameter("scope");

  const caller = await verifyAssertion(context, assertion, client.clientId);
  if (caller instanceof Refusal) return caller;
  const account = context.tenant.accounts.find(({ objectId }) => objectId === caller.oid);
  if (!account) {
    return new Refusal(
      "AADSTS50034",
      `The user account '${caller.oid}' does not exist in the directory '${context.tenant.id}'.`,
    );
  }

  const scopes = parseScopes(context.tenant, scope);
  if (scopes instanceof Refusal) return scopes;
  if (!scopes.target) {
    return new Refusal(
      "AADSTS70011",
      `The provided value for the input parameter 'scope' is not valid. The scope ${scope} names no resource.`,
    );
  }
  const refusal =
    scopesRefusal(context.tenant, client, scopes) ??
    accountRefusal(context, account) ??
    demandRefusal(context, "exchange", account, caller);
  if (refusal) return refusal;
  const claims = parseClaimsRequest(parameters.get("claims"));
  if (claims instanceof Refusal) return claims;

  return {
    account,
    client,
    authentication,
    scopes,
    session: context.sessions.currentOf(account),
    claims: claims.xms_cc ? { xms_cc: claims.xms_cc } : {},
  };
}

async function verifyAssertion(
  context: Context,
  assertion: string,
  clientId: string,
): Promise<JWTPayload | Refusal> {
  const codes = { signature: "AADSTS50013", lifetime: "AADSTS500133" } as const;
  const claims = await context.apiKey.verify(assertion, context.now(), codes);
  if (claims instanceof Refusal) return claims;
  if (claims.iss !== context.issuer) {
    return new Refusal("AADSTS50013", "Assertion contains an invalid issuer.");
  }
  if (claims.aud !== clientId) {
    return new Refusal(
      "AADSTS500131",
      `Assertion audience does not match the Client app presenting the assertion. The audience in the assertion was '${claims.aud}' and the expected audience is '${clientId}'.`,
    );
  }
  // Only somebody's token can be exchanged on their behalf: an application's has no scope.
  if (claims.idtyp === "app" || typeof claims.scp !== "string") {
    return new Refusal(
      "AADSTS7000114",
      `Application '${clientId}' is not allowed to make application on-behalf-of calls.`,
    );
  }
  return claims;
}
