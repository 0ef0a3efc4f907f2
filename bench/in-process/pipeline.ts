import { randomBytes } from "node:crypto";
import type { Endpoint } from "../../src/core/endpoint.ts";
import { failure, success } from "../../src/core/result.ts";
import { getUserDetails } from "../../src/directory/get-user-details.ts";
import { addUserExpense } from "../../src/expenses/add-user-expense.ts";
import { deleteUserExpense } from "../../src/expenses/delete-user-expense.ts";
import type { Expense } from "../../src/expenses/expense.ts";
import { getExpenseStats } from "../../src/expenses/get-expense-stats.ts";
import { getUserExpenses } from "../../src/expenses/get-user-expenses.ts";
import type { ExpenseStore } from "../../src/expenses/store.ts";
import { createConcurrencyLimit } from "../../src/gates/concurrency-limit.ts";
import { createMcpHttpEndpoint } from "../../src/gates/mcp-endpoint.ts";
import { createRateLimits } from "../../src/gates/rate-limits.ts";
import type { TokenVerifier } from "../../src/gates/token-verifier.ts";
import { createKeyRing } from "../../src/keys/key-ring.ts";
import { createApprovals } from "../../src/mcp/approvals/approvals.ts";
import { createMcpEndpoint } from "../../src/mcp/server.ts";
import { createExpenseCursors } from "../../src/storage/cursor.ts";

export const host = "mcp.contoso.example";

const scope = (name: string) => `api://expenses/${name}`;

/** A store that answers at once and keeps nothing. */
const store: ExpenseStore = {
  async add(_userId, expense, { now }) {
    const stored: Expense = { ...expense, id: "id", createdAt: new Date(now).toISOString() };
    return success({ kind: "added", expense: stored });
  },
  list: async () => success({ expenses: [] }),
  find: async () => success(undefined),
  delete: async () => success(undefined),
  statistics: async () => success([]),
};

/**
 * `/mcp` with all its gates and all its tools, over parts that answer at once: what remains is the
 * time that the code itself takes.
 */
export function createPipeline(tokenVerifier: TokenVerifier): Endpoint {
  const now = Date.now;
  const url = `https://${host}/mcp`;
  const keyRing = createKeyRing({
    storage: {
      read: async () => success(undefined),
      create: async () => success("created"),
      replace: async () => success("replaced"),
    },
    now,
    randomBytes,
    log: () => {},
  });
  return createMcpHttpEndpoint({
    allowed: { hosts: [host], origins: [`https://${host}`] },
    resource: {
      url,
      issuer: "https://login.example",
      scope: scope("user_impersonation"),
      authorizationUri: "https://login.example/authorize",
    },
    tokenVerifier,
    rateLimits: createRateLimits({ perCaller: 1_000_000_000, perAddress: 1_000_000_000 }),
    concurrency: createConcurrencyLimit({ running: 20, waiting: 1000 }),
    trustedHops: 1,
    serve: createMcpEndpoint({
      name: "expenses",
      title: "Expenses",
      version: "1.0.0",
      instructions: "",
      tools: [
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
      resourceMetadataUrl: `https://${host}/.well-known/oauth-protected-resource/mcp`,
    }),
  });
}
