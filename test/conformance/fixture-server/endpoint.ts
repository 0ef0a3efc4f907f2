import { readConfig } from "../../../src/config.ts";
import { createConcurrencyLimit } from "../../../src/http/concurrency-limit.ts";
import type { Endpoint } from "../../../src/http/endpoint.ts";
import { createMcpHttpEndpoint } from "../../../src/http/mcp-endpoint.ts";
import { metadataUrl } from "../../../src/http/protected-resource-metadata.ts";
import { createRateLimits } from "../../../src/http/rate-limits.ts";
import { createKeySet } from "../../../src/identity/key-set.ts";
import { createTokenVerifier, requiredScope } from "../../../src/identity/token-verifier.ts";
import { createMcpEndpoint } from "../../../src/mcp/server.ts";
import { success } from "../../../src/result.ts";
import { consoleLog as log } from "../../../src/telemetry/log.ts";
import { extend } from "./extend.ts";
import { requestState } from "./request-state.ts";
import { tools } from "./tools.ts";

const config = readConfig(process.env);
const now = Date.now;
const qualifiedScope = (scope: string) => `${config.identifierUri}/${scope}`;

/** The application's gates and server, put together as `src/app.ts` does, over the fixtures. */
export const endpoint: Endpoint = createMcpHttpEndpoint({
  allowed: {
    hosts: config.allowedHosts,
    origins: [new URL(config.publicUrl).origin, ...config.allowedOrigins],
  },
  resource: {
    url: config.publicUrl,
    issuer: config.issuer,
    scope: qualifiedScope(requiredScope),
    authorizationUri: config.issuer.replace(/\/v2\.0$/, "/oauth2/v2.0/authorize"),
  },
  tokenVerifier: createTokenVerifier({
    keySet: createKeySet({
      url: `${config.authorityHost}/${config.tenantId}/discovery/v2.0/keys`,
      fetch,
      now,
      log,
    }),
    issuer: config.issuer,
    audience: config.clientId,
    tenantId: config.tenantId,
    allowedClientIds: config.allowedClientIds,
    now,
  }),
  rateLimits: createRateLimits(config.rateLimits),
  concurrency: createConcurrencyLimit({ running: 20, waiting: 1000 }),
  trustedHops: config.trustedHops,
  serve: createMcpEndpoint({
    name: "conformance-fixtures",
    title: "Conformance fixtures",
    version: "1.0.0",
    instructions: "What the conformance suite asks a server to have.",
    tools,
    isAdministrator: async () => success(false),
    requiredScope,
    qualifiedScope,
    resourceMetadataUrl: metadataUrl(config.publicUrl),
    requestState,
    extend,
  }),
});
