import type { Adapters } from "../../src/app.ts";
import { success } from "../../src/core/result.ts";
import { createExpenses } from "../../src/expenses/domain.ts";
import type { Expense } from "../../src/expenses/expense.ts";
import type { ExpenseStore } from "../../src/expenses/store.ts";
import { unfailing } from "../../src/gates/way-out.ts";
import type { SigningKey } from "../gates/tokens.ts";
import { composeForTest, type LoggedEvent } from "../support/composed.ts";

export { host } from "../support/composed.ts";

export interface FuzzedEndpoint {
  /** The key that good tokens are signed with. */
  readonly key: SigningKey;
  send(request: Request): Promise<Response>;
  /** How often an expense has been deleted. */
  deleted(): number;
  /** Events of the log since the last call. */
  takeEvents(): LoggedEvent[];
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
  readonly adapters?: Partial<Adapters>;
}

/** The application in this process: gates, token, protocol, tools. */
export async function createFuzzedEndpoint({
  store = keepsNothing,
  adapters = {},
}: FuzzedParts = {}): Promise<FuzzedEndpoint> {
  let deleted = 0;
  const counting: ExpenseStore = {
    add: (...call) => store.add(...call),
    list: (...call) => store.list(...call),
    find: (...call) => store.find(...call),
    statistics: (...call) => store.statistics(...call),
    async delete(...call) {
      deleted += 1;
      return store.delete(...call);
    },
  };
  const nothing = {} as ReturnType<Adapters["container"]>;
  const app = await composeForTest(
    createExpenses(() => counting),
    { adapters: { container: () => nothing, ...adapters } },
  );
  const { key, events } = app;
  const log = (_level: string, event: string) => events.push({ event, fields: undefined });
  return {
    key,
    send: (request) => unfailing(() => app.send(request), log),
    deleted: () => deleted,
    takeEvents: () => events.splice(0),
  };
}
