import type { TokenCredential } from "@azure/core-auth";
import type { HttpClient } from "@azure/core-rest-pipeline";
import type { DocumentNetwork } from "../core/client-documents/network.ts";
import type { Endpoint } from "../core/endpoint.ts";
import type { Log } from "../core/log.ts";
import { failure } from "../core/result.ts";
import { createClientProof } from "../downstream/client-proof.ts";
import { createOutboundHttp } from "../downstream/http.ts";
import type { Gates } from "../gates/gates.ts";
import type { OwnHost } from "../gates/own-hosts.ts";
import {
  metadataAnswer,
  metadataUrl,
  type ProtectedResource,
} from "../gates/protected-resource-metadata.ts";
import type { RefusalSums } from "../gates/refusal-sums.ts";
import { requiredScope } from "../gates/token-verifier.ts";
import { createGuardedEndpoint, type Serve } from "../gates/way-out.ts";
import type { KeyRing } from "../keys/key-ring.ts";
import type { RandomBytes } from "../keys/signing-key.ts";
import { createAuthorize } from "./authorize/authorize.ts";
import { createCallback } from "./authorize/callback.ts";
import { createSignIns } from "./authorize/stored-sign-ins.ts";
import { createClients } from "./clients/clients.ts";
import { createRegistration } from "./clients/registration.ts";
import { createConnections } from "./connections/connections.ts";
import { createGatewayEndpoints } from "./http/endpoints.ts";
import { registrationLimit } from "./http/gates.ts";
import { authorizationServerMetadata, publicKeys } from "./metadata.ts";
import type { GatewayState } from "./state.ts";
import { createGatewayTokenVerifier } from "./tokens/gateway-token-verifier.ts";
import { createRevocation } from "./tokens/revocation.ts";
import { createTokenEndpoint } from "./tokens/token-endpoint.ts";
import { createUpstream } from "./upstream/upstream.ts";

/** Entra, as the gateway's registration asks it. */
export interface GatewayAuthority {
  /** Without a trailing slash: where tokens are asked for. */
  readonly authorityHost: string;
  /** Where browsers sign in, and what tokens name. */
  readonly issuer: string;
  readonly tenantId: string;
  /** The API's scope, qualified. */
  readonly scope: string;
  /** Vouches for the gateway's registration, as it does for the API's, where there is no secret. */
  readonly managedIdentity: TokenCredential;
  /** For whom it vouches: the audience of its token. */
  readonly tokenExchangeAudience: string;
  /** Carries the requests. */
  readonly httpClient: HttpClient;
}

export interface GatewayOptions {
  readonly state: GatewayState;
  readonly authority: GatewayAuthority;
  /** What people call the server, and what its scope allows. */
  readonly server: { readonly title: string; readonly scopeDescription: string };
  /** Those that answer as the public URL. */
  readonly hosts: readonly OwnHost[];
  /** Of `/mcp`, which the gateway shares limits and the authority's keys with. */
  readonly gates: Pick<Gates, "gatesTo" | "rateLimits" | "verifierOf">;
  /** Requests from one address in a minute; 0 for no limit. */
  readonly perAddress: number;
  readonly trustedHops: number;
  readonly refusals: RefusalSums;
  /** The MCP server. */
  readonly serve: Serve;
  readonly keyRing: KeyRing;
  /** How clients' documents are reached: public addresses alone, but in tests. */
  readonly documentNetwork?: DocumentNetwork | undefined;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Milliseconds by a clock that nobody sets: for durations alone. */
  readonly monotonicNow: () => number;
  readonly randomBytes: RandomBytes;
  readonly log: Log;
}

/** What the gateway serves, by what each is. */
export interface Gateway {
  /** `/gateway/mcp`. */
  readonly mcp: Endpoint;
  readonly protectedResourceMetadata: Endpoint;
  readonly authorizationServerMetadata: Endpoint;
  readonly jwks: Endpoint;
  readonly authorize: Endpoint;
  readonly callback: Endpoint;
  readonly token: Endpoint;
  readonly revoke: Endpoint;
  /** Absent where clients may not register themselves. */
  readonly register?: Endpoint;
  readonly connections: Endpoint;
}

/**
 * Puts the gateway together: an authorization server of this server's own for clients that Entra does not
 * let in, and the MCP endpoint that takes its tokens. Entra's stay inside.
 */
export function createGateway(options: GatewayOptions): Gateway {
  const { state, authority, server, gates, keyRing, refusals } = options;
  const { settings, store, keys, grants } = state;
  const { issuer, resource } = settings;
  const { now, monotonicNow, randomBytes, log } = options;
  const common = { settings, store, keys, grants, keyRing, now, monotonicNow, randomBytes, log };
  // Judges Entra's tokens as on `/mcp`, and lets in those alone that the gateway was issued.
  const upstreamVerifier = gates.verifierOf(settings.clientId);

  const clients = createClients({ ...common, network: options.documentNetwork });
  const upstream = createUpstream({
    ...common,
    ...authority,
    clientId: settings.clientId,
    redirectUri: `${issuer}/callback`,
    proof: createClientProof({
      ...common,
      ...authority,
      credential:
        settings.clientSecret === undefined
          ? { kind: "managed-identity", identity: authority.managedIdentity }
          : { kind: "client-secret", clientSecret: settings.clientSecret },
    }),
    http: createOutboundHttp({ ...common, ...authority }),
  });
  const signIns = createSignIns({
    ...common,
    upstream,
    upstreamVerifier,
    upstreamIssuer: authority.issuer,
  });
  const { connections, onConnections } = createConnections({
    ...common,
    issuer,
    title: server.title,
    signIns,
  });
  const authorization = { ...common, issuer, resource, server, clients, signIns, onConnections };
  const tokens = { ...common, clients, upstream, upstreamVerifier };

  const hosts = options.hosts.map((host) => ({
    ...host,
    resource,
    metadataUrl: metadataUrl(resource),
  }));
  const protectedResource: ProtectedResource = {
    url: resource,
    issuer,
    scope: requiredScope,
    name: server.title,
    authorizationUri: `${issuer}/authorize`,
  };
  const endpoints = createGatewayEndpoints({
    hosts,
    address: gates.rateLimits.address,
    registrations: registrationLimit(options.perAddress, options.trustedHops),
    resource: protectedResource,
    refusals,
  });
  return {
    mcp: createGuardedEndpoint({
      gates: gates.gatesTo({ hosts, tokenVerifier: createGatewayTokenVerifier(tokens) }),
      resource: protectedResource,
      serve: withoutChallenges(options.serve, grants),
      refusals,
    }),
    protectedResourceMetadata: endpoints.document(() => metadataAnswer(protectedResource)),
    authorizationServerMetadata: endpoints.document(() => authorizationServerMetadata(settings)),
    jwks: endpoints.document(publicKeys(keys)),
    authorize: endpoints.page(createAuthorize(authorization), "GET, POST"),
    callback: endpoints.page(createCallback(authorization), "GET"),
    token: endpoints.client(createTokenEndpoint(tokens)),
    revoke: endpoints.client(createRevocation(tokens)),
    ...(settings.registration && {
      register: endpoints.registration(createRegistration(common)),
    }),
    connections: endpoints.page(connections, "GET, POST"),
  };
}

/**
 * The gateway's clients know nothing of Entra's claims: where a call meets a challenge, the grant has
 * ended, its tokens are not valid any more, and the next sign-in asks Entra for what is demanded.
 */
function withoutChallenges(serve: Serve, grants: GatewayState["grants"]): Serve {
  return async (arrival, signal) => {
    const served = await serve(arrival, signal);
    if (served.ok) return served;
    await grants.challenged(arrival.caller, served.reason);
    return failure({ kind: "sign-in-ended" });
  };
}
