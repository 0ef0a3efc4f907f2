import type { Era } from "../../probe/shared/mcp-message.ts";
import { messageOf } from "../../probe/shared/mcp-message.ts";
import type { HttpAnswer, HttpExchange } from "../load/http-client.ts";
import { type McpResult, readResult } from "./mcp-answer.ts";

/** A request that can be made again and again, and how to judge its answers. */
export interface BenchedRequest {
  /** Without the number of connections. */
  readonly name: string;
  /** Whether every call leaves an expense behind. */
  readonly stores: boolean;
  readonly exchange: HttpExchange;
  /** What is wrong with an answer, if anything is. */
  readonly problem: (answer: HttpAnswer) => string | undefined;
}

/** What the requests need to exist. */
export interface BenchedPeople {
  /** Somebody with {@link seededExpenses} expenses. */
  readonly reader: { readonly token: string; readonly expenseId: string };
  /** Somebody who gathers expenses. */
  readonly writer: { readonly token: string };
  readonly administrator: { readonly token: string };
}

/** As many as a page has, unless asked otherwise. */
export const seededExpenses = 20;

const eras = ["modern", "older"] as const satisfies readonly Era[];

export const newExpense = {
  date: "2026-11-20",
  amount: 12.5,
  category: "food",
  description: "Lunch",
  payment_method: "visa",
};

interface BenchedCall {
  readonly name: string;
  readonly caller: keyof BenchedPeople;
  readonly method: "tools/list" | "tools/call";
  readonly params: (people: BenchedPeople) => Readonly<Record<string, unknown>>;
  readonly isExpected: (result: McpResult) => boolean;
}

const calls: readonly BenchedCall[] = [
  {
    name: "tools-list",
    caller: "reader",
    method: "tools/list",
    params: () => ({}),
    // All but that of administrators.
    isExpected: ({ tools }) => tools?.length === 4,
  },
  {
    name: "get-expenses",
    caller: "reader",
    method: "tools/call",
    params: () => ({ name: "get_user_expenses", arguments: {} }),
    isExpected: ({ structuredContent }) => lengthOf(structuredContent?.expenses) === seededExpenses,
  },
  {
    name: "delete-preview",
    caller: "reader",
    method: "tools/call",
    params: ({ reader }) => ({ name: "delete_user_expense", arguments: { id: reader.expenseId } }),
    isExpected: ({ structuredContent }) => structuredContent?.outcome === "confirmation_required",
  },
  {
    name: "get-stats",
    caller: "administrator",
    method: "tools/call",
    params: () => ({ name: "get_expense_stats", arguments: {} }),
    isExpected: ({ structuredContent }) => lengthOf(structuredContent?.currencies) === 1,
  },
  {
    name: "get-details",
    caller: "reader",
    method: "tools/call",
    params: () => ({ name: "get_user_details", arguments: {} }),
    isExpected: ({ structuredContent }) => JSON.stringify(structuredContent).includes("Uma First"),
  },
  {
    name: "add-expense",
    caller: "writer",
    method: "tools/call",
    params: () => ({ name: "add_user_expense", arguments: newExpense }),
    isExpected: ({ structuredContent }) => structuredContent?.expense !== undefined,
  },
];

/** The names of all the requests that {@link benchedRequests} makes. */
export const requestNames: readonly string[] = [
  "health",
  "metadata",
  "no-token",
  ...calls.flatMap(({ name }) => eras.map((era) => `${name}/${era}`)),
];

export function benchedRequests(people: BenchedPeople): BenchedRequest[] {
  return [
    {
      name: "health",
      stores: false,
      exchange: { method: "GET", path: "/health" },
      problem: problemUnless(({ status, body }) => status === 200 && body.includes("ok")),
    },
    {
      name: "metadata",
      stores: false,
      exchange: { method: "GET", path: "/.well-known/oauth-protected-resource/mcp" },
      problem: problemUnless(
        ({ status, body }) => status === 200 && body.includes('"authorization_servers"'),
      ),
    },
    {
      name: "no-token",
      stores: false,
      exchange: { method: "POST", path: "/mcp" },
      problem: problemUnless(
        ({ status, headers }) =>
          status === 401 && (headers["www-authenticate"]?.includes("resource_metadata") ?? false),
      ),
    },
    ...calls.flatMap((call) => eras.map((era) => requestOf(call, era, people))),
  ];
}

/** A tool's call, or the list of tools, as a client of an era sends it. */
export function mcpExchange(
  era: Era,
  token: string,
  method: string,
  params: Readonly<Record<string, unknown>>,
): HttpExchange {
  const { headers, body } = messageOf(era, method, params);
  return {
    method: "POST",
    path: "/mcp",
    headers: { ...Object.fromEntries(headers), authorization: `Bearer ${token}` },
    body,
  };
}

function requestOf(call: BenchedCall, era: Era, people: BenchedPeople): BenchedRequest {
  return {
    name: `${call.name}/${era}`,
    stores: call.name === "add-expense",
    exchange: mcpExchange(era, people[call.caller].token, call.method, call.params(people)),
    problem(answer) {
      const result = readResult(answer);
      if (typeof result === "string") return result;
      return call.isExpected(result) ? undefined : `unexpected: ${answer.body.slice(0, 300)}`;
    },
  };
}

function problemUnless(isExpected: (answer: HttpAnswer) => boolean): BenchedRequest["problem"] {
  return (answer) =>
    isExpected(answer) ? undefined : `answered ${answer.status}: ${answer.body.slice(0, 300)}`;
}

function lengthOf(value: unknown): number | undefined {
  return Array.isArray(value) ? value.length : undefined;
}
