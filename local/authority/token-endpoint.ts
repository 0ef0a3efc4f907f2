import { type AuthenticatedClient, authenticateClient } from "./clients/client-authentication.ts";
import type { Context } from "./context.ts";
import { redeemAuthorizationCode } from "./grants/authorization-code.ts";
import { redeemDeviceCode } from "./grants/device-code.ts";
import { exchangeOnBehalfOf } from "./grants/on-behalf-of.ts";
import { redeemRefreshToken } from "./grants/refresh-token.ts";
import { type Parameters, readForm } from "./parameters.ts";
import { missingParameter, Refusal, refusalBody, traceRefusal } from "./refusal.ts";
import { grantedScopeText } from "./scopes.ts";
import {
  accessTokenClaims,
  accessTokenLifetime,
  clientInfo,
  type Grant,
  idTokenClaims,
} from "./tokens/tokens.ts";

type GrantHandler = (
  context: Context,
  client: AuthenticatedClient,
  parameters: Parameters,
) => Grant | Refusal | Promise<Grant | Refusal>;

const grantHandlers: Readonly<Record<string, GrantHandler>> = {
  authorization_code: redeemAuthorizationCode,
  refresh_token: redeemRefreshToken,
  "urn:ietf:params:oauth:grant-type:jwt-bearer": exchangeOnBehalfOf,
  "urn:ietf:params:oauth:grant-type:device_code": redeemDeviceCode,
};

export const grantTypes: readonly string[] = Object.keys(grantHandlers);

/** What MSAL calls it, and Entra takes. */
const shortDeviceCodeGrant = "device_code";

const uncached = { "Cache-Control": "no-store", Pragma: "no-cache" };

/** @param channelIssuer the issuer of the origin that was asked */
export async function answerTokenRequest(
  context: Context,
  request: Request,
  channelIssuer: string,
): Promise<Response> {
  const parameters = await readForm(request);
  if (parameters instanceof Refusal) return refuse(context, request, parameters);
  const grant = await grantFor(context, parameters);
  if (grant instanceof Refusal) return refuse(context, request, grant, parameters);

  context.log("token.issued", {
    grant: parameters.get("grant_type") ?? "",
    client: grant.client.name,
    account: grant.account.username,
    scope: grantedScopeText(grant.scopes),
  });
  const wantsClientInfo = parameters.get("client_info") === "1";
  return Response.json(await tokenResponse(context, grant, channelIssuer, wantsClientInfo), {
    headers: uncached,
  });
}

async function grantFor(context: Context, parameters: Parameters): Promise<Grant | Refusal> {
  if (context.controls.outage.token) return new Refusal("AADSTS90033");
  const grantType = parameters.get("grant_type");
  if (grantType === undefined) return missingParameter("grant_type");
  const name =
    grantType === shortDeviceCodeGrant
      ? `urn:ietf:params:oauth:grant-type:${grantType}`
      : grantType;
  const handler = Object.hasOwn(grantHandlers, name) ? grantHandlers[name] : undefined;
  if (!handler) {
    return new Refusal(
      "AADSTS70003",
      `The app requested an unsupported grant type '${grantType}'.`,
    );
  }
  const client = await authenticateClient(context, parameters);
  return client instanceof Refusal ? client : handler(context, client, parameters);
}

async function tokenResponse(
  context: Context,
  grant: Grant,
  channelIssuer: string,
  wantsClientInfo: boolean,
): Promise<Record<string, unknown>> {
  const { tenant, key, apiKey, issuer, refreshTokens } = context;
  const { account, client, scopes } = grant;
  const now = context.now();
  const accessTokenKey = scopes.target?.resource.kind === "api" ? apiKey : key;
  return {
    token_type: "Bearer",
    scope: grantedScopeText(scopes),
    expires_in: accessTokenLifetime,
    ext_expires_in: accessTokenLifetime,
    access_token: await accessTokenKey.sign(accessTokenClaims(tenant, grant, issuer, now)),
    ...(scopes.openId.includes("offline_access")
      ? {
          refresh_token: await refreshTokens.seal({
            clientId: client.clientId,
            objectId: account.objectId,
            scope: scopes.text,
            session: grant.session,
            ...grant.claims,
          }),
        }
      : {}),
    ...(scopes.openId.includes("openid")
      ? { id_token: await key.sign(idTokenClaims(tenant, grant, channelIssuer, now)) }
      : {}),
    ...(wantsClientInfo ? { client_info: clientInfo(tenant, account) } : {}),
  };
}

function refuse(
  context: Context,
  request: Request,
  refusal: Refusal,
  parameters?: Parameters,
): Response {
  const requestId =
    request.headers.get("client-request-id") ?? parameters?.get("client-request-id");
  context.log("token.refused", refusal.logFields);
  return Response.json(refusalBody(refusal, traceRefusal(context.now(), requestId)), {
    status: refusal.status,
    headers: {
      ...uncached,
      ...(refusal.status === 503 ? { "Retry-After": "1" } : {}),
    },
  });
}
