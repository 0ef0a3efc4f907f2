import { randomBytes } from "node:crypto";
import type { HttpClient } from "@azure/core-rest-pipeline";
import type { Container } from "@azure/cosmos";
import { compose } from "../../src/app.ts";
import { readSettings } from "../../src/config.ts";
import type { Endpoint } from "../../src/core/endpoint.ts";
import { failure, success } from "../../src/core/result.ts";
import { createExpenses } from "../../src/expenses/domain.ts";
import type { Expense } from "../../src/expenses/expense.ts";
import type { ExpenseStore } from "../../src/expenses/store.ts";
import { audience, keys, tenantId } from "./tokens.ts";

export const host = "mcp.contoso.example";

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
 * The application over parts that answer at once: what remains is the time that the code itself
 * takes.
 */
export function createPipeline(): Endpoint {
  const domain = createExpenses(() => store);
  const settings = readSettings(
    {
      MCP_PUBLIC_URL: `https://${host}/mcp`,
      ENTRA_TENANT_ID: tenantId,
      ENTRA_CLIENT_ID: audience,
      ENTRA_IDENTIFIER_URI: "api://expenses",
      AZURE_CLIENT_ID: audience,
      COSMOS_ENDPOINT: "https://cosmos.example",
      STORAGE_BLOB_ENDPOINT: "https://storage.example",
      RATE_LIMIT_PER_CALLER: "0",
      RATE_LIMIT_PER_ADDRESS: "0",
    },
    domain.settings,
  );
  const unavailable = async () => failure({ kind: "unavailable", cause: "none" } as const);
  return compose(
    settings,
    {
      now: Date.now,
      randomBytes,
      log: () => {},
      fetch: async () => Response.json({ keys }),
      httpClient: {} as HttpClient,
      managedIdentity: { getToken: async () => null },
      container: () => ({}) as Container,
      keyStorage: { read: unavailable, create: unavailable, replace: unavailable },
      approvalLedger: { consume: unavailable },
      reachStorage: async () => {},
    },
    domain,
  ).mcp;
}
