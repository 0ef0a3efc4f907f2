import type { Context } from "../context.ts";
import { Parameters, readForm } from "../parameters.ts";
import { missingParameter, Refusal, refusalBody, traceRefusal, unknownClient } from "../refusal.ts";
import { resourceRefusal } from "../resource-parameter.ts";
import { parseScopes, scopesRefusal } from "../scopes.ts";
import { parseClaimsRequest } from "../tokens/claims-request.ts";
import { deviceCodeLifetime } from "./device-codes.ts";

/**
 * Gives a client without a browser a code, which somebody enters on a page. As in Entra, the answer
 * has a message for that person and no `verification_uri_complete`.
 *
 * Source: RFC 8628, section 3.1 and 3.2;
 * https://learn.microsoft.com/entra/identity-platform/v2-oauth2-device-code
 *
 * @param verificationUri of the page
 */
export async function answerDeviceAuthorization(
  context: Context,
  request: Request,
  url: URL,
  verificationUri: string,
): Promise<Response> {
  const form = await readForm(request);
  const authorization =
    form instanceof Refusal ? form : readRequest(context, form, new Parameters(url.searchParams));
  if (authorization instanceof Refusal) {
    context.log("device.refused", authorization.logFields);
    const requestId = request.headers.get("client-request-id");
    return Response.json(refusalBody(authorization, traceRefusal(context.now(), requestId)), {
      status: authorization.status,
      headers: { "Cache-Control": "no-store" },
    });
  }
  const { deviceCode, userCode } = context.deviceCodes.create(authorization);
  context.log("device.requested", { client: authorization.client.name });
  return Response.json(
    {
      user_code: userCode,
      device_code: deviceCode,
      verification_uri: verificationUri,
      expires_in: deviceCodeLifetime,
      interval: context.deviceCodes.interval,
      message: `To sign in, use a web browser to open the page ${verificationUri} and enter the code ${userCode} to authenticate.`,
    },
    { headers: { "Cache-Control": "no-store" } },
  );
}

/** @param query MSAL sends further parameters there as well as in the form */
function readRequest(context: Context, form: Parameters, query: Parameters) {
  const clientId = form.get("client_id");
  if (clientId === undefined) return missingParameter("client_id");
  const client = context.clients.find(clientId);
  if (!client) return unknownClient(context.tenant.id, clientId);
  // Entra asks for "Allow public client flows"; what has no such platform cannot allow them.
  const isPublic = client.kind !== "confidential" && client.redirectUris.length > 0;
  if (!isPublic) return new Refusal("AADSTS7000218");
  const scope = form.get("scope");
  if (scope === undefined) return missingParameter("scope");
  const scopes = parseScopes(context.tenant, scope);
  if (scopes instanceof Refusal) return scopes;
  const resources = [...form.all("resource"), ...query.all("resource")];
  const refusal =
    resourceRefusal(context.tenant, resources, scopes) ??
    scopesRefusal(context.tenant, client, scopes);
  if (refusal) return refusal;
  const claims = parseClaimsRequest(form.get("claims"));
  if (claims instanceof Refusal) return claims;
  return { client, scopes, claims };
}
