import * as directory from "../directory.ts";

/** What the authority knows: the part of a directory that signing in and token exchange need. */
export interface Tenant {
  readonly id: string;
  /** The MCP server's registration: the audience of callers' tokens, the client of the exchange. */
  readonly api: ApiRegistration;
  /** What the API may call on behalf of people. Scopes without a prefix belong to the first. */
  readonly downstream: readonly [DownstreamResource, ...DownstreamResource[]];
  /** The gateway's registration. The API has pre-authorised it for its scope. */
  readonly gateway: ConfidentialClient;
  /** Registered in the federated identity credentials of the API and of the gateway: its token stands in for a secret. */
  readonly managedIdentity: { readonly clientId: string; readonly objectId: string };
  /** Clients that are known without having registered. */
  readonly publicClients: readonly PublicClient[];
  readonly accounts: readonly directory.Account[];
  /** Members carry the administrator's badge on the sign-in page. */
  readonly adminGroupId: string;
}

export interface ApiRegistration {
  readonly clientId: string;
  /** `ENTRA_IDENTIFIER_URI`: what the scope begins with in the server's metadata. One of the list. */
  readonly identifierUri: string;
  /** Every URI of the registration: each may begin a scope and be sent as `resource`, to the letter. */
  readonly identifierUris: readonly string[];
  /** The version of callers' access tokens. The server takes 2 alone. */
  readonly requestedAccessTokenVersion: 1 | 2;
  readonly displayName: string;
  readonly scope: string;
  /** What the scope allows, in words for the sign-in page. */
  readonly scopeDescription: string;
  /** Where the server answers, for the start page. */
  readonly url?: string | undefined;
  readonly clientSecret: string;
  /**
   * Platform *mobile and desktop*: with any, people can sign in from this registration itself, as a
   * public client. Entra then refuses to refresh a token that was asked by identifier URI (AADSTS90009).
   */
  readonly redirectUris?: readonly string[];
}

export interface DownstreamResource {
  readonly clientId: string;
  readonly identifierUri: string;
  readonly displayName: string;
  /** What tokens for it say in `scp`: the delegated permissions with admin consent. Empty: every exchange is refused (AADSTS65001). */
  readonly grantedScopes: readonly string[];
}

/** An application that cannot keep a secret, such as an editor on somebody's machine. */
export interface PublicClient {
  readonly clientId: string;
  readonly name: string;
  readonly redirectUris: readonly string[];
}

/** An application that proves who it is each time it asks for tokens, by its secret or an assertion. */
export interface ConfidentialClient extends PublicClient {
  /** Platform *web*: `{origin}/gateway/callback` of the server, whose port varies. */
  readonly redirectUris: readonly string[];
  readonly clientSecret: string;
}

export const localTenant: Tenant = {
  id: directory.tenantId,
  api: {
    clientId: directory.apiClientId,
    identifierUri: directory.apiIdentifierUri,
    identifierUris: [directory.apiIdentifierUri],
    requestedAccessTokenVersion: 2,
    displayName: directory.apiDisplayName,
    scope: directory.apiScope,
    scopeDescription: directory.apiScopeDescription,
    clientSecret: directory.apiClientSecret,
  },
  downstream: [
    {
      clientId: directory.graphClientId,
      identifierUri: directory.graphIdentifierUri,
      displayName: directory.graphDisplayName,
      grantedScopes: directory.graphGrantedScopes,
    },
  ],
  gateway: {
    clientId: directory.gatewayClientId,
    name: directory.gatewayDisplayName,
    redirectUris: [],
    clientSecret: directory.gatewayClientSecret,
  },
  managedIdentity: {
    clientId: directory.managedIdentityClientId,
    objectId: directory.managedIdentityObjectId,
  },
  publicClients: [
    {
      clientId: directory.vscodeClientId,
      name: "Visual Studio Code",
      redirectUris: [
        "http://127.0.0.1",
        "http://localhost",
        "https://vscode.dev/redirect",
        "https://insiders.vscode.dev/redirect",
      ],
    },
    {
      clientId: directory.bridgeClientId,
      name: "MCP bridge",
      // What MSAL listens at, on a port of its own each time.
      redirectUris: ["http://localhost"],
    },
  ],
  accounts: directory.accounts,
  adminGroupId: directory.adminGroupId,
};
