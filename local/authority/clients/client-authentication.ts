import { createHash, timingSafeEqual } from "node:crypto";
import { decodeJwt } from "jose";
import { grantRefusal } from "../client-documents/administrator.ts";
import { findClient } from "../client-documents/find-client.ts";
import type { Context } from "../context.ts";
import type { Parameters } from "../parameters.ts";
import { invalidRequest, missingParameter, Refusal } from "../refusal.ts";
import type { ClientAuthentication } from "../tokens/tokens.ts";
import type { Client } from "./clients.ts";

export interface AuthenticatedClient {
  readonly client: Client;
  readonly authentication: ClientAuthentication;
}

/** `aud` of a token that stands in for a client secret. */
export const tokenExchangeAudience = "api://AzureADTokenExchange";

const assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/**
 * Who asks for tokens. Public clients say their id; the others prove themselves with their secret, in
 * the form, or with a federated assertion. The API need not where its registration is a public client's
 * too.
 *
 * Source: RFC 6749, section 2.3; RFC 7523, section 2.2
 */
export async function authenticateClient(
  context: Context,
  parameters: Parameters,
): Promise<AuthenticatedClient | Refusal> {
  const clientId = parameters.get("client_id");
  if (clientId === undefined) return missingParameter("client_id");
  const client = await findClient(context, clientId, { fetchesUnknown: false });
  if (client instanceof Refusal) return client;
  const waits = grantRefusal(context, client, "AADSTS65001");
  if (waits) return waits;

  const secret = parameters.get("client_secret");
  const assertion = parameters.get("client_assertion");
  if (client.kind === "public") {
    const presented = secret !== undefined || assertion !== undefined;
    return presented ? new Refusal("AADSTS700025") : { client, authentication: "none" };
  }
  if (secret !== undefined && assertion !== undefined) {
    return invalidRequest("The client authenticated twice.");
  }
  if (assertion !== undefined) {
    if (parameters.get("client_assertion_type") !== assertionType) {
      return invalidRequest(`The 'client_assertion_type' must be ${assertionType}.`);
    }
    const refusal = await federatedAssertionRefusal(context, assertion);
    return refusal ?? { client, authentication: "assertion" };
  }
  if (secret === undefined) {
    const isPublicToo = client.kind === "api" && client.redirectUris.length > 0;
    return isPublicToo ? { client, authentication: "none" } : new Refusal("AADSTS7000218");
  }
  const { clientSecret } = client.kind === "api" ? context.tenant.api : client;
  if (!equalSecrets(secret, clientSecret)) {
    return new Refusal(
      "AADSTS7000215",
      `Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '${clientId}'.`,
    );
  }
  return { client, authentication: "secret" };
}

function equalSecrets(one: string, other: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(one), digest(other));
}

/**
 * Checks a `client_assertion` against the one federated identity credential that the API and the gateway
 * have alike: issued by this authority, to the managed identity, for token exchange.
 *
 * Source: https://learn.microsoft.com/entra/workload-id/workload-identity-federation-config-app-trust-managed-identity
 */
async function federatedAssertionRefusal(
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
