import { accountRefusal } from "../accounts.ts";
import type { AuthenticatedClient } from "../clients/client-authentication.ts";
import type { Context } from "../context.ts";
import type { Parameters } from "../parameters.ts";
import { missingParameter, Refusal } from "../refusal.ts";
import { resourceRefusal } from "../resource-parameter.ts";
import type { Grant } from "../tokens/tokens.ts";

/**
 * What a device gets that polls with its code, with the errors of Entra.
 *
 * Source: RFC 8628, section 3.4 and 3.5;
 * https://learn.microsoft.com/entra/identity-platform/v2-oauth2-device-code#expected-errors
 */
export function redeemDeviceCode(
  context: Context,
  { client, authentication }: AuthenticatedClient,
  parameters: Parameters,
): Grant | Refusal {
  const deviceCode = parameters.get("device_code");
  if (deviceCode === undefined) return missingParameter("device_code");
  const authorization = context.deviceCodes.find(deviceCode);
  if (!authorization || authorization.client.clientId !== client.clientId) {
    return new Refusal("AADSTS70018", "The device code was not recognized.");
  }
  const { state, scopes, claims, expiresAt } = authorization;
  if (state === "redeemed") return new Refusal("AADSTS54005");
  if (state === "declined") return new Refusal("AADSTS70017");
  if (context.now() >= expiresAt) return new Refusal("AADSTS70020");
  if (context.deviceCodes.isTooEarly(authorization)) return new Refusal("AADSTS50196");
  if (state === "pending") return new Refusal("AADSTS70016");
  const { account, session } = state;
  const refusal =
    resourceRefusal(context.tenant, parameters.all("resource"), scopes) ??
    accountRefusal(context, account, session);
  if (refusal) return refusal;
  authorization.state = "redeemed";
  return { account, session, client, authentication, scopes, claims };
}
