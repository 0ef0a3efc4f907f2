import { z } from "zod";
import { applicationFolder } from "../../local/paths.ts";
import { load, type Round } from "../load.ts";
import { type Answer, type CheckedRequest, eras, type McpCall, mcpRequest } from "../mcp.ts";
import type { Metric } from "../report.ts";
import { type Effort, type ScenarioGroup, Tally } from "../scenario.ts";
import type { BenchedServer, Stack } from "../stack.ts";

/** A client that waits for each answer, and one that fans out, within what one caller is granted. */
const connectionCounts = [1, 16] as const;

/** As many as a page has, unless asked otherwise. */
const seededExpenses = 20;

/** What `add_user_expense` is called with. */
export const newExpense = {
  date: "2026-11-20",
  amount: 12.5,
  category: "food",
  description: "Lunch",
  payment_method: "visa",
};

/** Who calls: user1 has {@link seededExpenses} expenses, user2 gathers them. */
type Account = Parameters<Stack["token"]>[0];

/** @param expenseId of one of user1's expenses */
function callsWith(expenseId: string): Readonly<Record<string, McpCall & { account: Account }>> {
  return {
    "tools-list": {
      account: "user1",
      isExpected: ({ tools = [] }) => {
        const names = tools.map(({ name }) => name);
        return names.includes("get_user_expenses") && !names.includes("get_expense_stats");
      },
    },
    "get-expenses": {
      account: "user1",
      tool: "get_user_expenses",
      isExpected: ({ structuredContent: content }) =>
        Array.isArray(content?.expenses) && content.expenses.length === seededExpenses,
    },
    "delete-preview": {
      account: "user1",
      tool: "delete_user_expense",
      arguments: { id: expenseId },
      isExpected: ({ structuredContent }) => structuredContent?.outcome === "confirmation_required",
    },
    "get-stats": {
      account: "admin",
      tool: "get_expense_stats",
      isExpected: ({ structuredContent: content }) =>
        Array.isArray(content?.currencies) && content.currencies.length > 0,
    },
    "get-details": {
      account: "user1",
      tool: "get_user_details",
      isExpected: ({ structuredContent }) =>
        JSON.stringify(structuredContent).includes("Uma First"),
    },
    "add-expense": {
      account: "user2",
      tool: "add_user_expense",
      arguments: newExpense,
      isExpected: ({ structuredContent }) => structuredContent?.expense !== undefined,
    },
  };
}

/** What needs no token. */
const openRequests: Readonly<Record<string, CheckedRequest>> = {
  health: {
    method: "GET",
    path: "/health",
    problem: unless(({ status, body }) => status === 200 && body.includes("ok")),
  },
  metadata: {
    method: "GET",
    path: "/.well-known/oauth-protected-resource/mcp",
    problem: unless(({ status, body }) => status === 200 && body.includes("authorization_servers")),
  },
  "no-token": { method: "POST", path: "/mcp", problem: unless(({ status }) => status === 401) },
};

function unless(isExpected: (answer: Answer) => boolean): CheckedRequest["problem"] {
  return (answer) =>
    isExpected(answer) ? undefined : `answered ${answer.status}: ${answer.body.slice(0, 300)}`;
}

const requestNames = [
  ...Object.keys(openRequests),
  ...Object.keys(callsWith("")).flatMap((name) => eras.map((era) => `${name}/${era}`)),
];

interface LoadScenario {
  readonly name: string;
  readonly request: CheckedRequest;
  readonly connections: number;
  readonly tally: Tally;
  readonly rounds: Round[];
}

/** Every kind of request over HTTP, against the built server on the laptop stack. */
export const http: ScenarioGroup = {
  names: requestNames.flatMap((name) => connectionCounts.map((count) => `${name}/${count}`)),

  async measure(names, effort, startStack) {
    const stack = await startStack();
    return stack.withServer(applicationFolder, async (server) => {
      const requests = { ...openRequests, ...(await toolRequests(stack, server)) };
      const scenarios: LoadScenario[] = Object.entries(requests)
        .flatMap(([name, request]) =>
          connectionCounts.map((connections) => ({
            name: `${name}/${connections}`,
            request,
            connections,
            tally: new Tally(),
            rounds: [],
          })),
        )
        .filter(({ name }) => names.has(name));
      // What stores comes last: each expense makes the emulator's queries dearer.
      const stores = ({ name }: LoadScenario) => name.startsWith("add-expense/");
      await loadInTurn(
        server,
        scenarios.filter((scenario) => !stores(scenario)),
        effort,
      );
      await loadInTurn(server, scenarios.filter(stores), effort);
      return scenarios.map(({ name, tally, rounds }) => tally.measurement(name, metricsOf(rounds)));
    });
  },
};

/** Signs people in, and gives one of them the expenses that the calls read. */
async function toolRequests(
  stack: Stack,
  server: BenchedServer,
): Promise<Record<string, CheckedRequest>> {
  const tokens: Record<Account, string> = {
    user1: await stack.token("user1"),
    user2: await stack.token("user2"),
    admin: await stack.token("admin"),
  };
  const added = z.object({ id: z.string() });
  let expenseId = "";
  const adding = mcpRequest("modern", tokens.user1, {
    tool: "add_user_expense",
    arguments: newExpense,
    isExpected({ structuredContent }) {
      const expense = added.safeParse(structuredContent?.expense);
      expenseId = expense.data?.id ?? "";
      return expense.success;
    },
  });
  for (let count = 0; count < seededExpenses; count += 1) {
    const problem = adding.problem(await server.send(adding));
    if (problem !== undefined) throw new Error(`No expense could be added: ${problem}`);
  }
  const requests = Object.entries(callsWith(expenseId)).flatMap(([name, { account, ...call }]) =>
    eras.map((era) => [`${name}/${era}`, mcpRequest(era, tokens[account], call)]),
  );
  return Object.fromEntries(requests);
}

/**
 * One round of each, then the next round: whatever else the machine does for a while is in one round
 * of many scenarios, and not in all rounds of one.
 */
async function loadInTurn(
  { origin }: BenchedServer,
  scenarios: readonly LoadScenario[],
  { seconds, rounds }: Effort,
): Promise<void> {
  const sizes = new Map<LoadScenario, number>();
  for (const scenario of scenarios) {
    const { request, connections, tally } = scenario;
    sizes.set(scenario, connections);
    if (rounds === 1) continue;
    const warmUp = { connections, seconds: seconds / rounds };
    const { rate } = await load(origin, [request], warmUp, tally);
    // As many as last for a round: what is under way when a time is up would not be counted. One on
    // each connection at least: a warm-up may be shorter than one answer takes.
    const perConnection = Math.max(1, Math.ceil((rate * seconds) / rounds / connections));
    sizes.set(scenario, connections * perConnection);
  }
  for (let round = 0; round < rounds; round += 1) {
    for (const [{ request, connections, tally, rounds: measured }, requests] of sizes) {
      measured.push(await load(origin, [request], { connections, requests }, tally));
    }
  }
}

function metricsOf(rounds: readonly Round[]): Metric[] {
  return [
    { name: "rate", unit: "1/s", values: rounds.map(({ rate }) => rate) },
    { name: "p50", unit: "ms", values: rounds.map(({ p50 }) => p50) },
    { name: "p99", unit: "ms", values: rounds.map(({ p99 }) => p99) },
  ];
}
