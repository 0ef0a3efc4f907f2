import type { Config } from "../config.ts";
import type { Endpoint } from "../core/endpoint.ts";
import type { Log } from "../core/log.ts";
import type { McpEndpoint, McpServerDefinition } from "../mcp/server.ts";
import { createConcurrencyLimit } from "./concurrency-limit.ts";
import { createKeySet, type KeySet } from "./key-set.ts";
import { createMcpHttpEndpoint } from "./mcp-endpoint.ts";
import { metadataUrl, type ProtectedResource } from "./protected-resource-metadata.ts";
import { createRateLimits } from "./rate-limits.ts";
import { createTokenVerifier, requiredScope } from "./token-verifier.ts";

/** What stands between the network and an MCP server. */
export interface Gates {
  readonly resource: ProtectedResource;
  readonly keySet: KeySet;
  /** What the server behind them tells callers of the scopes that they need. */
  readonly scopes: Pick<
    McpServerDefinition,
    "requiredScope" | "qualifiedScope" | "resourceMetadataUrl"
  >;
  /** Lets nobody through to `serve` whom one of the gates refuses. */
  guard(serve: McpEndpoint): Endpoint;
}

/**
 * Enough for a client that fans out, too little to starve others. Who waits holds no body, so that
 * waiting costs little.
 */
const concurrencyPerCaller = { running: 20, waiting: 1000 };

/** The gates as they are deployed, whatever is behind them. */
export function createGates(config: Config, log: Log): Gates {
  const now = Date.now;
  const qualifiedScope = (scope: string) => `${config.identifierUri}/${scope}`;
  const resource: ProtectedResource = {
    url: config.publicUrl,
    issuer: config.issuer,
    scope: qualifiedScope(requiredScope),
    authorizationUri: config.issuer.replace(/\/v2\.0$/, "/oauth2/v2.0/authorize"),
  };
  const keySet = createKeySet({
    url: `${config.authorityHost}/${config.tenantId}/discovery/v2.0/keys`,
    fetch,
    now,
    log,
  });
  const tokenVerifier = createTokenVerifier({
    keySet,
    issuer: config.issuer,
    audience: config.clientId,
    tenantId: config.tenantId,
    allowedClientIds: config.allowedClientIds,
    now,
  });
  const origins = [new URL(config.publicUrl).origin, ...config.allowedOrigins];
  return {
    resource,
    keySet,
    scopes: { requiredScope, qualifiedScope, resourceMetadataUrl: metadataUrl(config.publicUrl) },
    guard: (serve) =>
      createMcpHttpEndpoint({
        allowed: { hosts: config.allowedHosts, origins },
        resource,
        tokenVerifier,
        rateLimits: createRateLimits(config.rateLimits),
        concurrency: createConcurrencyLimit(concurrencyPerCaller),
        trustedHops: config.trustedHops,
        serve,
      }),
  };
}
