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
    return request.method === "POST" ? undefined : { refused: { kind: "method-not-allowed" } };
  },
};

export interface GateParts {
  readonly hosts: readonly OwnHost[];
  readonly allowedOrigins: readonly string[];
  readonly tokenVerifier: TokenVerifier;
  readonly rateLimits: RateLimits;
  readonly concurrency: ConcurrencyOptions;
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
  concurrency,
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
    callersTurn(concurrency),
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

/** The gates as they are deployed, and the authority's keys, which readiness asks for. */
export function createGates(
  settings: GateSettings,
  { fetch, now, monotonicNow, log, refusals }: GateAdapters,
): { readonly gates: readonly Gate[]; readonly keySet: KeySet } {
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
  const tokenVerifier = createTokenVerifier({
    keySet,
    issuer,
    audience: settings.clientId,
    tenantId,
    allowedClientIds,
    allowAgentUsers,
    now,
  });
  const gates = orderedGates({
    hosts,
    allowedOrigins,
    tokenVerifier,
    rateLimits: createRateLimits(settings.rateLimits, settings.trustedHops),
    concurrency: shareOf(settings.httpConcurrency),
    refusals,
    largeCalls: settings.largeCalls,
  });
  return { gates, keySet };
}
