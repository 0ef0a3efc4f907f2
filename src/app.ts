import type { TokenCredential } from "@azure/core-auth";
import type { HttpClient } from "@azure/core-rest-pipeline";
import type { Container } from "@azure/cosmos";
import type { z } from "zod";
import type { Config, Settings } from "./config.ts";
import type { DocumentNetwork } from "./core/client-documents/network.ts";
import type { Endpoint } from "./core/endpoint.ts";
import { type Log, thrown } from "./core/log.ts";
import { type Domain, type DomainParts, instructionsOf, noConnections } from "./define-domain.ts";
import { graphApi } from "./directory/graph.ts";
import { createAdministratorCheck } from "./directory/membership.ts";
import { createApiClient } from "./downstream/api-client.ts";
import type { ClientCredential } from "./downstream/client-proof.ts";
import { createTokenExchange } from "./downstream/token-exchange.ts";
import { createGates, metadataGates } from "./gates/gates.ts";
import type { ProtectedResource } from "./gates/protected-resource-metadata.ts";
import { publicEndpoint } from "./gates/public-endpoint.ts";
import { createRefusalSums } from "./gates/refusal-sums.ts";
import { requiredScope } from "./gates/token-verifier.ts";
import { createGuardedEndpoint, wholeResponse } from "./gates/way-out.ts";
import { createGateway, type Gateway } from "./gateway/gateway.ts";
import { openGatewayState } from "./gateway/state.ts";
import { createReadiness, healthAnswer } from "./health.ts";
import { createKeyRing } from "./keys/key-ring.ts";
import type { KeyStorage } from "./keys/key-storage.ts";
import type { RandomBytes } from "./keys/signing-key.ts";
import { createApprovals } from "./mcp/approvals/approvals.ts";
import { type ApprovalLedger, ledgerUpkeep } from "./mcp/approvals/ledger.ts";
import { createMcpEndpoint, type Fixtures } from "./mcp/server.ts";
import type { UserBlobs } from "./storage/user-blobs.ts";
import type { OpenContainer } from "./storage/user-items.ts";
import { createUpkeep, type UpkeepRun } from "./upkeep.ts";

/** This server's version, the same as in package.json: a test holds that. */
export const version = "0.1.0";

/** What the HTTP triggers serve. */
export interface App {
  readonly mcp: Endpoint;
  readonly protectedResourceMetadata: Endpoint;
  readonly health: Endpoint;
  readonly readiness: Endpoint;
  /** Undefined where the gateway is off. */
  readonly gateway: Gateway | undefined;
  /** What is to be done now and then without anybody asking for it. */
  readonly upkeep: UpkeepRun;
  /** Writes down what is still to be written, before the process ends. */
  shutDown(): void;
}

/** What the application reaches outside of itself: production's are in `azure.ts`. */
export interface Adapters {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Milliseconds by a clock that nobody sets: for durations alone. */
  readonly monotonicNow: () => number;
  readonly randomBytes: RandomBytes;
  /** For what happens outside of any request. */
  readonly log: Log;
  /** Fetches the authority's signing keys. */
  readonly fetch: typeof fetch;
  /** Carries requests to the authority and to APIs on the callers' behalf. */
  readonly httpClient: HttpClient;
  /** The managed identity, whose tokens vouch for the registration where there is no secret. */
  readonly managedIdentity: TokenCredential;
  /** Opens a container of the database. */
  readonly openContainer: (name: string) => Promise<Container>;
  readonly keyStorage: KeyStorage;
  /** Of the gateway's own keys. */
  readonly gatewayKeyStorage: KeyStorage;
  readonly approvalLedger: ApprovalLedger;
  /** For tests: what no domain can offer. */
  readonly fixtures?: Fixtures;
  /** For tests: how documents of the gateway's clients are reached, public addresses alone where absent. */
  readonly documentNetwork?: DocumentNetwork;
  /** For tests: waits so many milliseconds before the gateway tries again what another instance may have written. */
  readonly pause?: (milliseconds: number) => Promise<void>;
  /** Reaches the storage that keys and ledger are in, or rejects. */
  readonly reachStorage: (signal: AbortSignal) => Promise<unknown>;
  /** People's files. */
  readonly userBlobs: UserBlobs;
  /** Reaches the storage that people's files are in, or rejects. */
  readonly reachUserBlobs: (signal: AbortSignal) => Promise<unknown>;
}

/**
 * Puts the application together, once per process: the only place that does, for production, the
 * laptop, the benchmark, the fuzzer and tests, which differ in their adapters alone.
 */
export function compose<Schema extends z.ZodObject, ContainerName extends string>(
  { config, domain: domainSettings }: Settings<z.output<Schema>>,
  adapters: Adapters,
  domain: Domain<Schema, ContainerName>,
): App {
  const { now, monotonicNow, randomBytes, log, httpClient, openContainer } = adapters;
  const keyRing = createKeyRing({
    storage: adapters.keyStorage,
    now,
    monotonicNow,
    randomBytes,
    log,
  });
  const downstream = {
    httpClient,
    now,
    monotonicNow,
    tokenExchange: createTokenExchange({
      authorityHost: config.authorityHost,
      tenantId: config.tenantId,
      clientId: config.clientId,
      credential: credentialOf(config, adapters),
      tokenExchangeAudience: config.cloud.tokenExchangeAudience,
      httpClient,
      now,
      monotonicNow,
      log,
    }),
  };
  const directory = createApiClient(
    graphApi(config.graphEndpoint, config.cloud.graphEndpoint),
    downstream,
  );
  const gatewayState =
    config.gateway &&
    openGatewayState({
      settings: config.gateway,
      openContainer,
      keyStorage: adapters.gatewayKeyStorage,
      pause: adapters.pause,
      ...{ now, monotonicNow, randomBytes, log },
    });
  const containerNames = Object.keys(domain.containers) as ContainerName[];
  const containers = Object.fromEntries(
    containerNames.map((name) => [name, () => openContainer(name)]),
  ) as Record<ContainerName, OpenContainer>;
  const parts: DomainParts<z.output<Schema>, ContainerName> = {
    settings: domainSettings,
    containers,
    blobs: adapters.userBlobs,
    directory,
    api: (description) => createApiClient(description, downstream),
    connections: gatewayState?.connections ?? noConnections,
    keyRing,
    now,
  };
  const tools = domain.tools(parts);
  const upkeep = domain.upkeep?.(parts);
  const needApproval = tools.some(({ needsApproval }) => needsApproval);
  const refusals = createRefusalSums(log);
  const largeCalls = new Map(
    tools.flatMap(({ name, inputValues }) => (inputValues ? [[name, inputValues] as const] : [])),
  );
  const gates = createGates({ ...config, largeCalls }, { ...adapters, refusals });

  const qualified = (scope: string) => `${config.identifierUri}/${scope}`;
  const resource: ProtectedResource = {
    url: config.publicUrl,
    issuer: config.issuer,
    scope: qualified(requiredScope),
    name: domain.title,
    authorizationUri: config.issuer.replace(/\/v2\.0$/, "/oauth2/v2.0/authorize"),
  };
  const offers = {
    name: domain.name,
    title: domain.title,
    version,
    instructions: instructionsOf(domain, domainSettings),
    tools,
    resources: domain.resources?.(parts) ?? [],
    prompts: domain.prompts?.(parts) ?? [],
    isAdministrator: createAdministratorCheck({
      client: directory,
      groupId: config.adminGroupId,
      now: monotonicNow,
    }),
    approvals: needApproval
      ? createApprovals({ keyRing, ledger: adapters.approvalLedger, mode: config.approvals, now })
      : undefined,
    now,
    fixtures: adapters.fixtures,
    log,
  };
  const mcp = createMcpEndpoint({ ...offers, scopes: { required: requiredScope, qualified } });
  // Its authorization server has scopes of its own, which no other server's names go in front of.
  const serveGateway = () =>
    createMcpEndpoint({
      ...offers,
      scopes: { required: requiredScope, qualified: (scope) => scope, isOnly: true },
    });
  const readiness = createReadiness({
    dependencies: {
      entra: () => gates.keySet.reach(),
      cosmos: (abortSignal) =>
        Promise.all(
          containerNames.map(async (name) => (await openContainer(name)).read({ abortSignal })),
        ),
      storage: (signal) =>
        Promise.all([
          adapters.reachStorage(signal),
          ...(domain.blobs ? [adapters.reachUserBlobs(signal)] : []),
        ]),
      ...(gatewayState && { gateway: (signal) => gatewayState.reach(signal) }),
    },
    now: monotonicNow,
    onUnreachable: (dependency, error) =>
      log("error", "dependency.unreachable", { dependency, cause: thrown(error) }),
  });

  return {
    mcp: createGuardedEndpoint({ gates: gates.gates, resource, serve: mcp, refusals }),
    protectedResourceMetadata: publicEndpoint(
      createGuardedEndpoint({
        gates: metadataGates(config.hosts, resource),
        resource,
        serve: mcp,
        refusals,
      }),
    ),
    health: publicEndpoint(async () => wholeResponse(healthAnswer)),
    readiness: publicEndpoint(async () => wholeResponse(await readiness())),
    gateway:
      gatewayState &&
      createGateway({
        state: gatewayState,
        authority: {
          authorityHost: config.authorityHost,
          issuer: config.issuer,
          tenantId: config.tenantId,
          scope: qualified(requiredScope),
          managedIdentity: adapters.managedIdentity,
          tokenExchangeAudience: config.cloud.tokenExchangeAudience,
          httpClient,
        },
        server: domain,
        hosts: config.hosts.filter(({ resource: url }) => url === config.publicUrl),
        gates,
        perAddress: config.rateLimits.perAddress,
        trustedHops: config.trustedHops,
        refusals,
        serve: serveGateway(),
        keyRing,
        documentNetwork: adapters.documentNetwork,
        ...{ now, monotonicNow, randomBytes, log },
      }),
    upkeep: createUpkeep(
      {
        ...(needApproval && { approvals: ledgerUpkeep(adapters.approvalLedger, now) }),
        ...(upkeep && { [domain.name]: upkeep }),
      },
      monotonicNow,
    ),
    shutDown: () => refusals.flush(),
  };
}

function credentialOf(
  { clientCredential }: Config,
  { managedIdentity }: Adapters,
): ClientCredential {
  return clientCredential.kind === "client-secret"
    ? clientCredential
    : { kind: "managed-identity", identity: managedIdentity };
}
