import { decodeJwt } from "jose";
import type { Context } from "./context.ts";
import { Refusal } from "./refusal.ts";

/** `aud` of a token that stands in for a client secret. */
export const tokenExchangeAudience = "api://AzureADTokenExchange";

/**
 * Checks a `client_assertion` against the API's one federated identity credential: issued by this
 * authority, to the managed identity, for token exchange.
 *
 * Source: https://learn.microsoft.com/entra/workload-id/workload-identity-federation-config-app-trust-managed-identity
 */
export async function federatedAssertionRefusal(
  context: Context,
  assertion: string,
): Promise<Refusal | undefined> {
  const { tenant, httpsIssuer } = context;
  let presented: ReturnType<typeof decodeJwt>;
  try {
    presented = decodeJwt(assertion);
  } catch {
    return new Refusal("AADSTS50027");
  }
  // Which credential is meant comes before its signature, as in Entra: only an assertion that
  // matches one has a key to be checked with.
  const { iss, sub, aud } = presented;
  if (iss !== httpsIssuer) return noRecord("AADSTS700211", "issuer", iss);
  if (sub !== tenant.managedIdentity.objectId) return noRecord("AADSTS700213", "subject", sub);
  if (aud !== tokenExchangeAudience) return noRecord("AADSTS700212", "audience", String(aud));

  const codes = { signature: "AADSTS700027", lifetime: "AADSTS700024" } as const;
  const claims = await context.key.verify(assertion, context.now(), codes);
  return claims instanceof Refusal ? claims : undefined;
}

function noRecord(
  code: "AADSTS700211" | "AADSTS700212" | "AADSTS700213",
  what: string,
  presented: string | undefined,
): Refusal {
  return new Refusal(
    code,
    `No matching federated identity record found for presented assertion ${what} '${presented}'.`,
  );
}
