/**
 * The clouds that Microsoft Entra runs in, and what differs between them.
 *
 * Source: https://learn.microsoft.com/entra/identity-platform/authentication-national-cloud and
 * https://learn.microsoft.com/graph/deployments
 */
export interface Cloud {
  readonly graphEndpoint: string;
  /** Audience of the managed identity's token when it serves as a federated identity credential. */
  readonly tokenExchangeAudience: string;
}

export const publicAuthorityHost = "https://login.microsoftonline.com";

const publicCloud: Cloud = {
  graphEndpoint: "https://graph.microsoft.com",
  tokenExchangeAudience: "api://AzureADTokenExchange",
};

const nationalClouds: Readonly<Record<string, Cloud>> = {
  "login.microsoftonline.us": {
    graphEndpoint: "https://graph.microsoft.us",
    tokenExchangeAudience: "api://AzureADTokenExchangeUSGov",
  },
  "login.partner.microsoftonline.cn": {
    graphEndpoint: "https://microsoftgraph.chinacloudapi.cn",
    tokenExchangeAudience: "api://AzureADTokenExchangeChina",
  },
};

/** The cloud whose authority is at `authorityHost`; the public one where the host is unknown. */
export function cloudOf(authorityHost: string): Cloud {
  return nationalClouds[new URL(authorityHost).hostname] ?? publicCloud;
}
