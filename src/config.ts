import type { z } from "zod";
import { type Cloud, cloudOf } from "./clouds.ts";
import { combinationProblems, productionProblems, whyNotDevelopment } from "./config-checks.ts";
import {
  type Environment,
  environmentSchema,
  type Given,
  isLoopback,
  settingNames,
} from "./config-environment.ts";
import { type OwnHost, ownHost, readHost } from "./gates/own-hosts.ts";
import { type GatewaySettings, gatewayProblems, gatewaySettingsOf } from "./gateway/settings.ts";

export { platformMarks } from "./config-checks.ts";
export { settingNames } from "./config-environment.ts";

/** What proves to the authority that the server is the API's app registration. */
export type CredentialSetting =
  /** The managed identity's token as a federated identity credential: production holds no secret. */
  | { readonly kind: "managed-identity" }
  /** A development registration's secret. Refused in Azure. */
  | { readonly kind: "client-secret"; readonly clientSecret: string };

/** Everything the server is told from outside, checked. */
export interface Config {
  /** The protected resource, exactly as clients ask for it. */
  readonly publicUrl: string;
  /** The names under which requests are accepted, that of `publicUrl` first. */
  readonly hosts: readonly OwnHost[];
  /** Browser origins that may call, beside the server's own, as `readOrigin` writes them. */
  readonly allowedOrigins: readonly string[];
  readonly tenantId: string;
  readonly clientId: string;
  /** The scope's prefix, without a trailing slash. */
  readonly identifierUri: string;
  /** Base for keys and exchange, without a trailing slash. */
  readonly authorityHost: string;
  /** Expected `iss`, and the one entry of `authorization_servers`. */
  readonly issuer: string;
  readonly cloud: Cloud;
  /** Without it nobody is an administrator. */
  readonly adminGroupId: string | undefined;
  readonly clientCredential: CredentialSetting;
  /** The identity that reaches Cosmos DB and Storage; without it the developer's own sign-in. */
  readonly managedIdentityClientId: string | undefined;
  /** Without a trailing slash and without the version segment. */
  readonly graphEndpoint: string;
  readonly cosmos: {
    readonly endpoint: string;
    /** The domain's name where absent. */
    readonly database: string | undefined;
  };
  readonly storageBlobEndpoint: string;
  /** Whether a sensitive call may be approved by a second call where the person cannot be asked. */
  readonly approvals: "any" | "strict";
  /** Client applications that may call; all where empty. GUIDs in lower case. */
  readonly allowedClientIds: readonly string[];
  /** Whether AI agents may call through user accounts of their own. */
  readonly allowAgentUsers: boolean;
  readonly rateLimits: {
    /** JSON-RPC messages of one person in a minute, on one instance; 0 for no limit. */
    readonly perCaller: number;
    /** Requests from one network address in a minute, on one instance; 0 for no limit. */
    readonly perAddress: number;
  };
  /** How many requests the platform gives one instance at the same time. */
  readonly httpConcurrency: number;
  /** How many hops in front of the server append to `X-Forwarded-For`. */
  readonly trustedHops: number;
  /** Absent where the gateway is off. */
  readonly gateway: GatewaySettings | undefined;
}

/** Names every missing or malformed setting in one message. */
export class ConfigurationError extends Error {
  override readonly name = "ConfigurationError";
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(
      `The server's settings need attention:\n${problems.map((problem) => `  - ${problem}`).join("\n")}`,
    );
    this.problems = problems;
  }
}

/** The server's settings, and its domain's. */
export interface Settings<DomainSettings> {
  readonly config: Config;
  readonly domain: DomainSettings;
}

/**
 * Reads the settings of the server and of its domain.
 *
 * @param environment usually `process.env`; an empty value counts as absent
 * @param domainSchema the domain's own settings
 * @throws {ConfigurationError} naming every missing or malformed setting at once
 */
export function readSettings<DomainSchema extends z.ZodObject>(
  environment: Given,
  domainSchema: DomainSchema,
): Settings<z.output<DomainSchema>> {
  const given = givenIn(environment, settingNames);
  const parsed = environmentSchema.safeParse(given);
  const domainNames = Object.keys(domainSchema.shape);
  const givenToDomain = givenIn(environment, domainNames);
  const domain = domainSchema.safeParse(givenToDomain);
  const developmentOnly = whyNotDevelopment(environment);
  const problems = [
    ...domainNames
      .filter((name) => settingNames.includes(name))
      .map((name) => `${name} is the server's own; the domain has to name its setting otherwise`),
    ...problemsOf(parsed.error, given),
    ...problemsOf(domain.error, givenToDomain),
    ...combinationProblems(given, developmentOnly),
    ...gatewayProblems(given, developmentOnly),
    ...(developmentOnly === undefined ? [] : productionProblems(given, developmentOnly)),
  ];
  if (!parsed.success || !domain.success || problems.length > 0) {
    throw new ConfigurationError(problems);
  }
  return { config: configOf(parsed.data), domain: domain.data };
}

function givenIn(environment: Given, names: readonly string[]): Given {
  return Object.fromEntries(
    names
      .map((name) => [name, environment[name]?.trim()])
      .filter(([, value]) => value !== undefined && value !== ""),
  );
}

function configOf(settings: Environment): Config {
  const hosts = hostsOf(settings);
  const cloud = cloudOf(settings.ENTRA_AUTHORITY_HOST);
  return {
    publicUrl: hosts[0].resource,
    hosts,
    allowedOrigins: settings.ALLOWED_ORIGINS,
    tenantId: settings.ENTRA_TENANT_ID,
    clientId: settings.ENTRA_CLIENT_ID,
    identifierUri: settings.ENTRA_IDENTIFIER_URI,
    authorityHost: settings.ENTRA_AUTHORITY_HOST,
    issuer:
      settings.ENTRA_ISSUER ?? `${settings.ENTRA_AUTHORITY_HOST}/${settings.ENTRA_TENANT_ID}/v2.0`,
    cloud,
    adminGroupId: settings.ENTRA_ADMIN_GROUP_ID,
    clientCredential: clientCredential(settings),
    managedIdentityClientId: settings.AZURE_CLIENT_ID,
    graphEndpoint: settings.GRAPH_ENDPOINT ?? cloud.graphEndpoint,
    cosmos: {
      endpoint: settings.COSMOS_ENDPOINT,
      database: settings.COSMOS_DATABASE,
    },
    storageBlobEndpoint: settings.STORAGE_BLOB_ENDPOINT,
    approvals: settings.APPROVALS,
    allowedClientIds: settings.ALLOWED_CLIENT_IDS.map((id) => id.toLowerCase()),
    allowAgentUsers: settings.ALLOW_AGENT_USERS,
    rateLimits: {
      perCaller: settings.RATE_LIMIT_PER_CALLER,
      perAddress: settings.RATE_LIMIT_PER_ADDRESS,
    },
    httpConcurrency: settings.HTTP_CONCURRENCY,
    trustedHops: settings.TRUSTED_PROXY_HOPS,
    gateway: gatewaySettingsOf(settings, hosts[0].resource, settings.ALLOWED_CLIENT_IDS),
  };
}

/**
 * Each name that clients use is a resource of its own: clients refuse metadata that names another URL
 * than theirs. A proxy in front calls the app by the platform's name, which then is answered as the
 * public URL, unless clients are said to use it too.
 */
function hostsOf(settings: Environment): readonly [OwnHost, ...OwnHost[]] {
  const { MCP_PUBLIC_URL, WEBSITE_HOSTNAME = "", ALLOWED_HOSTS, TRUSTED_PROXY_HOPS } = settings;
  const publicHost = ownHost(MCP_PUBLIC_URL ?? mcpUrlOf(WEBSITE_HOSTNAME));
  const further = ALLOWED_HOSTS.map((host) =>
    ownHost(mcpUrlOf(host, isLoopback(publicHost.host) ? publicHost.protocol : undefined)),
  );
  const platform = WEBSITE_HOSTNAME === "" ? [] : [ownHost(mcpUrlOf(WEBSITE_HOSTNAME))];
  const { resource, metadataUrl } = publicHost;
  const answeredAs = TRUSTED_PROXY_HOPS > 1 ? { resource, metadataUrl } : {};
  const others = [...further, ...platform.map((host) => ({ ...host, ...answeredAs }))];
  const names = new Set([publicHost.host]);
  return [publicHost, ...others.filter(({ host }) => !names.has(host) && names.add(host))];
}

/** The MCP URL of a host; plain http is for the loopback interface. */
function mcpUrlOf(host: string, loopbackProtocol = "http:"): string {
  const protocol = isLoopback(host) ? loopbackProtocol : "https:";
  return `${protocol}//${readHost(host, protocol)}/mcp`;
}

function problemsOf(error: z.ZodError | undefined, given: Given): string[] {
  return (error?.issues ?? []).map(({ path, code, message }) => {
    const name = path.join(".");
    const isMissing = code !== "custom" && path.length > 0 && !Object.hasOwn(given, name);
    return isMissing ? `${name} is missing` : `${name} ${message}`.trimStart();
  });
}

function clientCredential(settings: Environment): CredentialSetting {
  const { ENTRA_CLIENT_SECRET: clientSecret } = settings;
  return clientSecret ? { kind: "client-secret", clientSecret } : { kind: "managed-identity" };
}
