import { readRegisteredClients } from "../../infra/client-registrations/client-list.ts";
import { createAzd } from "../../infra/hooks/azd.ts";
import { authorityHostOf } from "../../src/clouds.ts";
import type { Server } from "./clients.ts";

/** What only Entra and the deployment know of a server. */
type FromDeployment = Pick<Server, "clientId" | "scope" | "authority">;

/**
 * What the azd environment of this folder says of its server, and of the registration that one of the
 * clients has for it. Nothing where `url` is another server, or there is no azd.
 */
export async function deployedServer(
  url: string,
  registration: string | undefined,
): Promise<FromDeployment> {
  const answer = await createAzd(process.env).values();
  if (!answer.ok || answer.value.MCP_URL !== url) return {};
  const { AZURE_TENANT_ID: tenant, MCP_SCOPE: scope, REGISTERED_CLIENTS } = answer.value;
  const clientId = readRegisteredClients(REGISTERED_CLIENTS).get(registration ?? "");
  return {
    scope,
    ...(clientId && isClientId(clientId) && { clientId }),
    ...(tenant && { authority: authorityOf(tenant) }),
  };
}

/** Where people of a tenant sign in, in the cloud of GRAPH_ENDPOINT. */
export function authorityOf(tenant: string): string {
  const endpoint = process.env.GRAPH_ENDPOINT ?? "";
  return `${authorityHostOf(endpoint.replace(/\/$/, ""))}/${tenant}`;
}

/** Whether a text is an application (client) id of Entra, which a shell reads as nothing else. */
export function isClientId(text: string): boolean {
  return /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(text);
}
