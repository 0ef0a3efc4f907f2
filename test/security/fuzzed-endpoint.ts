import { addUserExpense } from "../../src/expenses/add-user-expense.ts";
import { createExpenseCursors } from "../../src/expenses/cursor.ts";
import type { Expense } from "../../src/expenses/expense.ts";
import { getExpenseStats } from "../../src/expenses/get-expense-stats.ts";
import { getUserExpenses } from "../../src/expenses/get-user-expenses.ts";
import type { ExpenseStore } from "../../src/expenses/store.ts";
import type { GraphClient } from "../../src/graph/client.ts";
import { getUserDetails } from "../../src/graph/get-user-details.ts";
import { createConcurrencyLimit } from "../../src/http/concurrency-limit.ts";
import { createMcpHttpEndpoint } from "../../src/http/mcp-endpoint.ts";
import { createRateLimits } from "../../src/http/rate-limits.ts";
import { unfailing } from "../../src/http/unfailing.ts";
import { createKeySet } from "../../src/identity/key-set.ts";
import { createTokenVerifier } from "../../src/identity/token-verifier.ts";
import type { AdministratorCheck } from "../../src/mcp/policy.ts";
import { createMcpEndpoint } from "../../src/mcp/server.ts";
import { failure, success } from "../../src/result.ts";
import type { LogFields } from "../../src/telemetry/log.ts";
import {
  clientId,
  issuer,
  keySetDocument,
  makeSigningKey,
  nowSeconds,
  type SigningKey,
  tenantId,
} from "../identity/tokens.ts";
import { testKeyRing } from "../keys/test-key-ring.ts";

export const host = "mcp.contoso.example";

export interface FuzzedEndpoint {
  /** The key that good tokens are signed with. */
  readonly key: SigningKey;
  send(request: Request): Promise<Response>;
  /** Events of the log since the last call. */
  takeEvents(): { event: string; fields: LogFields | undefined }[];
}

/** A store that keeps nothing: what matters here is what reaches it, and what comes back. */
const keepsNothing: ExpenseStore = {
  async add(_userId, expense, { now }) {
    const stored: Expense = { ...expense, id: "id", createdAt: new Date(now).toISOString() };
    return success({ kind: "added", expense: stored });
  },
  list: async () => success({ expenses: [] }),
  find: async () => success(undefined),
  delete: async () => success(undefined),
  statistics: async () => success([]),
};

/** What stands in for the parts outside the pipeline, such as parts that fail. */
export interface FuzzedParts {
  readonly store?: ExpenseStore;
  readonly graph?: GraphClient;
  readonly isAdministrator?: AdministratorCheck;
  readonly fetchKeys?: () => Promise<Response>;
}

/** The application's whole pipeline in this process: gates, token, protocol, tools. */
export async function createFuzzedEndpoint(parts: FuzzedParts = {}): Promise<FuzzedEndpoint> {
  const { store = keepsNothing } = parts;
  const key = await makeSigningKey("current");
  const document = await keySetDocument([key]);
  const now = () => nowSeconds * 1000;
  let events: { event: string; fields: LogFields | undefined }[] = [];
  const log = (_level: string, event: string, fields?: LogFields) => {
    events.push({ event, fields });
  };
  const endpoint = createMcpHttpEndpoint({
    allowed: { hosts: [host], origins: [`https://${host}`] },
    resource: {
      url: `https://${host}/mcp`,
      issuer,
      scope: "api://expenses/user_impersonation",
      authorizationUri: "https://login.example/authorize",
    },
    tokenVerifier: createTokenVerifier({
      keySet: createKeySet({
        url: "https://login.example/keys",
        fetch: parts.fetchKeys ?? (async () => Response.json(document)),
        now,
        log,
      }),
      issuer,
      audience: clientId,
      tenantId,
      allowedClientIds: [],
      now,
    }),
    rateLimits: createRateLimits({ perCaller: 0, perAddress: 0 }),
    concurrency: createConcurrencyLimit({ running: 20, waiting: 1000 }),
    trustedHops: 1,
    serve: createMcpEndpoint({
      name: "fuzzed",
      title: "Fuzzed",
      version: "1.0.0",
      instructions: "",
      tools: [
        addUserExpense({ store, defaultCurrency: "USD", now }),
        getUserExpenses({ store, cursors: createExpenseCursors(testKeyRing(), now) }),
        getExpenseStats(store),
        getUserDetails(parts.graph ?? { get: async () => failure({ kind: "denied" }) }),
      ],
      isAdministrator: parts.isAdministrator ?? (async () => success(true)),
      requiredScope: "user_impersonation",
      qualifiedScope: (scope) => `api://expenses/${scope}`,
      resourceMetadataUrl: `https://${host}/.well-known/oauth-protected-resource/mcp`,
    }),
  });
  return {
    key,
    send: (request) => unfailing(() => endpoint(request, { id: "invocation", log }), log),
    takeEvents() {
      const taken = events;
      events = [];
      return taken;
    },
  };
}
