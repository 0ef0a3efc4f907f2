import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { version } from "../src/app.ts";
import { ConfigurationError, platformMarks, readSettings } from "../src/config.ts";
import { verifies } from "./requirements.ts";

const inAzure = {
  WEBSITE_HOSTNAME: "func-mcp.azurewebsites.net",
  WEBSITE_SKU: "FlexConsumption",
  ENTRA_TENANT_ID: "11111111-2222-3333-4444-555555555555",
  ENTRA_CLIENT_ID: "66666666-7777-8888-9999-AAAAAAAAAAAA",
  ENTRA_IDENTIFIER_URI: "api://mcp",
  AZURE_CLIENT_ID: "bbbbbbbb-0000-4000-8000-000000000002",
  COSMOS_ENDPOINT: "https://cosmos-mcp.documents.azure.com:443/",
  STORAGE_BLOB_ENDPOINT: "https://stmcp.blob.core.windows.net/",
};

/** A domain's own settings. */
const domainSettings = z.object({
  LARGEST_PAGE: z
    .string()
    .regex(/^\d{1,3}$/, "must be a number of items, such as 20")
    .transform(Number)
    .default(20),
});

const readConfig = (environment: Record<string, string | undefined>) =>
  readSettings(environment, domainSettings).config;

function problemsOf(
  environment: Record<string, string | undefined>,
  schema: z.ZodObject = domainSettings,
): readonly string[] {
  try {
    readSettings(environment, schema);
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems;
    throw error;
  }
  return [];
}

describe("the settings", () => {
  it(
    verifies("configuration.defaults", "have what Azure and the public cloud imply as defaults"),
    () => {
      expect(readConfig(inAzure)).toMatchObject({
        publicUrl: "https://func-mcp.azurewebsites.net/mcp",
        hosts: [{ host: "func-mcp.azurewebsites.net" }],
        allowedOrigins: [],
        httpConcurrency: 16,
        clientId: "66666666-7777-8888-9999-aaaaaaaaaaaa",
        authorityHost: "https://login.microsoftonline.com",
        issuer: "https://login.microsoftonline.com/11111111-2222-3333-4444-555555555555/v2.0",
        adminGroupId: undefined,
        allowAgentUsers: false,
        clientCredential: { kind: "managed-identity" },
        managedIdentityClientId: "bbbbbbbb-0000-4000-8000-000000000002",
        graphEndpoint: "https://graph.microsoft.com",
        cosmos: { endpoint: "https://cosmos-mcp.documents.azure.com:443" },
        storageBlobEndpoint: "https://stmcp.blob.core.windows.net",
      });
    },
  );

  it(
    verifies("configuration.clouds", "follow the authority's host into its national cloud"),
    () => {
      for (const [host, graph, audience, cosmos, blobs] of [
        [
          "https://login.microsoftonline.us",
          "https://graph.microsoft.us",
          "api://AzureADTokenExchangeUSGov",
          "documents.azure.us",
          "blob.core.usgovcloudapi.net",
        ],
        [
          "https://login.partner.microsoftonline.cn",
          "https://microsoftgraph.chinacloudapi.cn",
          "api://AzureADTokenExchangeChina",
          "documents.azure.cn",
          "blob.core.chinacloudapi.cn",
        ],
      ]) {
        const config = readConfig({
          ...inAzure,
          ENTRA_AUTHORITY_HOST: host,
          COSMOS_ENDPOINT: `https://cosmos-mcp.${cosmos}`,
          STORAGE_BLOB_ENDPOINT: `https://stmcp.${blobs}`,
        });
        expect(config.graphEndpoint).toBe(graph);
        expect(config.cloud.tokenExchangeAudience).toBe(audience);
        expect(config.issuer).toBe(`${host}/${inAzure.ENTRA_TENANT_ID}/v2.0`);
      }
    },
  );

  it(verifies("configuration.one-message", "that are missing are all named in one message"), () => {
    expect(problemsOf({})).toEqual([
      "ENTRA_TENANT_ID is missing",
      "ENTRA_CLIENT_ID is missing",
      "ENTRA_IDENTIFIER_URI is missing",
      "COSMOS_ENDPOINT is missing",
      "STORAGE_BLOB_ENDPOINT is missing",
      "MCP_PUBLIC_URL is missing (in Azure it follows from WEBSITE_HOSTNAME)",
      "AZURE_CLIENT_ID is missing (the user-assigned managed identity's client id)",
    ]);
  });

  it(
    verifies(
      ["configuration.one-message", "domain.settings-together"],
      "of a domain are missing only where they are not given, whatever its schema is made of",
    ),
    () => {
      const schema = z
        .object({
          LIMIT: z.coerce.number("must be a number"),
          REGION: z.enum(["north", "south"], "must be north or south"),
        })
        .refine(({ LIMIT }) => LIMIT > 0, "LIMIT and REGION exclude each other");
      const problems = (given: Record<string, string>) =>
        problemsOf({ ...inAzure, ...given }, schema);
      expect(problems({})).toEqual(["LIMIT is missing", "REGION is missing"]);
      expect(problems({ LIMIT: "few", REGION: "east" })).toEqual([
        "LIMIT must be a number",
        "REGION must be north or south",
      ]);
      expect(problems({ LIMIT: "-1", REGION: "north" })).toEqual([
        "LIMIT and REGION exclude each other",
      ]);
    },
  );

  it(verifies("domain.settings-together", "of a domain cannot have a name of the server's"), () => {
    const schema = z.object({ COSMOS_DATABASE: z.string() });
    expect(problemsOf({ ...inAzure, COSMOS_DATABASE: "expenses" }, schema)).toEqual([
      "COSMOS_DATABASE is the server's own; the domain has to name its setting otherwise",
    ]);
  });

  it(
    verifies("configuration.one-message", "that are malformed are named with what they must be"),
    () => {
      const malformed: Record<string, string> = {
        MCP_PUBLIC_URL: "http://mcp.contoso.example/mcp",
        ALLOWED_HOSTS: "https://mcp.contoso.example",
        ALLOWED_ORIGINS: "https://app.contoso.example/path",
        ENTRA_TENANT_ID: "common",
        ENTRA_IDENTIFIER_URI: "api://mcp/",
        ENTRA_AUTHORITY_HOST: "http://localhost:8080",
        ENTRA_ADMIN_GROUP_ID: "Administrators') or true",
        GRAPH_ENDPOINT: "graph.microsoft.com",
        COSMOS_ENDPOINT: "https://user:pass@cosmos.example/",
        ALLOW_AGENT_USERS: "yes",
        LARGEST_PAGE: "dozens",
      };
      const problems = problemsOf({ ...inAzure, ...malformed });
      expect(problems.map((problem) => problem.split(" ")[0])).toEqual(Object.keys(malformed));
      for (const problem of problems)
        expect(problem).toMatch(/ must be .*such as|https URL|true or false/);
      expect(problems.join()).not.toContain("user:pass");
    },
  );

  it(
    verifies(
      "configuration.secret-in-development-only",
      "refuse a client secret anywhere but in development",
    ),
    () => {
      const withSecret = { ...inAzure, ENTRA_CLIENT_SECRET: "marked-secret" };
      const development = {
        AZURE_FUNCTIONS_ENVIRONMENT: "Development",
        WEBSITE_SKU: undefined,
      };
      expect(readConfig({ ...withSecret, ...development }).clientCredential).toEqual({
        kind: "client-secret",
        clientSecret: "marked-secret",
      });
      const neither = { ...inAzure, ...development, AZURE_CLIENT_ID: undefined };
      expect(problemsOf(neither)).toEqual([expect.stringContaining("or else ENTRA_CLIENT_SECRET")]);
      for (const environment of [
        withSecret,
        { ...withSecret, AZURE_FUNCTIONS_ENVIRONMENT: "Development" },
        { ...withSecret, ...development, AZURE_FUNCTIONS_ENVIRONMENT: "development" },
        { ...withSecret, ...development, AZURE_FUNCTIONS_ENVIRONMENT: "Production" },
      ]) {
        const problems = problemsOf(environment);
        expect(problems).toEqual([
          expect.stringContaining("ENTRA_CLIENT_SECRET is accepted in development only"),
        ]);
        expect(problems.join()).not.toContain("marked-secret");
      }
      for (const mark of platformMarks) {
        expect(problemsOf({ ...withSecret, ...development, [mark]: "set" })).toEqual([
          expect.stringMatching(
            `^ENTRA_CLIENT_SECRET is accepted in development only, and ${mark} says that this is Azure;`,
          ),
        ]);
      }
    },
  );

  const development = { AZURE_FUNCTIONS_ENVIRONMENT: "Development", WEBSITE_SKU: undefined };

  it.each([
    ["MCP_PUBLIC_URL", "http://localhost:7071/mcp"],
    ["ENTRA_ISSUER", `http://localhost:7072/${inAzure.ENTRA_TENANT_ID}/v2.0`],
    ["ENTRA_ISSUER", `https://login.evil.example/${inAzure.ENTRA_TENANT_ID}/v2.0`],
    ["GRAPH_ENDPOINT", "http://localhost:7075"],
    ["MCP_PUBLIC_URL", "https://localhost/mcp"],
    ["ALLOWED_HOSTS", "api.contoso.com, LOCALHOST.:7071"],
    ["ALLOWED_HOSTS", "[::1]"],
    ["WEBSITE_HOSTNAME", "localhost"],
  ])(
    verifies("configuration.secret-in-development-only", "refuse %s=%s but in development"),
    (name, value) => {
      expect(problemsOf({ ...inAzure, ...development, [name]: value })).toEqual([]);
      for (const mark of platformMarks) {
        expect(problemsOf({ ...inAzure, ...development, [mark]: "set", [name]: value })).toEqual([
          expect.stringMatching(
            `^${name} ${value.startsWith("https:") ? "" : `.* accepted in development only, and ${mark} says that this is Azure`}`,
          ),
        ]);
      }
    },
  );

  it.each([
    ["GRAPH_ENDPOINT", "https://graph.evil.example"],
    ["GRAPH_ENDPOINT", "https://graph.microsoft.com.evil.example"],
    ["GRAPH_ENDPOINT", "https://graph.microsoft.us"],
    ["COSMOS_ENDPOINT", "https://cosmos.example"],
    ["STORAGE_BLOB_ENDPOINT", "https://blob.core.windows.net.evil.example"],
    ["ENTRA_AUTHORITY_HOST", "https://login.evil.example"],
  ])(
    verifies("configuration.known-clouds", "refuse %s=%s, unless a setting says so"),
    (name, value) => {
      const environment = { ...inAzure, [name]: value };
      expect(problemsOf(environment)).toEqual([expect.stringContaining(name)]);
      expect(problemsOf({ ...environment, CUSTOM_CLOUD: "true" })).toEqual([]);
      expect(problemsOf({ ...environment, ...development })).toEqual([]);
    },
  );

  it(verifies("configuration.known-clouds", "take no path for the authority's host"), () => {
    const ENTRA_AUTHORITY_HOST = `https://login.microsoftonline.com/${inAzure.ENTRA_TENANT_ID}`;
    for (const environment of [inAzure, { ...inAzure, ...development }]) {
      expect(problemsOf({ ...environment, ENTRA_AUTHORITY_HOST })).toEqual([
        expect.stringContaining("ENTRA_AUTHORITY_HOST must be an https URL without a path"),
      ]);
    }
  });

  it(verifies("configuration.known-clouds", "take the authority's host as tokens have it"), () => {
    for (const host of ["LOGIN.microsoftonline.com", "login.microsoftonline.com:443"]) {
      const { authorityHost, issuer } = readConfig({
        ...inAzure,
        ENTRA_AUTHORITY_HOST: `https://${host}`,
      });
      expect(authorityHost).toBe("https://login.microsoftonline.com");
      expect(issuer).toBe(`${authorityHost}/${inAzure.ENTRA_TENANT_ID}/v2.0`);
    }
  });

  it(
    verifies("configuration.known-clouds", "take what the templates set, and other plans'"),
    () => {
      const given = {
        ENTRA_ISSUER: `https://login.microsoftonline.com/${inAzure.ENTRA_TENANT_ID}/v2.0`,
        GRAPH_ENDPOINT: "https://graph.microsoft.com",
        STORAGE_BLOB_ENDPOINT: "https://stmcp.z12.blob.storage.azure.net/",
      };
      expect(problemsOf({ ...inAzure, ...given })).toEqual([]);
    },
  );

  it(verifies("configuration.defaults", "hold the domain's own, which may be left empty"), () => {
    const read = (LARGEST_PAGE: string) =>
      readSettings({ ...inAzure, LARGEST_PAGE }, domainSettings).domain;
    expect(read(" 50 ")).toEqual({ LARGEST_PAGE: 50 });
    expect(read("")).toEqual({ LARGEST_PAGE: 20 });
  });

  it(verifies("configuration.defaults", "read ids in any case, as Entra does"), () => {
    const tenantId = "AAAAAAAA-2222-3333-4444-555555555555";
    const config = readConfig({ ...inAzure, ENTRA_TENANT_ID: tenantId });
    expect(config.tenantId).toBe(tenantId.toLowerCase());
    expect(config.issuer).toBe(`https://login.microsoftonline.com/${tenantId.toLowerCase()}/v2.0`);
  });

  it.each([
    "https://login.microsoftonline.com?",
    "https://login.microsoftonline.com#",
    "https://@login.microsoftonline.com",
    "https:\\\\login.microsoftonline.com",
    "https:login.microsoftonline.com",
    "https:/login.microsoftonline.com",
    "https:///login.microsoftonline.com",
    "https://login.micro\tsoftonline.com",
    "https://login.microsoftonline.com\\",
    "HTTPS://login.microsoftonline.com",
  ])(verifies("configuration.one-message", "refuse %j, which a URL parser would repair"), (url) => {
    const names = ["ENTRA_AUTHORITY_HOST", "ENTRA_ISSUER", "GRAPH_ENDPOINT", "COSMOS_ENDPOINT"];
    for (const name of [...names, "STORAGE_BLOB_ENDPOINT"]) {
      expect(problemsOf({ ...inAzure, ...development, [name]: url })).toEqual([
        expect.stringContaining(`${name} must be an https URL, https://HOST, without query`),
      ]);
    }
    expect(problemsOf({ ...inAzure, MCP_PUBLIC_URL: `${url}/mcp` })).toHaveLength(1);
  });

  it(
    verifies(
      "configuration.one-message",
      "refuse what would not be the resource to the letter, not be served, or break a header",
    ),
    () => {
      for (const path of ["/mcp/", "", "/", "/expenses/mcp", "/MCP", "/./mcp", "/mcp/x"]) {
        expect(
          problemsOf({ ...inAzure, MCP_PUBLIC_URL: `https://mcp.contoso.example${path}` }),
        ).toEqual([expect.stringContaining("MCP_PUBLIC_URL must have the path /mcp")]);
      }
      for (const uri of ['api://a"b', "api://a\\b", "api://a b", "http://a/b"]) {
        expect(problemsOf({ ...inAzure, ENTRA_IDENTIFIER_URI: uri })).toHaveLength(1);
      }
    },
  );

  it(verifies("configuration.hosts", "accept further host names and origins of ours"), () => {
    const config = readConfig({
      ...inAzure,
      ...development,
      MCP_PUBLIC_URL: "https://mcp.contoso.example:8443/mcp",
      ALLOWED_HOSTS: "API.contoso.example., bücher.example:443, localhost:8080,",
      ALLOWED_ORIGINS:
        "https://App.contoso.example:443, http://localhost:6274, chrome-extension://abcdefghijklmnop",
    });
    expect(config.hosts.map(({ host, resource }) => [host, resource])).toEqual([
      ["mcp.contoso.example:8443", "https://mcp.contoso.example:8443/mcp"],
      ["api.contoso.example", "https://api.contoso.example/mcp"],
      ["xn--bcher-kva.example", "https://xn--bcher-kva.example/mcp"],
      ["localhost:8080", "http://localhost:8080/mcp"],
      ["func-mcp.azurewebsites.net", "https://func-mcp.azurewebsites.net/mcp"],
    ]);
    expect(config.allowedOrigins).toEqual([
      "https://app.contoso.example",
      "http://localhost:6274",
      "chrome-extension://abcdefghijklmnop",
    ]);
  });

  it(verifies("configuration.hosts", "keep the public URL to the letter"), () => {
    const MCP_PUBLIC_URL = "https://MCP.Contoso.example:443/mcp";
    const [publicHost] = readConfig({ ...inAzure, MCP_PUBLIC_URL }).hosts;
    expect(publicHost).toMatchObject({ host: "mcp.contoso.example", resource: MCP_PUBLIC_URL });
  });

  it.each([
    ["ALLOWED_ORIGINS", "https://*.contoso.com", "wildcard"],
    ["ALLOWED_ORIGINS", "*", "wildcard"],
    ["ALLOWED_ORIGINS", "null", "origins"],
    ["ALLOWED_ORIGINS", "chrome-extension://", "origins"],
    ["ALLOWED_ORIGINS", "https://app.contoso.com/", "origins"],
    ["ALLOWED_ORIGINS", "https://user@app.contoso.com", "origins"],
    ["ALLOWED_ORIGINS", "app.contoso.com", "origins"],
    ["ALLOWED_HOSTS", "*.contoso.com", "wildcard"],
    ["ALLOWED_HOSTS", "api.contoso.com/mcp", "host names"],
    ["ALLOWED_HOSTS", "api contoso.com", "host names"],
    ["ALLOWED_HOSTS", "api.contoso.com:99999", "host names"],
  ])(
    verifies("configuration.hosts", "refuse %s=%s, which would never match"),
    (name, value, why) => {
      expect(problemsOf({ ...inAzure, [name]: value })).toEqual([
        expect.stringMatching(new RegExp(`^${name} must .*${why}`)),
      ]);
    },
  );
});

it(
  verifies("configuration.version", "the version that the server tells is the package's"),
  async () => {
    const manifest = JSON.parse(
      await readFile(new URL("../package.json", import.meta.url), "utf8"),
    );
    expect(version).toBe(manifest.version);
  },
);
