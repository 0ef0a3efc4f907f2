import type { LogFields } from "../../src/core/log.ts";
import { failure, success } from "../../src/core/result.ts";
import { getUserDetails } from "../../src/directory/get-user-details.ts";
import type { GraphClient } from "../../src/downstream/api-client.ts";
import { addUserExpense } from "../../src/expenses/add-user-expense.ts";
import { deleteUserExpense } from "../../src/expenses/delete-user-expense.ts";
import type { Expense } from "../../src/expenses/expense.ts";
import { getExpenseStats } from "../../src/expenses/get-expense-stats.ts";
import { getUserExpenses } from "../../src/expenses/get-user-expenses.ts";
import type { ExpenseStore } from "../../src/expenses/store.ts";
import { createConcurrencyLimit } from "../../src/gates/concurrency-limit.ts";
import { createKeySet } from "../../src/gates/key-set.ts";
import { createMcpHttpEndpoint } from "../../src/gates/mcp-endpoint.ts";
import { createRateLimits } from "../../src/gates/rate-limits.ts";
import { createTokenVerifier } from "../../src/gates/token-verifier.ts";
import { unfailing } from "../../src/gates/unfailing.ts";
import type { ApprovalLedger } from "../../src/mcp/approvals/approval-ledger.ts";
import { createApprovals } from "../../src/mcp/approvals/approvals.ts";
import type { AdministratorCheck } from "../../src/mcp/policy.ts";
import { createMcpEndpoint } from "../../src/mcp/server.ts";
import { createExpenseCursors } from "../../src/storage/cursor.ts";
import {
  clientId,
  issuer,
  keySetDocument,
  makeSigningKey,
  nowSeconds,
  type SigningKey,
  tenantId,
} from "../gates/tokens.ts";
import { FakeClock } from "../keys/fake-clock.ts";
import { testKeyRing } from "../keys/test-key-ring.ts";
import { MemoryApprovalLedger } from "../mcp/approvals/memory-approval-ledger.ts";

export const host = "mcp.contoso.example";

export interface FuzzedEndpoint {
  /** The key that good tokens are signed with. */
  readonly key: SigningKey;
  send(request: Request): Promise<Response>;
  /** How often an expense has been deleted. */
  deleted(): number;
  /** Events of the log since the last call. */
  takeEvents(): { event: string; fields: LogFields | undefined }[];
}

/** The one expense that everybody has, and that is still there when it has been deleted. */
export const existingExpenseId = "existing";

const existing: Expense = {
  id: existingExpenseId,
  date: "2026-11-20",
  minorUnits: 1250,
  currency: "USD",
  category: "food",
  description: "Lunch",
  paymentMethod: "visa",
  createdAt: "2026-11-20T12:00:00.000Z",
};

/** A store that keeps nothing: what matters here is what reaches it, and what comes back. */
const keepsNothing: ExpenseStore = {
  async add(_userId, expense, { now }) {
    const stored: Expense = { ...expense, id: "id", createdAt: new Date(now).toISOString() };
    return success({ kind: "added", expense: stored });
  },
  list: async () => success({ expenses: [] }),
  find: async (_userId, id) => success(id === existingExpenseId ? existing : undefined),
  delete: async (_userId, id, isMeant) =>
    success(id === existingExpenseId && isMeant(existing) ? existing : undefined),
  statistics: async () => success([]),
};

/** What stands in for the parts outside the pipeline, such as parts that fail. */
export interface FuzzedParts {
  readonly store?: ExpenseStore;
  readonly graph?: GraphClient;
  readonly isAdministrator?: AdministratorCheck;
  readonly fetchKeys?: () => Promise<Response>;
  readonly ledger?: ApprovalLedger;
}

/** The application's whole pipeline in this process: gates, token, protocol, tools. */
export async function createFuzzedEndpoint(parts: FuzzedParts = {}): Promise<FuzzedEndpoint> {
  let deleted = 0;
  const { store: given = keepsNothing } = parts;
  const store: ExpenseStore = {
    ...given,
    async delete(...call) {
      deleted += 1;
      return given.delete(...call);
    },
  };
  const key = await makeSigningKey("current");
  const document = await keySetDocument([key]);
  const clock = new FakeClock(nowSeconds * 1000);
  const { now } = clock;
  const keyRing = testKeyRing({ clock });
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
        getUserExpenses({ store, cursors: createExpenseCursors(keyRing, now) }),
        deleteUserExpense(store),
        getExpenseStats(store),
        getUserDetails(parts.graph ?? { get: async () => failure({ kind: "denied" }) }),
      ],
      isAdministrator: parts.isAdministrator ?? (async () => success(true)),
      approvals: createApprovals({
        keyRing,
        ledger: parts.ledger ?? new MemoryApprovalLedger(),
        mode: "any",
        now,
      }),
      requiredScope: "user_impersonation",
      qualifiedScope: (scope) => `api://expenses/${scope}`,
      resourceMetadataUrl: `https://${host}/.well-known/oauth-protected-resource/mcp`,
    }),
  });
  return {
    key,
    send: (request) => unfailing(() => endpoint(request, { id: "invocation", log }), log),
    deleted: () => deleted,
    takeEvents() {
      const taken = events;
      events = [];
      return taken;
    },
  };
}
