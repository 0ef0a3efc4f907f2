import { describe, expect, it } from "vitest";
import { z } from "zod";
import { ConfigurationError, readSettings } from "../../src/config.ts";
import { verifies } from "../requirements.ts";

const off = {
  WEBSITE_HOSTNAME: "func-mcp.azurewebsites.net",
  MCP_PUBLIC_URL: "https://mcp.contoso.com/mcp",
  ENTRA_TENANT_ID: "11111111-2222-3333-4444-555555555555",
  ENTRA_CLIENT_ID: "66666666-7777-8888-9999-aaaaaaaaaaaa",
  ENTRA_IDENTIFIER_URI: "api://mcp",
  AZURE_CLIENT_ID: "bbbbbbbb-0000-4000-8000-000000000002",
  COSMOS_ENDPOINT: "https://cosmos-mcp.documents.azure.com:443/",
  STORAGE_BLOB_ENDPOINT: "https://stmcp.blob.core.windows.net/",
};

const on = {
  ...off,
  GATEWAY: "on",
  GATEWAY_CLIENT_ID: "CCCCCCCC-0000-4000-8000-000000000003",
};

const development = { AZURE_FUNCTIONS_ENVIRONMENT: "Development" };

const day = 24 * 60 * 60 * 1000;

const readConfig = (environment: Record<string, string>) =>
  readSettings(environment, z.object({})).config;

function problemsOf(environment: Record<string, string>): readonly string[] {
  try {
    readConfig(environment);
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems;
    throw error;
  }
  return [];
}

describe("the gateway's settings", () => {
  it(verifies("gateway.settings", "are none unless it is on"), () => {
    expect(readConfig(off).gateway).toBeUndefined();
    expect(readConfig({ ...on, GATEWAY: "off" }).gateway).toBeUndefined();
  });

  it(verifies("gateway.settings", "have safe defaults, and take their URLs from /mcp's"), () => {
    expect(readConfig(on).gateway).toEqual({
      issuer: "https://mcp.contoso.com/gateway",
      resource: "https://mcp.contoso.com/gateway/mcp",
      clientId: "cccccccc-0000-4000-8000-000000000003",
      clientSecret: undefined,
      registration: false,
      clients: [],
      clientDomains: [],
      privateSchemes: [],
      allowedClientIds: [],
      idleMilliseconds: 14 * day,
      absoluteMilliseconds: 90 * day,
    });
  });

  it(verifies("gateway.settings", "name clients, domains, schemes and lifetimes"), () => {
    const given = {
      GATEWAY_REGISTRATION: "on",
      GATEWAY_CLIENTS:
        "portal=https://portal.contoso.com/callback  cursor://auth/, cli=http://127.0.0.1/done",
      GATEWAY_CLIENT_DOMAINS: "Claude.ai, .contoso.com",
      GATEWAY_REDIRECT_SCHEMES: "cursor, VSCode",
      GATEWAY_IDLE_DAYS: "7",
      GATEWAY_ABSOLUTE_DAYS: "7",
    };
    expect(readConfig({ ...on, ...given }).gateway).toMatchObject({
      registration: true,
      clients: [
        { id: "portal", redirectUris: ["https://portal.contoso.com/callback", "cursor://auth/"] },
        { id: "cli", redirectUris: ["http://127.0.0.1/done"] },
      ],
      clientDomains: ["claude.ai", ".contoso.com"],
      privateSchemes: ["cursor", "vscode"],
      idleMilliseconds: 7 * day,
      absoluteMilliseconds: 7 * day,
    });
  });

  it.each([
    ["GATEWAY", "true"],
    ["GATEWAY_CLIENT_ID", "gateway"],
    ["GATEWAY_CLIENT_ID", off.ENTRA_CLIENT_ID.toUpperCase()],
    ["GATEWAY_REGISTRATION", "yes"],
    ["GATEWAY_CLIENTS", "https://portal.contoso.com/callback"],
    ["GATEWAY_CLIENTS", "portal="],
    ["GATEWAY_CLIENTS", "portal=callback"],
    ["GATEWAY_CLIENTS", "portal=https://a.example/x https://*.example/y"],
    ["GATEWAY_CLIENTS", "portal=https://a.example/x,portal=https://b.example/x"],
    ["GATEWAY_CLIENTS", "portal=http://portal.contoso.com/callback"],
    ["GATEWAY_CLIENTS", "portal=https://portal.contoso.com/a/../b"],
    ["GATEWAY_CLIENTS", "portal=cursor://auth"],
    ["GATEWAY_CLIENTS", `dcr-${"0".repeat(32)}=https://a.example/x`],
    ["GATEWAY_CLIENT_DOMAINS", "https://claude.ai"],
    ["GATEWAY_CLIENT_DOMAINS", "*.contoso.com"],
    ["GATEWAY_CLIENT_DOMAINS", "contoso.com:8443"],
    ["GATEWAY_REDIRECT_SCHEMES", "cursor://"],
    ["GATEWAY_REDIRECT_SCHEMES", "http"],
    ["GATEWAY_REDIRECT_SCHEMES", "https"],
    ["GATEWAY_REDIRECT_SCHEMES", "JavaScript"],
    ["GATEWAY_REDIRECT_SCHEMES", "data"],
    ["GATEWAY_IDLE_DAYS", "0"],
    ["GATEWAY_IDLE_DAYS", "91"],
    ["GATEWAY_ABSOLUTE_DAYS", "366"],
    ["GATEWAY_ABSOLUTE_DAYS", "13"],
  ])(verifies("gateway.settings", "refuse %s=%s"), (name, value) => {
    expect(problemsOf({ ...on, [name]: value })).toEqual([
      expect.stringMatching(/^GATEWAY_\w+:? .*must |^GATEWAY must be on or off/),
    ]);
  });

  it(verifies("gateway.settings", "need a registration of the gateway's own"), () => {
    expect(problemsOf({ ...off, GATEWAY: "on", ENTRA_TENANT_ID: "common" })).toEqual([
      expect.stringContaining("ENTRA_TENANT_ID must"),
      expect.stringContaining("GATEWAY_CLIENT_ID is missing"),
    ]);
  });

  it(verifies("gateway.settings", "take a secret in development alone"), () => {
    const withSecret = { ...on, GATEWAY_CLIENT_SECRET: "marked-secret" };
    const problems = problemsOf(withSecret);
    expect(problems).toEqual([
      expect.stringContaining("GATEWAY_CLIENT_SECRET is accepted in development only"),
    ]);
    expect(problems.join()).not.toContain("marked-secret");
    const secret = readConfig({ ...withSecret, ...development }).gateway?.clientSecret;
    expect(secret).toBe("marked-secret");
  });

  it(verifies("gateway.settings", "need something that vouches for the registration"), () => {
    const { AZURE_CLIENT_ID: _, ...others } = on;
    const environment = { ...others, ...development, ENTRA_CLIENT_SECRET: "secret" };
    expect(problemsOf(environment)).toEqual([
      expect.stringContaining("GATEWAY_CLIENT_SECRET is missing"),
    ]);
  });

  it(verifies("gateway.allowed-clients", "let one list name the clients of both sides"), () => {
    const guid = "DDDDDDDD-0000-4000-8000-000000000004";
    const url = "https://claude.ai/oauth/client.json";
    const GATEWAY_CLIENTS = "portal=https://portal.contoso.com/callback";
    const config = readConfig({
      ...on,
      GATEWAY_CLIENTS,
      ALLOWED_CLIENT_IDS: `${guid}, ${url}, portal`,
    });
    expect(config.allowedClientIds).toEqual([guid.toLowerCase(), url, "portal"]);
    expect(config.gateway?.allowedClientIds).toEqual([guid, url, "portal"]);
    for (const id of [url, "portal"]) {
      expect(problemsOf({ ...off, GATEWAY_CLIENTS, ALLOWED_CLIENT_IDS: id })).toEqual([
        expect.stringMatching(/^ALLOWED_CLIENT_IDS must .* GUIDs$/),
      ]);
    }
    for (const id of ["other", "http://claude.ai/client.json", "https://claude.ai", "*"]) {
      expect(problemsOf({ ...on, GATEWAY_CLIENTS, ALLOWED_CLIENT_IDS: id })).toEqual([
        expect.stringMatching(/^ALLOWED_CLIENT_IDS must .*GATEWAY_CLIENTS/),
      ]);
    }
  });
});
