import { domain as vacations } from "../../examples/vacations/domain.ts";
import type { Domain } from "../../src/define-domain.ts";
import { domain as expenses } from "../../src/expenses/domain.ts";
import type { ToolResult } from "./clients.ts";

export interface ToolCall {
  readonly name: string;
  readonly arguments: Record<string, unknown>;
}

/** What the tests that hold for every domain have to know of one. */
export interface TestedDomain {
  readonly name: string;
  readonly domain: Domain;
  /** For `--domain`; the one that is served anyway needs none. */
  readonly folder?: string;
  /** Stores something that says `text`; another thing for each `index` from 0 to 9. */
  store(text: string, index?: number): ToolCall;
  /** Lists what its caller has stored. */
  readonly list: ToolCall;
  /** How the answer to {@link list} begins where that is nothing. */
  readonly nothing: string;
  /** Asks for approval, and then removes what the answer to {@link store} shows. */
  remove(stored: ToolResult): ToolCall;
  readonly removed: RegExp;
  /** The answer to removing what somebody else has, or nobody. */
  readonly notTheirs: RegExp;
  /** Something as it lies in the container, but for whose it is, and the call that removes it. */
  readonly stored: { readonly item: { readonly id: string }; readonly removal: ToolCall };
  /** A resource of the caller's that what {@link store} stores stands in, whatever the index. */
  readonly resource?: string;
  /** A tool for administrators alone, and its answer where one thing is stored, the first. */
  readonly administrative?: ToolCall & { readonly ofOne: unknown };
  /** A tool that acts on its caller's behalf. */
  readonly onBehalf?: ToolCall;
  /** A setting of the domain's own: a value that it refuses, and in which words. */
  readonly badSetting: { readonly name: string; readonly value: string; readonly problem: string };
}

/** The domain that `src/domain.ts` names. */
export const sample = {
  name: "expenses",
  domain: expenses,
  store: (text, index = 0) => ({
    name: "add_user_expense",
    arguments: {
      date: `2026-11-${10 + index}`,
      amount: 12.5,
      category: "food",
      description: text,
      payment_method: "visa",
    },
  }),
  list: { name: "get_user_expenses", arguments: {} },
  nothing: "No expenses.",
  remove: ({ structuredContent }) => ({
    name: "delete_user_expense",
    arguments: { id: (structuredContent as { expense: { id: string } }).expense.id },
  }),
  removed: /^Deleted: /,
  notTheirs: /^You have no such expense/,
  stored: {
    item: {
      id: "existing",
      type: "expense",
      schemaVersion: 1,
      date: "2026-11-20",
      minorUnits: 1250,
      currency: "USD",
      category: "food",
      paymentMethod: "visa",
      description: "Lunch",
      createdAt: "2026-11-20T12:00:00.000Z",
      sortKey: "2026-11-20|2026-11-20T12:00:00.000Z|existing",
      searchText: "LUNCH",
    } as { readonly id: string },
    removal: { name: "delete_user_expense", arguments: { id: "existing" } },
  },
  resource: "expenses://me/months/2026-11/all.csv",
  administrative: {
    name: "get_expense_stats",
    arguments: {},
    ofOne: {
      of: "everyone",
      currencies: [
        {
          ...{ currency: "USD", count: 1, total: 12.5 },
          categories: [{ category: "food", count: 1, total: 12.5 }],
        },
      ],
    },
  },
  onBehalf: { name: "get_user_details", arguments: {} },
  badSetting: {
    name: "DEFAULT_CURRENCY",
    value: "dollars",
    problem: "DEFAULT_CURRENCY must be an ISO 4217 currency code, such as USD",
  },
} satisfies TestedDomain;

/** The second domain. Its container holds one thing for each day. */
export const second: TestedDomain = {
  name: "vacations",
  domain: vacations,
  folder: "examples/vacations",
  store: (text, index = 0) => {
    const [monday, tuesday] = [6, 7].map((day) =>
      new Date(Date.UTC(2026, 6, day + 7 * index)).toISOString().slice(0, 10),
    );
    return {
      name: "request_vacation",
      arguments: { first_day: monday, last_day: tuesday, note: text },
    };
  },
  list: { name: "list_vacations", arguments: { year: 2026 } },
  nothing: "No vacations.",
  remove: ({ structuredContent }) => ({
    name: "cancel_vacation",
    arguments: {
      first_day: (structuredContent as { vacation: { first_day: string } }).vacation.first_day,
    },
  }),
  removed: /^Cancelled: /,
  notTheirs: /^You have no such vacation/,
  resource: "vacations://me/years/2026.json",
  stored: {
    item: {
      id: "2026-07-06",
      first_day: "2026-07-06",
      last_day: "2026-07-07",
      note: "Sea",
      working_days: 2,
    } as { readonly id: string },
    removal: { name: "cancel_vacation", arguments: { first_day: "2026-07-06" } },
  },
  badSetting: {
    name: "VACATION_DAYS_PER_YEAR",
    value: "plenty",
    problem: "VACATION_DAYS_PER_YEAR must be a whole number of days from 1 to 999, such as 30",
  },
};

/** The domains that the tests of what holds for every domain run against. */
export const testedDomains: readonly TestedDomain[] = [sample, second];
