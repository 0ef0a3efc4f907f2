import { createHash } from "node:crypto";
import { accountRefusal } from "../accounts.ts";
import type { AuthenticatedClient } from "../clients/client-authentication.ts";
import type { Context } from "../context.ts";
import type { Parameters } from "../parameters.ts";
import { missingParameter, Refusal } from "../refusal.ts";
import { resourceRefusal } from "../resource-parameter.ts";
import { parseClaimsRequest } from "../tokens/claims-request.ts";
import type { Grant } from "../tokens/tokens.ts";

/** RFC 6749, section 4.1.3; RFC 7636, section 4.6. */
export function redeemAuthorizationCode(
  context: Context,
  { client, authentication }: AuthenticatedClient,
  parameters: Parameters,
): Grant | Refusal {
  const value = parameters.get("code");
  const redirectUri = parameters.get("redirect_uri");
  const verifier = parameters.get("code_verifier");
  if (value === undefined) return missingParameter("code");
  if (redirectUri === undefined) return missingParameter("redirect_uri");
  if (verifier === undefined) return missingParameter("code_verifier");

  const code = context.codes.get(value);
  if (!code) {
    return new Refusal(
      "AADSTS70000",
      "The provided value for the input parameter 'code' is not valid.",
    );
  }
  if (code.grant.client.clientId !== client.clientId) {
    return new Refusal("AADSTS70000", "The authorization code was issued to another client.");
  }
  if (code.redeemed) return new Refusal("AADSTS54005");
  if (context.now() >= code.expiresAt) return new Refusal("AADSTS70008");
  if (redirectUri !== code.redirectUri) {
    return new Refusal(
      "AADSTS500112",
      `The reply address '${redirectUri}' does not match the reply address '${code.redirectUri}' provided when requesting the authorization code.`,
    );
  }
  const challenge = createHash("sha256").update(verifier).digest("base64url");
  if (challenge !== code.codeChallenge) return new Refusal("AADSTS501481");
  const refusal =
    resourceRefusal(context.tenant, parameters.all("resource"), code.grant.scopes) ??
    accountRefusal(context, code.grant.account, code.grant.session);
  if (refusal) return refusal;
  const requested = parseClaimsRequest(parameters.get("claims"));
  if (requested instanceof Refusal) return requested;

  code.redeemed = true;
  // Capabilities may be told at either endpoint; what was proven, at sign-in only.
  const { xms_cc = requested.xms_cc } = code.grant.claims;
  const claims = { ...code.grant.claims, ...(xms_cc ? { xms_cc } : {}) };
  return { ...code.grant, authentication, claims };
}
