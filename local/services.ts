import { join } from "node:path";
import { type DomainDescription, describeDomain } from "../scripts/describe-domain.ts";
import { domain as defaultDomain } from "../src/domain.ts";
import { gatewayContainer } from "../src/gateway/store/container.ts";
import { startAuthority } from "./authority/authority.ts";
import { type ApiRegistration, localTenant, type Tenant } from "./authority/tenant.ts";
import { resourceTokenIssuer } from "./authority/tokens/tokens.ts";
import { combinedCaFile, ensureCertificate } from "./certificate.ts";
import { startCosmos } from "./cosmos/emulator.ts";
import { accounts } from "./directory.ts";
import { startGraph } from "./graph/graph.ts";
import { startManagedIdentityEndpoint } from "./managed-identity/endpoint.ts";
import {
  gatewayIssuerOf,
  keyRingContainer,
  mcpUrlsOf,
  type ServiceEndpoints,
  userDataContainer,
} from "./settings.ts";
import type { Ports } from "./stack-record.ts";
import { startStorage } from "./storage/storage.ts";

export interface ServicesOptions {
  /** Holds what all stacks share: the certificate. */
  readonly dataFolder: string;
  /** Holds what this stack stores. */
  readonly stackFolder: string;
  readonly ports: Ports;
  /** What the stack is for; what the server serves by itself, unless given. */
  readonly domain?: DomainDescription;
  /**
   * The MCP URL of the server, which clients send as `resource`: an identifier URI of its
   * registration. Without it the registration has the `api://` one alone.
   */
  readonly serverUrl?: string;
  /** What `IDENTITY_HEADER` holds; something nobody can guess unless given. */
  readonly identityHeader?: string;
  /** What the registration of the API has otherwise than usual. */
  readonly registration?: Partial<ApiRegistration>;
  /** Whether the authority says that a client's id may be the URL of its document. */
  readonly clientDocuments?: boolean | undefined;
  readonly log: (line: string) => void;
  /**
   * Told what the authority refuses, and why, and the ids of agent identities: a line of JSON each,
   * like those of the server.
   */
  readonly refusalLog?: (line: string) => void;
}

/** What the authority does that somebody at the terminal can do something about. */
const forPeople = /\.refused$|^agent-identity\./;

/** Everything the server needs, running. */
export interface Services extends ServiceEndpoints {
  readonly ports: Ports;
  /** Path of the file for the server's `NODE_EXTRA_CA_CERTS`. */
  readonly certificateAuthorities: string;
  /** Resolves with the name of a part that ended by itself. Never rejects. */
  readonly died: Promise<string>;
  /** Ends every part. May be called more than once. */
  close(): Promise<void>;
}

/**
 * Starts the laptop stack but for the server: authority, managed identity, Graph, Cosmos DB and
 * storage.
 *
 * @throws {Error} naming the part that cannot be started, and why; nothing is left running
 */
export async function startServices(options: ServicesOptions): Promise<Services> {
  const { dataFolder, stackFolder, ports, domain = describeDomain(defaultDomain), log } = options;
  const { refusalLog = () => undefined } = options;
  const closing: (() => Promise<void>)[] = [];
  /** The last started goes first, since it may use those before it; one that fails holds none up. */
  const close = async () => {
    const failures: unknown[] = [];
    for (let end = closing.pop(); end; end = closing.pop()) {
      await end().catch((error: unknown) => failures.push(error));
    }
    if (failures.length > 0) throw failures[0];
  };
  const open = async <Part extends { close(): Promise<void> }>(part: Promise<Part>) => {
    const started = await part;
    closing.push(() => started.close());
    return started;
  };

  try {
    const certificate = await ensureCertificate(dataFolder);
    const certificateAuthorities = await combinedCaFile(
      dataFolder,
      process.env.NODE_EXTRA_CA_CERTS,
    );
    log("Starting sign-in and managed identity…");
    const authority = await open(
      startAuthority({
        httpPort: ports.authority,
        httpsPort: ports.authorityHttps,
        certificate,
        dataDirectory: join(stackFolder, "authority"),
        tenant: tenantOf(domain, options),
        clientDocuments: { advertised: options.clientDocuments },
        log: (event, fields) => {
          if (forPeople.test(event)) refusalLog(JSON.stringify({ event, ...fields }));
        },
      }),
    );
    const managedIdentity = await open(
      startManagedIdentityEndpoint({
        authority,
        port: ports.managedIdentity,
        ...(options.identityHeader === undefined ? {} : { header: options.identityHeader }),
      }),
    );
    log("Starting Graph…");
    const graph = await open(
      startGraph({
        port: ports.graph,
        issuer: resourceTokenIssuer(authority.tenant),
        jwksUrl: authority.keysUrl,
        accounts,
        log,
      }),
    );
    log("Starting Cosmos DB…");
    const cosmos = await open(
      startCosmos({
        port: ports.cosmos,
        certificate,
        dataFile: join(stackFolder, "cosmos.json"),
        database: { id: domain.name, containers: containersOf(domain) },
        log,
      }),
    );
    log("Starting storage…");
    const storage = await open(
      startStorage({
        port: ports.storage,
        certificate,
        dataDirectory: join(stackFolder, "storage"),
        containers: [keyRingContainer, ...userDataContainers(domain)],
        log,
      }),
    );
    return {
      issuer: authority.issuer,
      authorityHost: authority.authorityHost,
      managedIdentity,
      graph: graph.url,
      cosmos: cosmos.endpoint,
      storage: storage.endpoint,
      certificateAuthorities,
      ports: {
        authority: portOf(authority.issuer),
        authorityHttps: portOf(authority.authorityHost),
        managedIdentity: portOf(managedIdentity.endpoint),
        graph: portOf(graph.url),
        cosmos: portOf(cosmos.endpoint),
        storage: portOf(storage.endpoint),
      },
      died: storage.exited.then(() => "Storage (Azurite)"),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function portOf(url: string): number {
  return Number(new URL(url).port);
}

/** The domain's, and the gateway's own, as the templates make them. */
function containersOf({ containers }: DomainDescription) {
  return [
    ...Object.entries(containers).map(([id, definition]) => ({ id, ...definition })),
    { id: gatewayContainer.name, ...gatewayContainer.definition },
  ];
}

/** Blob Storage has a container for people's files where the domain keeps any. */
function userDataContainers({ blobs }: DomainDescription) {
  return Object.keys(blobs).length > 0 ? [userDataContainer] : [];
}

/** The API's registration says what the domain is and what its scope allows. */
function tenantOf(
  { title, scopeDescription }: DomainDescription,
  { serverUrl: url, registration }: ServicesOptions,
): Tenant {
  const { api, gateway } = localTenant;
  return {
    ...localTenant,
    gateway: {
      ...gateway,
      redirectUris: url === undefined ? [] : [`${gatewayIssuerOf(url)}/callback`],
    },
    api: {
      ...api,
      identifierUris: [api.identifierUri, ...(url === undefined ? [] : mcpUrlsOf(url))],
      displayName: `${title} MCP server`,
      scopeDescription,
      url,
      ...registration,
    },
  };
}
