/**
 * The directory that the laptop stack pretends to be: one tenant with its registrations, one
 * administrators' group and three people. All ids are fixed, so that stored data still belongs to
 * the same person after a restart. Nothing here is a secret: it all works on this machine alone.
 */
export const tenantId = "7a3c1f58-94d2-4f0e-8b61-0d5e2c9b4a17";

/** The API's app registration: the audience of callers' tokens and the client of the exchange. */
export const apiClientId = "3f6b8e02-5c47-4d19-a2e8-6b90c7d1f345";
export const apiIdentifierUri = "api://mcp-local";
export const apiScope = "user_impersonation";
export const apiScopeDescription = "Use the MCP server as you";
export const apiDisplayName = "MCP server";
/** What `ENTRA_CLIENT_SECRET` holds where the managed identity is not used locally. */
export const apiClientSecret = "local-development-only";

/** Microsoft Graph, and the delegated permissions on it that the API has admin consent for. */
export const graphClientId = "00000003-0000-0000-c000-000000000000";
export const graphIdentifierUri = "https://graph.microsoft.com";
export const graphDisplayName = "Microsoft Graph";
export const graphGrantedScopes: readonly string[] = ["User.Read"];

/** The user-assigned managed identity of the function app. */
export const managedIdentityClientId = "c81d92ab-7e35-46f0-9d4b-18a2f6035ce7";
export const managedIdentityObjectId = "5e20b7c4-3a98-4c61-8f17-d3946ab08251";

/** The tenant-wide id of Visual Studio Code's own client registration, as in Entra. */
export const vscodeClientId = "aebc6443-996d-45c2-90f0-388ff96faa56";

/** The bridge's own registration: a public client that MSAL signs people in with. */
export const bridgeClientId = "b47d2a90-6c1e-4f85-93d7-2e8a50c6f1b3";

/** The gateway's own registration: a confidential client, which proves itself as the API's does. */
export const gatewayClientId = "8d15e6c2-4b09-4a73-b8f6-91c3d70e2a5f";
export const gatewayDisplayName = "MCP gateway";
/** What the gateway's secret is where the managed identity is not used locally. */
export const gatewayClientSecret = "local-development-gateway";

export const adminGroupId = "e4907d13-2b6f-4a85-b3c9-71f58d20a6e4";

/** A person who can sign in locally. No password: whoever can open the page may be anyone. */
export interface Account {
  readonly username: string;
  readonly objectId: string;
  readonly displayName: string;
  readonly jobTitle: string;
  readonly department: string;
  readonly officeLocation: string;
  readonly groups: readonly string[];
}

export const accounts: readonly Account[] = [
  {
    username: "admin@contoso.example",
    objectId: "0b1d6f3e-8c24-4e7a-9a50-f7c2e81b3d96",
    displayName: "Ada Admin",
    jobTitle: "Finance Administrator",
    department: "Finance",
    officeLocation: "18/2111",
    groups: [adminGroupId],
  },
  {
    username: "user1@contoso.example",
    objectId: "92e7a5c0-1f4b-4d83-b6e9-24d80c5f7a1b",
    displayName: "Uma First",
    jobTitle: "Engineer",
    department: "Research",
    officeLocation: "20/1101",
    groups: [],
  },
  {
    username: "user2@contoso.example",
    objectId: "d5483b9f-60a7-4c2e-87f1-9e3b0a6c2d74",
    displayName: "Ugo Second",
    jobTitle: "Account Manager",
    department: "Sales",
    officeLocation: "20/1102",
    groups: [],
  },
];
