/**
 * The clouds that Microsoft Entra runs in, and what differs between them.
 *
 * Source: https://learn.microsoft.com/entra/identity-platform/authentication-national-cloud,
 * https://learn.microsoft.com/graph/deployments and
 * https://learn.microsoft.com/azure/private-link/private-endpoint-dns
 */
export interface Cloud {
  readonly graphEndpoint: string;
  /** Audience of the managed identity's token when it serves as a federated identity credential. */
  readonly tokenExchangeAudience: string;
  /** What the names of its hosts end in, or are: those that are given tokens. */
  readonly hosts: {
    readonly graph: readonly string[];
    readonly cosmos: readonly string[];
    readonly blobs: readonly string[];
  };
}

export const publicAuthorityHost = "https://login.microsoftonline.com";

const publicCloud: Cloud = {
  graphEndpoint: "https://graph.microsoft.com",
  tokenExchangeAudience: "api://AzureADTokenExchange",
  hosts: {
    graph: ["graph.microsoft.com"],
    cosmos: [".documents.azure.com"],
    blobs: [".blob.core.windows.net", ".blob.storage.azure.net"],
  },
};

const clouds: Readonly<Record<string, Cloud>> = {
  "login.microsoftonline.com": publicCloud,
  "login.microsoftonline.us": {
    graphEndpoint: "https://graph.microsoft.us",
    tokenExchangeAudience: "api://AzureADTokenExchangeUSGov",
    hosts: {
      graph: ["graph.microsoft.us", "dod-graph.microsoft.us"],
      cosmos: [".documents.azure.us"],
      blobs: [".blob.core.usgovcloudapi.net"],
    },
  },
  "login.partner.microsoftonline.cn": {
    graphEndpoint: "https://microsoftgraph.chinacloudapi.cn",
    tokenExchangeAudience: "api://AzureADTokenExchangeChina",
    hosts: {
      graph: ["microsoftgraph.chinacloudapi.cn"],
      cosmos: [".documents.azure.cn"],
      blobs: [".blob.core.chinacloudapi.cn"],
    },
  },
};

/** The cloud whose authority is at this host, if it is one of Microsoft's. */
export function knownCloud(authorityHost: string): Cloud | undefined {
  return clouds[new URL(authorityHost).host];
}

/** The cloud whose authority is at `authorityHost`; the public one where the host is unknown. */
export function cloudOf(authorityHost: string): Cloud {
  return knownCloud(authorityHost) ?? publicCloud;
}

/** The authority of the cloud whose Microsoft Graph is at `endpoint`; the public one's for any other. */
export function authorityHostOf(graphEndpoint: string): string {
  const [host] =
    Object.entries(clouds).find(([, cloud]) => cloud.graphEndpoint === graphEndpoint) ?? [];
  return host === undefined ? publicAuthorityHost : `https://${host}`;
}
