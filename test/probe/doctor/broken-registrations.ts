import { localTenant, type Tenant } from "../../../local/authority/tenant.ts";
import type { Subject } from "../../../probe/doctor/patient.ts";
import { otherId } from "./wrong-tokens.ts";

/** What the finding says, what is wrong in the tenant, and what the doctor is given. */
export type BrokenRegistration = readonly [
  says: RegExp,
  tenant: (mcp: string) => Tenant,
  subject?: Partial<Subject>,
];

const { identifierUri } = localTenant.api;

/** The stack's tenant, whose registration has those URIs beside the scope's own. */
export function tenantWith(
  further: readonly string[],
  changes: Partial<Tenant["api"]> = {},
): Tenant {
  const identifierUris = [changes.identifierUri ?? identifierUri, ...further];
  return { ...localTenant, api: { ...localTenant.api, identifierUris, ...changes } };
}

const healthy = (mcp: string) => tenantWith([mcp]);

/** What can be wrong with a tenant's registrations, in words, by the check that is to name it. */
export const brokenRegistrations: Readonly<
  Record<string, Readonly<Record<string, BrokenRegistration>>>
> = {
  "sign-in.client": {
    "a client that the tenant does not know": [
      /Register the client in the server's tenant/,
      healthy,
      { client: { id: otherId, redirectUri: "https://claude.ai/api/mcp/auth_callback" } },
    ],
    "a callback that the client's registration lacks": [
      /Add the redirect URI/,
      healthy,
      {
        client: {
          id: String(localTenant.publicClients[0]?.clientId),
          redirectUri: "https://claude.ai/api/mcp/auth_callback",
        },
      },
    ],
  },
  "sign-in.scope": {
    "a scope of an identifier URI that the tenant does not know": [
      /set ENTRA_IDENTIFIER_URI to that/,
      (mcp) => tenantWith([mcp], { identifierUri: "api://renamed" }),
    ],
    "a scope that the API does not expose": [
      /Expose an API/,
      (mcp) => tenantWith([mcp], { scope: "access" }),
    ],
  },
  "sign-in.resource": {
    "a list without the URL": [
      /uri-not-listed \(certain\).*No registration in the tenant has it.*az ad app show/s,
      () => tenantWith([]),
    ],
    "a list with a slash at the URL's end": [
      /uri-not-listed \(certain\).*the trailing slash differs.*az ad app show/s,
      (mcp) => tenantWith([`${mcp}/`]),
    ],
    "a list with the host in other letters": [
      /uri-not-listed \(certain\).*the host's case differs.*az ad app show/s,
      (mcp) => tenantWith([mcp.replace("localhost", "LOCALHOST")]),
    ],
    "a list with another path": [
      /uri-not-listed \(certain\).*the path differs.*az ad app show/s,
      (mcp) => tenantWith([new URL(mcp).origin]),
    ],
    "a registration of version 1.0 tokens": [
      /tokens-not-v2 \(certain\).*requestedAccessTokenVersion.*az ad app show/s,
      (mcp) => tenantWith([mcp], { requestedAccessTokenVersion: 1 }),
    ],
    "another registration that has the URL": [
      /other-registration \(certain\).*az ad app show/s,
      (mcp) => {
        const displayName = "Another MCP server";
        const other = { clientId: otherId, identifierUri: mcp, displayName, grantedScopes: [] };
        return { ...tenantWith([]), downstream: [...localTenant.downstream, other] };
      },
    ],
  },
};
