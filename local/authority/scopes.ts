import type { Client } from "./clients/clients.ts";
import { Refusal } from "./refusal.ts";
import type { DownstreamResource, Tenant } from "./tenant.ts";

const openIdScopes = ["openid", "profile", "email", "offline_access"] as const;
export type OpenIdScope = (typeof openIdScopes)[number];

/** What a token is for: the API itself, or something that it calls on behalf of people. */
export interface Resource extends Omit<DownstreamResource, "identifierUri"> {
  readonly kind: "api" | "downstream";
  /** Each may stand before a scope. The first stands for the client id. */
  readonly identifierUris: readonly [string, ...string[]];
}

export interface RequestedScopes {
  /** The parameter as it was sent. */
  readonly text: string;
  readonly openId: readonly OpenIdScope[];
  /** Absent where nothing but OpenID scopes is asked. Entra's token is one for Graph then. */
  readonly target?: ScopeTarget;
}

export interface ScopeTarget {
  readonly resource: Resource;
  /** With which the client asked: Entra's answer names the scopes with it too. */
  readonly identifierUri: string;
  readonly names: readonly string[];
}

/** Asks for whatever has been granted on the resource. */
const defaultScope = ".default";

/**
 * Reads a `scope` parameter: OpenID's scopes and those of one resource at most, each qualified with
 * one of the resource's identifier URIs or its client id. A bare name is one of Graph's, as in Entra.
 */
export function parseScopes(tenant: Tenant, scope: string): RequestedScopes | Refusal {
  const openId = new Set<OpenIdScope>();
  const names = new Set<string>();
  let target: Omit<ScopeTarget, "names"> | undefined;

  for (const token of scope.split(" ").filter((part) => part !== "")) {
    // RFC 6749, appendix A.4
    if (!/^[\x21\x23-\x5B\x5D-\x7E]+$/.test(token)) return invalidScope(token);
    const openIdScope = openIdScopes.find((name) => name === token);
    if (openIdScope) {
      openId.add(openIdScope);
      continue;
    }
    const found = findResource(tenant, token);
    if (found instanceof Refusal) return found;
    if (target && target.resource.clientId !== found.resource.clientId) {
      return new Refusal("AADSTS28000");
    }
    target ??= found;
    names.add(found.name);
  }

  if (!target) {
    return openId.size > 0 ? { text: scope, openId: [...openId] } : invalidScope(scope);
  }
  // Entra refuses the combination: .default already stands for all of them.
  if (names.has(defaultScope) && names.size > 1) return invalidScope(scope);
  return { text: scope, openId: [...openId], target: { ...target, names: [...names] } };
}

function findResource(
  tenant: Tenant,
  token: string,
): { resource: Resource; identifierUri: string; name: string } | Refusal {
  const slash = token.lastIndexOf("/");
  const prefix = slash < 0 ? tenant.downstream[0].identifierUri : token.slice(0, slash);
  const name = token.slice(slash + 1);
  const resource = resourcesOf(tenant).find(
    ({ identifierUris, clientId }) => identifierUris.includes(prefix) || prefix === clientId,
  );
  if (!resource) {
    return new Refusal(
      "AADSTS500011",
      `The resource principal named ${prefix} was not found in the tenant named ${tenant.id}.`,
    );
  }
  if (resource.kind === "api" && name !== defaultScope && !resource.grantedScopes.includes(name)) {
    return unknownScope(name, resource);
  }
  const identifierUri = prefix === resource.clientId ? resource.identifierUris[0] : prefix;
  return { resource, identifierUri, name };
}

/** Everything that the tenant gives tokens for, the API first. */
export function resourcesOf({ api, downstream }: Tenant): readonly Resource[] {
  const { clientId, identifierUri, identifierUris, displayName, scope } = api;
  const further = identifierUris.filter((uri) => uri !== identifierUri);
  return [
    {
      kind: "api",
      clientId,
      identifierUris: [identifierUri, ...further],
      displayName,
      grantedScopes: [scope],
    },
    ...downstream.map(
      ({ identifierUri: uri, ...resource }): Resource => ({
        kind: "downstream",
        identifierUris: [uri],
        ...resource,
      }),
    ),
  ];
}

/**
 * Why `client` may not have these scopes, if so. Clients of people get tokens for the API alone,
 * and the API gets them for what it has consent for.
 */
export function scopesRefusal(
  tenant: Tenant,
  client: Client,
  { target }: RequestedScopes,
): Refusal | undefined {
  if (!target) return undefined;
  const { resource, names } = target;
  const asksForItself = client.redirectUris.length > 0 && client.clientId === resource.clientId;
  if (client.kind !== "api" || asksForItself) {
    const [name = ""] = names;
    return resource.kind === "api"
      ? undefined
      : unknownScope(name, resource, ` Did you mean ${tenant.api.identifierUri}/${name}?`);
  }
  const consented =
    resource.kind === "downstream" &&
    resource.grantedScopes.length > 0 &&
    names.every((name) => name === defaultScope || resource.grantedScopes.includes(name));
  if (consented) return undefined;
  return new Refusal(
    "AADSTS65001",
    `The user or administrator has not consented to use the application with ID '${client.clientId}' named '${client.name}'. Send an interactive authorization request for this user and resource.`,
  );
}

function unknownScope(name: string, resource: Resource, advice = ""): Refusal {
  return new Refusal(
    "AADSTS650053",
    `The application asked for scope '${name}' that doesn't exist on the resource '${resource.clientId}'.${advice}`,
  );
}

function invalidScope(scope: string): Refusal {
  return new Refusal(
    "AADSTS70011",
    `The provided value for the input parameter 'scope' is not valid. The scope ${scope} is not valid.`,
  );
}

/**
 * The scopes of a token response: qualified, what was granted first, then `.default` if that is how
 * it was asked, by which MSAL finds the token in its cache again.
 */
export function grantedScopeText({ openId, target }: RequestedScopes): string {
  if (!target) return openId.join(" ");
  const { resource, identifierUri, names } = target;
  const asked = names.includes(defaultScope) ? [defaultScope] : [];
  return [...resource.grantedScopes, ...asked].map((name) => `${identifierUri}/${name}`).join(" ");
}
