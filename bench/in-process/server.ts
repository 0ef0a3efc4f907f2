import { randomBytes } from "node:crypto";
import { type CryptoKey, exportJWK, generateKeyPair, SignJWT } from "jose";
import { failure, success } from "../../src/core/result.ts";
import { getUserDetails } from "../../src/directory/get-user-details.ts";
import { addUserExpense } from "../../src/expenses/add-user-expense.ts";
import { deleteUserExpense } from "../../src/expenses/delete-user-expense.ts";
import { getExpenseStats } from "../../src/expenses/get-expense-stats.ts";
import { getUserExpenses } from "../../src/expenses/get-user-expenses.ts";
import type { ExpenseStore } from "../../src/expenses/store.ts";
import { createConcurrencyLimit } from "../../src/gates/concurrency-limit.ts";
import { createKeySet } from "../../src/gates/key-set.ts";
import { createMcpHttpEndpoint } from "../../src/gates/mcp-endpoint.ts";
import { createRateLimits } from "../../src/gates/rate-limits.ts";
import { createTokenVerifier } from "../../src/gates/token-verifier.ts";
import { createKeyRing } from "../../src/keys/key-ring.ts";
import { createApprovals } from "../../src/mcp/approvals/approvals.ts";
import { type DefinedTool, defineTool } from "../../src/mcp/define-tool.ts";
import { everyone } from "../../src/mcp/policy.ts";
import { createMcpEndpoint } from "../../src/mcp/server.ts";
import { createExpenseCursors } from "../../src/storage/cursor.ts";
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
  const now = Date.now;
  const log = () => {};
  const scope = (name: string) => `api://expenses/${name}`;
  const keyRing = createKeyRing({
    storage: {
      read: async () => success(undefined),
      create: async () => success("created"),
      replace: async () => success("replaced"),
    },
    now,
    randomBytes,
    log,
  });
  const endpoint = createMcpHttpEndpoint({
    allowed: { hosts: [new URL(origin).host], origins: [origin] },
    resource: {
      url: `${origin}/mcp`,
      issuer,
      scope: scope("user_impersonation"),
      authorizationUri: "https://login.example/authorize",
    },
    tokenVerifier: createTokenVerifier({
      keySet: createKeySet({
        url: "https://login.example/keys",
        fetch: async () => Response.json({ keys }),
        now,
        log,
      }),
      issuer,
      audience,
      tenantId,
      allowedClientIds: [],
      now,
    }),
    rateLimits: createRateLimits({ perCaller: 1_000_000_000, perAddress: 1_000_000_000 }),
    concurrency: createConcurrencyLimit({ running: 20, waiting: 1000 }),
    trustedHops: 1,
    serve: createMcpEndpoint({
      name: "expenses",
      title: "Expenses",
      version: "1.0.0",
      instructions: "",
      tools:
        tools === "trivial"
          ? [trivialDefinedTool()]
          : [
              addUserExpense({ store, defaultCurrency: "USD", now }),
              getUserExpenses({ store, cursors: createExpenseCursors(keyRing, now) }),
              deleteUserExpense(store),
              getExpenseStats(store),
              getUserDetails({ get: async () => failure({ kind: "denied" }) }),
            ],
      isAdministrator: async () => success(false),
      approvals: createApprovals({
        keyRing,
        ledger: { consume: async () => success("consumed") },
        mode: "any",
        now,
      }),
      requiredScope: "user_impersonation",
      qualifiedScope: scope,
      resourceMetadataUrl: `${origin}/.well-known/oauth-protected-resource/mcp`,
    }),
  });
  return {
    origin,
    endpoint: (request) => endpoint(request, { id: "bench", log }),
    token: await signedToken(privateKey),
    verification: { publicKey, issuer, audience },
  };
}

/** A store that answers at once and keeps nothing. */
const store: ExpenseStore = {
  async add(_userId, expense, { now }) {
    const createdAt = new Date(now).toISOString();
    return success({ kind: "added", expense: { ...expense, id: "id", createdAt } });
  },
  list: async () => success({ expenses: [] }),
  find: async () => success(undefined),
  delete: async () => success(undefined),
  statistics: async () => success([]),
};

function trivialDefinedTool(): DefinedTool {
  const { call, ...specification } = trivialTool;
  return defineTool({
    ...specification,
    policy: everyone,
    handler: async (input) => success(call(input)),
  });
}

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
