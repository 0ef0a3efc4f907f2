import { platformMarks } from "../src/config.ts";
import {
  adminGroupId,
  apiClientId,
  apiIdentifierUri,
  gatewayClientId,
  managedIdentityClientId,
  tenantId,
} from "./directory.ts";

/** Where the parts of a laptop stack answer. */
export interface ServiceEndpoints {
  /** The authority's issuer as callers' tokens have it: http, so that any client can sign in. */
  readonly issuer: string;
  /** The same authority over https, as the Azure SDKs insist. */
  readonly authorityHost: string;
  readonly managedIdentity: { readonly endpoint: string; readonly header: string };
  readonly graph: string;
  readonly cosmos: string;
  readonly storage: string;
}

/** What a shell may still hold from work with Azure, and would change who the server is here. */
export const notForTheLaptop = {
  ENTRA_CLIENT_SECRET: undefined,
  GATEWAY_CLIENT_SECRET: undefined,
  WEBSITE_HOSTNAME: undefined,
};

export const keyRingContainer = "key-ring";
export const userDataContainer = "user-data";

/** The server's URL under each name of this machine, the given one first: its hosts' `resource`. */
export function mcpUrlsOf(publicUrl: string): readonly [string, ...string[]] {
  const further = ["127.0.0.1", "[::1]"]
    .map((address) => publicUrl.replace("//localhost", `//${address}`))
    .filter((url) => url !== publicUrl);
  return [publicUrl, ...further];
}

/** The gateway's issuer, beside the server's MCP URL. */
export function gatewayIssuerOf(publicUrl: string): string {
  return new URL("/gateway", publicUrl).href;
}

/**
 * The server's environment over a laptop stack: the settings that production has, with the laptop's
 * endpoints, and the managed identity's endpoint as the platform announces it.
 *
 * @param certificateAuthorities path of the file with the certificates that the server has to trust
 */
export function serverSettings(
  services: ServiceEndpoints,
  publicUrl: string,
  certificateAuthorities: string,
): Record<string, string> {
  return {
    AZURE_FUNCTIONS_ENVIRONMENT: "Development",
    // A container or a cloud shell may set some of them; this is the laptop nevertheless.
    ...Object.fromEntries(platformMarks.map((mark) => [mark, ""])),
    MCP_PUBLIC_URL: publicUrl,
    ALLOWED_HOSTS: mcpUrlsOf(publicUrl)
      .slice(1)
      .map((url) => new URL(url).host)
      .join(),
    ENTRA_TENANT_ID: tenantId,
    ENTRA_CLIENT_ID: apiClientId,
    ENTRA_IDENTIFIER_URI: apiIdentifierUri,
    ENTRA_AUTHORITY_HOST: services.authorityHost,
    ENTRA_ISSUER: services.issuer,
    ENTRA_ADMIN_GROUP_ID: adminGroupId,
    GATEWAY: "on",
    GATEWAY_CLIENT_ID: gatewayClientId,
    GATEWAY_REGISTRATION: "on",
    AZURE_CLIENT_ID: managedIdentityClientId,
    IDENTITY_ENDPOINT: services.managedIdentity.endpoint,
    IDENTITY_HEADER: services.managedIdentity.header,
    GRAPH_ENDPOINT: services.graph,
    COSMOS_ENDPOINT: services.cosmos,
    STORAGE_BLOB_ENDPOINT: services.storage,
    // Load tests and impatient people share few accounts here.
    RATE_LIMIT_PER_CALLER: "100000",
    NODE_EXTRA_CA_CERTS: certificateAuthorities,
  };
}
