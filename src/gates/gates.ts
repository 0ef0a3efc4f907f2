import type { Log } from "../core/log.ts";
import { accessToken } from "./access-token.ts";
import { type ConcurrencyOptions, callersTurn } from "./concurrency-limit.ts";
import { preflight } from "./cors.ts";
import type { Gate } from "./gate.ts";
import { headerSize, ownHeaders } from "./headers.ts";
import { allowedOrigin, knownHost } from "./host-and-origin.ts";
import { createKeySet, type KeySet } from "./key-set.ts";
import type { OwnHost } from "./own-hosts.ts";
import { metadataAnswer, type ProtectedResource } from "./protected-resource-metadata.ts";
import { createRateLimits, type RateLimitOptions, type RateLimits } from "./rate-limits.ts";
import type { RefusalSums } from "./refusal-sums.ts";
import { body, type LargeCalls } from "./request-body.ts";
import { createTokenVerifier, type TokenVerifier } from "./token-verifier.ts";

/** What the gates are told from outside: part of the server's settings. */
export interface GateSettings {
  readonly hosts: readonly OwnHost[];
  readonly allowedOrigins: readonly string[];
  readonly tenantId: string;
  readonly clientId: string;
  readonly authorityHost: string;
  readonly issuer: string;
  readonly allowedClientIds: readonly string[];
  readonly allowAgentUsers: boolean;
  readonly rateLimits: RateLimitOptions;
  readonly trustedHops: number;
  readonly httpConcurrency: number;
  /** The gateway's own registration, where it is on: tokens of that are for the gateway alone. */
  readonly gateway?: { readonly clientId: string } | undefined;
  /** Calls that may be larger than any other message. */
  readonly largeCalls?: LargeCalls;
}

export interface GateAdapters {
  /** Fetches the authority's keys. */
  readonly fetch: typeof fetch;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Milliseconds by a clock that nobody sets: for durations alone. */
  readonly monotonicNow: () => number;
  readonly log: Log;
  readonly refusals: RefusalSums;
}

/**
 * One caller's share of an instance: room is left for others, and requests that wait, which the platform
 * scales by, are few.
 *
 * @param httpConcurrency how many requests the platform gives an instance at the same time
 */
function shareOf(httpConcurrency: number): ConcurrencyOptions {
  return {
    running: Math.max(1, Math.floor(httpConcurrency / 2)),
    waiting: Math.floor(httpConcurrency / 4),
  };
}

const postAlone: Gate = {
  name: "method",
  pass({ request }) {
    if (request.method === "POST") return undefined;
    return { refused: { kind: "method-not-allowed", allow: "POST, OPTIONS" } };
  },
};

export interface GateParts {
  readonly hosts: readonly OwnHost[];
  readonly allowedOrigins: readonly string[];
  readonly tokenVerifier: TokenVerifier;
  readonly rateLimits: RateLimits;
  /** What `callersTurn` makes. */
  readonly turn: Gate;
  readonly refusals: RefusalSums;
  /** Calls that may be larger than any other message. */
  readonly largeCalls?: LargeCalls | undefined;
}

/**
 * The gates in their order. What is cheap and needs no knowledge of the caller comes first; no body
 * is read, and nothing behind the last gate runs, without a caller.
 */
export function orderedGates({
  hosts,
  allowedOrigins,
  tokenVerifier,
  rateLimits,
  turn,
  refusals,
  largeCalls,
}: GateParts): readonly Gate[] {
  return [
    ownHeaders,
    knownHost(hosts),
    allowedOrigin(hosts, allowedOrigins),
    preflight,
    headerSize,
    rateLimits.address,
    accessToken(tokenVerifier, refusals),
    postAlone,
    rateLimits.caller,
    turn,
    body(largeCalls),
    rateLimits.messages,
  ];
}

/** The gates to the metadata of the host that is asked, which the last one answers with. */
export function metadataGates(
  hosts: readonly OwnHost[],
  resource: ProtectedResource,
): readonly Gate[] {
  return [
    ownHeaders,
    knownHost(hosts),
    {
      name: "protected resource metadata",
      pass: ({ host }) => ({ answered: metadataAnswer({ ...resource, url: host.resource }) }),
    },
  ];
}

/** The gates as they are deployed, and what they share with others. */
export interface Gates {
  /** To `/mcp`. */
  readonly gates: readonly Gate[];
  /** To a further resource, of other tokens: the gates of both count together, and share what one caller may. */
  gatesTo(resource: Pick<GateParts, "hosts" | "tokenVerifier">): readonly Gate[];
  /** The authority's keys, which readiness asks for. */
  readonly keySet: KeySet;
  readonly rateLimits: RateLimits;
  /** Verifies tokens of the authority as `/mcp` does, but those alone that one client has been issued. */
  verifierOf(clientId: string): TokenVerifier;
}

export function createGates(
  settings: GateSettings,
  { fetch, now, monotonicNow, log, refusals }: GateAdapters,
): Gates {
  const { hosts, allowedOrigins, tenantId, issuer, allowedClientIds, allowAgentUsers } = settings;
  const keySet = createKeySet({
    // A registration with a claims mapping signs with a key of its own, which is shown to those alone
    // who ask for it (https://learn.microsoft.com/entra/identity-platform/access-tokens#validate-tokens).
    url: `${settings.authorityHost}/${tenantId}/discovery/v2.0/keys?appid=${settings.clientId}`,
    // In sets that several tenants share, Entra names the tenant by a placeholder.
    issuers: [issuer, issuer.replace(tenantId, "{tenantid}")],
    fetch,
    now: monotonicNow,
    log,
  });
  const verifier = {
    keySet,
    issuer,
    audience: settings.clientId,
    tenantId,
    allowedClientIds,
    allowAgentUsers,
    now,
  };
  const shared = {
    allowedOrigins,
    rateLimits: createRateLimits(settings.rateLimits, settings.trustedHops),
    turn: callersTurn(shareOf(settings.httpConcurrency)),
    refusals,
    largeCalls: settings.largeCalls,
  };
  const gatesTo = (resource: Pick<GateParts, "hosts" | "tokenVerifier">) =>
    orderedGates({ ...shared, ...resource });
  return {
    gates: gatesTo({
      hosts,
      tokenVerifier: createTokenVerifier({
        ...verifier,
        gatewayClientId: settings.gateway?.clientId,
      }),
    }),
    gatesTo,
    keySet,
    rateLimits: shared.rateLimits,
    verifierOf: (clientId) => createTokenVerifier({ ...verifier, allowedClientIds: [clientId] }),
  };
}
