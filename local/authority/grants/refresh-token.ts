import { accountRefusal } from "../accounts.ts";
import type { AuthenticatedClient } from "../clients/client-authentication.ts";
import type { Client } from "../clients/clients.ts";
import type { Context } from "../context.ts";
import { demandRefusal } from "../controls.ts";
import type { Parameters } from "../parameters.ts";
import { missingParameter, Refusal } from "../refusal.ts";
import { resourceRefusal } from "../resource-parameter.ts";
import { parseScopes, type RequestedScopes, scopesRefusal } from "../scopes.ts";
import { parseClaimsRequest } from "../tokens/claims-request.ts";
import type { Grant } from "../tokens/tokens.ts";

/** RFC 6749, section 6. Every answer holds a new refresh token; the old one keeps working. */
export async function redeemRefreshToken(
  context: Context,
  { client, authentication }: AuthenticatedClient,
  parameters: Parameters,
): Promise<Grant | Refusal> {
  const token = parameters.get("refresh_token");
  if (token === undefined) return missingParameter("refresh_token");
  const granted = await context.refreshTokens.open(token);
  if (granted instanceof Refusal) return granted;
  if (granted.clientId !== client.clientId) {
    return new Refusal("AADSTS70000", "The refresh token was issued to another client.");
  }
  const account = context.tenant.accounts.find(({ objectId }) => objectId === granted.objectId);
  if (!account) return new Refusal("AADSTS50034");

  const scopes = parseScopes(context.tenant, parameters.get("scope") ?? granted.scope);
  if (scopes instanceof Refusal) return scopes;
  const refusal =
    resourceRefusal(context.tenant, parameters.all("resource"), scopes) ??
    scopesRefusal(context.tenant, client, scopes) ??
    selfRefusal(client, scopes) ??
    accountRefusal(context, account, granted.session) ??
    demandRefusal(context, "refresh", account, { acrs: granted.acrs });
  if (refusal) return refusal;
  const requested = parseClaimsRequest(parameters.get("claims"));
  if (requested instanceof Refusal) return requested;

  const xms_cc = requested.xms_cc ?? granted.xms_cc;
  return {
    account,
    client,
    authentication,
    session: granted.session,
    scopes: { ...scopes, openId: [...new Set([...scopes.openId, "offline_access" as const])] },
    claims: {
      ...(xms_cc ? { xms_cc } : {}),
      ...(granted.acrs ? { acrs: granted.acrs } : {}),
    },
  };
}

/**
 * A registration that is its own API asks for itself by its id, or Entra refuses the first refresh,
 * an hour after a sign-in that went well.
 */
function selfRefusal({ clientId, name }: Client, { text, target }: RequestedScopes) {
  if (target?.resource.clientId !== clientId) return undefined;
  const qualified = text.split(" ").filter((scope) => scope.includes("/"));
  if (qualified.every((scope) => scope.startsWith(`${clientId}/`))) return undefined;
  return new Refusal(
    "AADSTS90009",
    `Application '${clientId}'(${name}) is requesting a token for itself. This scenario is supported only if resource is specified using the GUID based App Identifier.`,
  );
}
