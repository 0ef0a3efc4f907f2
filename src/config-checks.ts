import { knownCloud, publicAuthorityHost } from "./clouds.ts";
import {
  environmentSchema,
  type Given,
  isLoopback,
  withoutFinalSlashes,
} from "./config-environment.ts";

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
export function whyNotDevelopment(environment: Given): string | undefined {
  const words = "accepted in development only";
  if (environment.AZURE_FUNCTIONS_ENVIRONMENT?.trim() !== "Development") return words;
  const mark = platformMarks.find((name) => environment[name]);
  return mark && `${words}, and ${mark} says that this is Azure`;
}

/** What is for the laptop alone, or would give tokens to somebody else's host. */
export function productionProblems(given: Given, developmentOnly: string): string[] {
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

/** What no single setting shows: settings that need, or exclude, each other. */
export function combinationProblems(given: Given, developmentOnly: string | undefined): string[] {
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
