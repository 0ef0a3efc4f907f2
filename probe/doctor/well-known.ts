/** Client applications that exist in every tenant and that people get tokens with. */
export const wellKnownClients: Readonly<Record<string, string>> = {
  "aebc6443-996d-45c2-90f0-388ff96faa56": "Visual Studio Code",
  "04b07795-8ddb-461a-bbee-02f9e1bf7b46": "Azure CLI",
  "1950a258-227b-4e31-a9cf-717495945fc2": "Azure PowerShell",
};

/** Resources of Microsoft's whose tokens people mistake for one of this server. */
const wellKnownResources: Readonly<Record<string, string>> = {
  "00000003-0000-0000-c000-000000000000": "Microsoft Graph",
  "00000002-0000-0000-c000-000000000000": "Azure AD Graph",
  "797f4846-ba00-4fd7-ba43-dac1f8f63013": "Azure Resource Manager",
  "https://graph.microsoft.com": "Microsoft Graph",
  "https://graph.microsoft.us": "Microsoft Graph",
  "https://microsoftgraph.chinacloudapi.cn": "Microsoft Graph",
  "https://management.azure.com": "Azure Resource Manager",
  "https://management.core.windows.net": "Azure Resource Manager",
};

/** The name of the resource that a token's audience stands for, if it is one of Microsoft's. */
export function wellKnownResource(audience: string): string | undefined {
  return wellKnownResources[audience.replace(/\/$/, "").toLowerCase()];
}
