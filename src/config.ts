import { z } from "zod";
import { type Cloud, cloudOf, knownCloud, publicAuthorityHost } from "./clouds.ts";
import { type OwnHost, ownHost, readHost, readOrigin } from "./gates/own-hosts.ts";

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
  /** Client applications that may call; all where empty. Lower case. */
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

/** Entra writes ids in lower case, and compares them so. */
const guid = z
  .guid("must be a GUID, such as 11111111-2222-3333-4444-555555555555")
  .transform((text) => text.toLowerCase());

const loopbackHosts = new Set(["localhost", "127.0.0.1", "[::1]"]);

function isLoopback(host: string): boolean {
  return loopbackHosts.has(URL.parse(`https://${readHost(host, "https:")}`)?.hostname ?? "");
}

/**
 * An absolute https URL, or http on the loopback interface where `allowLoopback` says so. What follows
 * from it is made of its text, so nothing is accepted that a URL parser repairs or drops.
 */
function endpoint({ allowLoopback }: { allowLoopback: boolean }) {
  return z
    .string()
    .refine(
      (text) => {
        const isWhole = /^https?:\/\/[^/?#@\\\s\p{Cc}][^?#@\\\s\p{Cc}]*$/u.test(text);
        const url = isWhole ? URL.parse(text) : null;
        if (url?.protocol === "https:") return true;
        return allowLoopback && url?.protocol === "http:" && loopbackHosts.has(url.hostname);
      },
      `must be an https URL, https://HOST, without query, fragment, @, backslash or white space${allowLoopback ? " (http is accepted on localhost)" : ""}`,
    )
    .transform(withoutFinalSlashes);
}

function withoutFinalSlashes(url: string): string {
  let end = url.length;
  while (url[end - 1] === "/") end -= 1;
  return url.slice(0, end);
}

/** A comma-separated list; blanks around entries and empty entries are dropped. */
const list = z.string().transform((text) =>
  text
    .split(",")
    .map((entry) => entry.trim())
    .filter((entry) => entry !== ""),
);

function wholeNumber(maximum: number, minimum = 0) {
  return z
    .string()
    .refine(
      (text) => /^\d{1,9}$/.test(text) && Number(text) >= minimum && Number(text) <= maximum,
      `must be a whole number from ${minimum} to ${maximum}, such as 1`,
    )
    .transform(Number);
}

/** A list in the form in which the gates compare its entries, which `read` brings them to. */
function listOf(read: (entry: string) => string | undefined, must: string) {
  return list.transform((entries, context) =>
    entries.map((entry) => {
      const written = entry.includes("*") ? undefined : read(entry);
      if (written !== undefined) return written;
      const message = entry.includes("*") ? "must have no wildcard: name each one" : must;
      context.issues.push({ code: "custom", message, input: entry });
      return z.NEVER;
    }),
  );
}

const environmentSchema = z.object({
  // Clients ask for it to the letter, and the server has no other path.
  MCP_PUBLIC_URL: z
    .string()
    .regex(
      /^[^:]+:\/\/[^/\\]+\/mcp$/,
      "must have the path /mcp and end there, such as https://mcp.contoso.com/mcp",
    )
    .pipe(endpoint({ allowLoopback: true }))
    .optional(),
  WEBSITE_HOSTNAME: z
    .string()
    .refine((text) => readHost(text, "https:") !== undefined, "must be a host name")
    .optional(),
  ALLOWED_HOSTS: listOf(
    // The scheme, which a default port depends on, follows later.
    (entry) => readHost(entry, "https:") && entry,
    "must be a comma-separated list of host names, such as api.contoso.com,localhost:8080",
  ).default([]),
  ALLOWED_ORIGINS: listOf(
    readOrigin,
    "must be a comma-separated list of origins without a path, such as https://app.contoso.com",
  ).default([]),
  ENTRA_TENANT_ID: guid,
  ENTRA_CLIENT_ID: guid,
  ENTRA_IDENTIFIER_URI: z
    .string()
    .regex(
      /^(?:api|https):\/\/[\w.~!$&'()*+,;=:@%/-]*[\w.~!$&'()*+,;=:@%-]$/,
      "must be the registration's identifier URI without a trailing slash, such as api://mcp",
    ),
  ENTRA_AUTHORITY_HOST: endpoint({ allowLoopback: false })
    .refine((text) => URL.parse(text)?.pathname === "/", {
      message: "must be an https URL without a path, such as https://login.microsoftonline.com",
      abort: true,
    })
    // Issuers in tokens have the host in this form.
    .transform((text) => new URL(text).origin)
    .default(publicAuthorityHost),
  ENTRA_ISSUER: endpoint({ allowLoopback: true }).optional(),
  ENTRA_ADMIN_GROUP_ID: guid.optional(),
  ENTRA_CLIENT_SECRET: z.string().optional(),
  AZURE_FUNCTIONS_ENVIRONMENT: z.string().optional(),
  AZURE_CLIENT_ID: guid.optional(),
  GRAPH_ENDPOINT: endpoint({ allowLoopback: true }).optional(),
  COSMOS_ENDPOINT: endpoint({ allowLoopback: false }),
  COSMOS_DATABASE: z.string().optional(),
  STORAGE_BLOB_ENDPOINT: endpoint({ allowLoopback: false }),
  CUSTOM_CLOUD: z.enum(["true", "false"], "must be true or false").default("false"),
  APPROVALS: z.enum(["any", "strict"], "must be any or strict").default("any"),
  ALLOWED_CLIENT_IDS: list
    .refine(
      (ids) => ids.every((id) => guid.safeParse(id).success),
      "must be a comma-separated list of client application ids, GUIDs",
    )
    .optional(),
  ALLOW_AGENT_USERS: z.enum(["true", "false"], "must be true or false").default("false"),
  RATE_LIMIT_PER_CALLER: wholeNumber(1_000_000).default(600),
  RATE_LIMIT_PER_ADDRESS: wholeNumber(1_000_000).default(1200),
  HTTP_CONCURRENCY: wholeNumber(1000, 1).default(16),
  TRUSTED_PROXY_HOPS: wholeNumber(10).default(1),
});

/** Every environment variable that the server itself looks at; a domain has further ones. */
export const settingNames: readonly string[] = Object.keys(environmentSchema.shape);

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
  environment: Readonly<Record<string, string | undefined>>,
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
    ...(developmentOnly === undefined ? [] : productionProblems(given, developmentOnly)),
  ];
  if (!parsed.success || !domain.success || problems.length > 0) {
    throw new ConfigurationError(problems);
  }
  return { config: configOf(parsed.data), domain: domain.data };
}

function givenIn(
  environment: Readonly<Record<string, string | undefined>>,
  names: readonly string[],
): Readonly<Record<string, string | undefined>> {
  return Object.fromEntries(
    names
      .map((name) => [name, environment[name]?.trim()])
      .filter(([, value]) => value !== undefined && value !== ""),
  );
}

function configOf(settings: z.output<typeof environmentSchema>): Config {
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
    allowedClientIds: (settings.ALLOWED_CLIENT_IDS ?? []).map((id) => id.toLowerCase()),
    allowAgentUsers: settings.ALLOW_AGENT_USERS === "true",
    rateLimits: {
      perCaller: settings.RATE_LIMIT_PER_CALLER,
      perAddress: settings.RATE_LIMIT_PER_ADDRESS,
    },
    httpConcurrency: settings.HTTP_CONCURRENCY,
    trustedHops: settings.TRUSTED_PROXY_HOPS,
  };
}

/**
 * Each name that clients use is a resource of its own: clients refuse metadata that names another URL
 * than theirs. A proxy in front calls the app by the platform's name, which then is answered as the
 * public URL, unless clients are said to use it too.
 */
function hostsOf(settings: z.output<typeof environmentSchema>): readonly [OwnHost, ...OwnHost[]] {
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

function problemsOf(
  error: z.ZodError | undefined,
  given: Readonly<Record<string, string | undefined>>,
): string[] {
  return (error?.issues ?? []).map(({ path, code, message }) => {
    const name = path.join(".");
    const isMissing = code !== "custom" && path.length > 0 && !Object.hasOwn(given, name);
    return isMissing ? `${name} is missing` : `${name} ${message}`.trimStart();
  });
}

/** What no single setting shows: settings that need, or exclude, each other. */
function combinationProblems(
  given: Readonly<Record<string, string | undefined>>,
  developmentOnly: string | undefined,
): string[] {
  const problems: string[] = [];
  if (!given.MCP_PUBLIC_URL && !given.WEBSITE_HOSTNAME) {
    problems.push("MCP_PUBLIC_URL is missing (in Azure it follows from WEBSITE_HOSTNAME)");
  }
  if (given.ENTRA_CLIENT_SECRET && developmentOnly !== undefined) {
    problems.push(
      `ENTRA_CLIENT_SECRET is ${developmentOnly}; remove it and set AZURE_CLIENT_ID to the managed identity`,
    );
  }
  if (!given.ENTRA_CLIENT_SECRET && !given.AZURE_CLIENT_ID) {
    problems.push(
      developmentOnly === undefined
        ? "AZURE_CLIENT_ID is missing (the user-assigned managed identity's client id), or else ENTRA_CLIENT_SECRET (a development registration's secret)"
        : "AZURE_CLIENT_ID is missing (the user-assigned managed identity's client id)",
    );
  }
  return problems;
}

/** What is for the laptop alone, or would give tokens to somebody else's host. */
function productionProblems(
  given: Readonly<Record<string, string | undefined>>,
  developmentOnly: string,
): string[] {
  const isUsable = (name: string) =>
    environmentSchema.shape[name as keyof typeof environmentSchema.shape].safeParse(given[name])
      .success;
  const urlOf = (name: string) =>
    given[name] !== undefined && isUsable(name) ? URL.parse(given[name]) : null;

  const namesLoopback = (name: string) =>
    given[name]
      ?.split(",")
      .some((entry) => isLoopback(entry.trim().replace(/^https:\/\/|\/mcp$/g, "")));
  const insecure = [
    ...["MCP_PUBLIC_URL", "ENTRA_ISSUER", "GRAPH_ENDPOINT"]
      .filter((name) => urlOf(name)?.protocol === "http:")
      .map((name) => `${name} must be an https URL: http is ${developmentOnly}`),
    ...["MCP_PUBLIC_URL", "WEBSITE_HOSTNAME", "ALLOWED_HOSTS"]
      .filter(namesLoopback)
      .map((name) => `${name} must name no loopback host: that is ${developmentOnly}`),
  ];
  if (given.CUSTOM_CLOUD === "true" || !isUsable("ENTRA_AUTHORITY_HOST")) return insecure;

  const authorityHost = new URL(given.ENTRA_AUTHORITY_HOST ?? publicAuthorityHost).origin;
  const cloud = knownCloud(authorityHost);
  if (!cloud) {
    return [
      ...insecure,
      "ENTRA_AUTHORITY_HOST is in none of Microsoft's clouds; CUSTOM_CLOUD=true says that it is meant, and so are the other hosts",
    ];
  }
  const issuer = `${authorityHost}/${given.ENTRA_TENANT_ID?.toLowerCase()}/v2.0`;
  const { graph, cosmos, blobs } = cloud.hosts;
  const foreign = Object.entries({
    GRAPH_ENDPOINT: graph,
    COSMOS_ENDPOINT: cosmos,
    STORAGE_BLOB_ENDPOINT: blobs,
  }).filter(([name, hosts]) => {
    const url = urlOf(name);
    return url?.protocol === "https:" && !hosts.some((host) => isHost(url, host));
  });
  return [
    ...insecure,
    ...(urlOf("ENTRA_ISSUER")?.protocol === "https:" &&
    withoutFinalSlashes(given.ENTRA_ISSUER ?? "") !== issuer
      ? ["ENTRA_ISSUER is not the tenant's; remove it, since it follows from authority and tenant"]
      : []),
    ...foreign.map(
      ([name, hosts]) =>
        `${name} is not in the cloud of ENTRA_AUTHORITY_HOST (${hosts.join(", ")}), and tokens would go there`,
    ),
  ];
}

/** @param host a whole name, or an ending that begins with a dot */
function isHost({ hostname, port }: URL, host: string): boolean {
  return port === "" && (host.startsWith(".") ? hostname.endsWith(host) : hostname === host);
}

/**
 * What the platform sets where it runs an app, by plan; Core Tools set none of them.
 *
 * Source: https://github.com/Azure/azure-functions-host/blob/dev/src/WebJobs.Script/Environment/EnvironmentExtensions.cs
 */
export const platformMarks = [
  "WEBSITE_SKU",
  "WEBSITE_INSTANCE_ID",
  "WEBSITE_POD_NAME",
  "WEBSITE_SITE_NAME",
  "CONTAINER_NAME",
  "CONTAINER_APP_NAME",
  "LEGION_SERVICE_HOST",
];

/**
 * Core Tools and `npm start` set `AZURE_FUNCTIONS_ENVIRONMENT` to `Development`, which anybody may set
 * in Azure too: there the platform's own marks count.
 *
 * @returns the end of a message that refuses something; undefined in development
 */
function whyNotDevelopment(
  environment: Readonly<Record<string, string | undefined>>,
): string | undefined {
  const words = "accepted in development only";
  if (environment.AZURE_FUNCTIONS_ENVIRONMENT?.trim() !== "Development") return words;
  const mark = platformMarks.find((name) => environment[name]);
  return mark && `${words}, and ${mark} says that this is Azure`;
}

function clientCredential(settings: z.output<typeof environmentSchema>): CredentialSetting {
  const { ENTRA_CLIENT_SECRET: clientSecret } = settings;
  return clientSecret ? { kind: "client-secret", clientSecret } : { kind: "managed-identity" };
}
