import { randomBytes } from "node:crypto";
import type { HttpClient } from "@azure/core-rest-pipeline";
import type { Container } from "@azure/cosmos";
import { type CryptoKey, exportJWK, generateKeyPair, SignJWT } from "jose";
import { z } from "zod";
import { type Adapters, type App, compose } from "../../src/app.ts";
import { readSettings } from "../../src/config.ts";
import { failure, success } from "../../src/core/result.ts";
import { type Domain, defineDomain } from "../../src/define-domain.ts";
import { createExpenses } from "../../src/expenses/domain.ts";
import type { ExpenseStore } from "../../src/expenses/store/store.ts";
import { defineTool } from "../../src/mcp/define-tool.ts";
import { everyone } from "../../src/mcp/policy.ts";
import { trivialTool, type Verification } from "./floor.ts";

const origin = "https://mcp.contoso.example";
const tenantId = "11111111-2222-3333-4444-555555555555";
const audience = "66666666-7777-8888-9999-aaaaaaaaaaaa";
const issuer = `https://login.example/${tenantId}/v2.0`;

/** `/mcp` in this process, over parts that answer at once: what remains is the time of the code. */
export interface InProcessServer {
  readonly origin: string;
  readonly endpoint: (request: Request) => Promise<Response>;
  /** An access token that it accepts, signed as Entra signs: RS256, 2048 bits. */
  readonly token: string;
  /** What the same token is checked against elsewhere. */
  readonly verification: Verification;
}

/** @param tools the sample domain's, or the floor's trivial one behind the same gates */
export async function createServer(tools: "sample" | "trivial"): Promise<InProcessServer> {
  const { privateKey, publicKey } = await generateKeyPair("RS256", { extractable: true });
  const keys = [{ ...(await exportJWK(publicKey)), kid: "current", use: "sig" }];
  const adapters = adaptersWith(keys);
  const { mcp } =
    tools === "sample"
      ? composed(
          adapters,
          createExpenses(() => store),
        )
      : composed(adapters, trivial);
  return {
    origin,
    endpoint: (request) => mcp(request, { id: "bench", log: adapters.log }),
    token: await signedToken(privateKey),
    verification: { publicKey, issuer, audience },
  };
}

function composed<Schema extends z.ZodObject, ContainerName extends string>(
  adapters: Adapters,
  domain: Domain<Schema, ContainerName>,
): App {
  const environment = {
    MCP_PUBLIC_URL: `${origin}/mcp`,
    ENTRA_TENANT_ID: tenantId,
    ENTRA_CLIENT_ID: audience,
    ENTRA_IDENTIFIER_URI: "api://mcp",
    ENTRA_AUTHORITY_HOST: "https://login.example",
    CUSTOM_CLOUD: "true",
    AZURE_CLIENT_ID: audience,
    COSMOS_ENDPOINT: "https://cosmos.example",
    STORAGE_BLOB_ENDPOINT: "https://storage.example",
    // Counted as in production, without ever being reached.
    RATE_LIMIT_PER_CALLER: "1000000",
    RATE_LIMIT_PER_ADDRESS: "1000000",
  };
  return compose(readSettings(environment, domain.settings), adapters, domain);
}

function adaptersWith(keys: readonly object[]): Adapters {
  const unavailable = async () => failure({ kind: "unavailable", cause: "none here" } as const);
  return {
    now: Date.now,
    monotonicNow: () => performance.now(),
    randomBytes,
    log: () => {},
    fetch: async () => Response.json({ keys }),
    httpClient: {} as HttpClient,
    managedIdentity: { getToken: async () => null },
    openContainer: async () => ({}) as Container,
    keyStorage: { read: unavailable, create: unavailable, replace: unavailable },
    gatewayKeyStorage: { read: unavailable, create: unavailable, replace: unavailable },
    approvalLedger: { consume: unavailable, sweep: unavailable },
    reachStorage: async () => {},
    userBlobs: {
      put: unavailable,
      get: unavailable,
      delete: unavailable,
      list: unavailable,
      page: unavailable,
      copy: unavailable,
    },
    reachUserBlobs: async () => {},
  };
}

/** A store that answers at once and keeps nothing. */
const store: ExpenseStore = {
  async add(_userId, expense, { now }) {
    const createdAt = new Date(now).toISOString();
    const stored = { ...expense, id: "id", createdAt, version: "version", receipts: [] };
    return success({ kind: "added", expense: stored });
  },
  list: async () => success({ expenses: [], unreadable: [] }),
  figures: async () => success({ figures: [], unreadable: 0 }),
  find: async () => success(undefined),
  update: async () => success(undefined),
  changeReceipts: async () => success(undefined),
  delete: async () => success(undefined),
  statistics: async () => success({ currencies: [], unreadable: 0 }),
};

/** The floor's tool as a tool of this project. */
const trivial = defineDomain({
  name: "floor",
  title: "Floor",
  instructions: "",
  scopeDescription: "Add numbers",
  settings: z.object({}),
  containers: {},
  tools() {
    const { call, ...specification } = trivialTool;
    return [
      defineTool({
        ...specification,
        policy: everyone,
        handler: async (input) => success(call(input)),
      }),
    ];
  },
});

function signedToken(privateKey: CryptoKey): Promise<string> {
  return new SignJWT({
    ver: "2.0",
    tid: tenantId,
    oid: "aaaaaaaa-0000-4000-8000-000000000001",
    azp: "bbbbbbbb-0000-4000-8000-000000000002",
    scp: "user_impersonation",
    preferred_username: "user1@contoso.example",
  })
    .setProtectedHeader({ alg: "RS256", typ: "JWT", kid: "current" })
    .setIssuer(issuer)
    .setAudience(audience)
    .setSubject("pairwise-subject")
    .setIssuedAt()
    .setNotBefore("0 s")
    .setExpirationTime("1 h")
    .sign(privateKey);
}
