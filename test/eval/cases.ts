import type { StoredExpense } from "../../src/expenses/store/stored-expense.ts";
import { type Person, today, yesterday } from "./world.ts";

/** One thing that a person asks in a chat. */
export interface Case {
  /** In the person's words. */
  readonly ask: string;
  readonly as: Person;
  /** Calls that serve it. */
  readonly calls: readonly ReferenceCall[];
  /** Whether the person asked for a list, which may be longer than other answers. */
  readonly isList?: boolean;
  /** What a reader of the tour should know of it. */
  readonly note?: string;
  /** What a model has to say when it is done; some of it, in any case and order. */
  readonly says: readonly RegExp[];
  /** What it must never say. */
  readonly neverSays?: readonly RegExp[];
  /** What is wrong with what is stored afterwards, if anything is. */
  readonly stored?: (after: readonly StoredExpense[], before: readonly StoredExpense[]) => boolean;
}

export interface ReferenceCall {
  readonly tool: string;
  readonly arguments: (earlier: readonly Structured[]) => Readonly<Record<string, unknown>>;
}

/** The structured content of an answer. */
// biome-ignore lint/suspicious/noExplicitAny: cases read what their tools give, by name.
export type Structured = any;

const call = (
  tool: string,
  given: ReferenceCall["arguments"] | Readonly<Record<string, unknown>> = {},
): ReferenceCall => ({
  tool,
  arguments: typeof given === "function" ? given : () => given,
});

/** The call once more, with the confirmation that the one before gave. */
const confirmed = (first: ReferenceCall): ReferenceCall => ({
  tool: first.tool,
  arguments: (earlier) => ({
    ...first.arguments(earlier.slice(0, -1)),
    confirmation: earlier.at(-1).confirmation,
  }),
});

const deleteFound = call("delete_user_expense", ([found]) => ({ id: found.expenses[0].id }));
const deleteAll = call("delete_user_data");
const thisYear = { from: "2026-01-01", to: "2026-12-31" };

/** What is there after, and was not before. */
function added(after: readonly StoredExpense[], before: readonly StoredExpense[]) {
  const ids = new Set(before.map(({ id }) => id));
  return after.filter(({ id }) => !ids.has(id));
}

/** Whether exactly one expense was added, with these properties. */
const addedOne =
  (wanted: Partial<StoredExpense>): NonNullable<Case["stored"]> =>
  (after, before) => {
    const [one, ...others] = added(after, before);
    return (
      one !== undefined &&
      others.length === 0 &&
      after.length === before.length + 1 &&
      is(one, wanted)
    );
  };

function is(expense: StoredExpense, wanted: Partial<StoredExpense>): boolean {
  return Object.entries(wanted).every(
    ([name, value]) => expense[name as keyof StoredExpense] === value,
  );
}

const unchanged: NonNullable<Case["stored"]> = (after, before) =>
  JSON.stringify(after) === JSON.stringify(before);

const lastAdded = { order: "added", limit: 1 };

export const cases: readonly Case[] = [
  {
    ask: "Lunch, 12.50 today by Visa.",
    as: "uma",
    calls: [
      call("add_user_expense", {
        date: today,
        amount: 12.5,
        category: "food",
        description: "Lunch",
        payment_method: "visa",
      }),
    ],
    says: [/12\.50?/],
    stored: addedOne({ date: today, minorUnits: 1250, category: "food", paymentMethod: "visa" }),
  },
  {
    ask: "What did I spend on food last month?",
    as: "uma",
    calls: [
      call("get_user_expense_summary", {
        from: "2026-10-01",
        to: "2026-10-31",
        categories: ["food"],
        by: "category",
      }),
    ],
    says: [/54\.30/],
    stored: unchanged,
  },
  {
    ask: "Three coffees at 2.50 each yesterday, cash.",
    as: "uma",
    calls: [
      call("import_user_expenses", {
        rows: Array.from({ length: 3 }, () => ({
          date: yesterday,
          amount: 2.5,
          description: "Coffee",
          category: "food",
          payment_method: "cash",
        })),
      }),
      call("import_user_expenses", ([first]) => ({ import_id: first.import_id })),
    ],
    says: [/coffee/i],
    stored: (after, before) => {
      const coffees = added(after, before);
      return (
        coffees.length === 3 &&
        coffees.every((coffee) => is(coffee, { date: yesterday, minorUnits: 250 }))
      );
    },
  },
  {
    ask: "Change the last one to cash.",
    as: "uma",
    calls: [
      call("get_user_expenses", lastAdded),
      call("update_user_expense", ([{ expenses }]) => ({
        id: expenses[0].id,
        version: expenses[0].version,
        payment_method: "cash",
      })),
    ],
    says: [/cash/i],
    stored: (after, before) =>
      after.length === before.length &&
      after.some((expense) =>
        is(expense, { description: "Dinner with a client", paymentMethod: "cash" }),
      ),
  },
  {
    ask: "What is my total this year, by category?",
    as: "uma",
    calls: [call("get_user_expense_summary", { ...thisYear, by: "category" })],
    says: [/food/i, /gadget/i, /948/],
    stored: unchanged,
  },
  {
    ask: "Export everything as CSV.",
    as: "uma",
    isList: true,
    calls: [call("export_user_data")],
    says: [/csv/i],
    stored: unchanged,
  },
  {
    ask: "Attach this receipt to yesterday's dinner.",
    as: "uma",
    note: "A model cannot carry a file: the view of the server, or a client's code, makes the second call.",
    calls: [
      call("get_user_expenses", { text: "dinner", from: yesterday, to: yesterday }),
      call("attach_receipt", ([{ expenses }]) => ({
        id: expenses[0].id,
        data: onePixel,
        name: "dinner.png",
      })),
    ],
    says: [/receipt/i],
  },
  {
    ask: "Delete everything about me.",
    as: "uma",
    calls: [deleteAll, confirmed(deleteAll)],
    says: [/delet|eras/i, /backup/i],
    stored: (after) => after.length === 0,
  },
  {
    ask: "Delete yesterday's dinner.",
    as: "uma",
    calls: [
      call("get_user_expenses", { text: "dinner", from: yesterday, to: yesterday }),
      deleteFound,
      confirmed(deleteFound),
    ],
    says: [/delet/i],
    stored: (after, before) =>
      after.length === before.length - 1 &&
      !after.some(({ description }) => /dinner/i.test(description)),
  },
  {
    ask: "Who am I, and in which department?",
    as: "uma",
    calls: [call("get_user_details")],
    says: [/Uma/, /Finance/],
  },
  {
    ask: "Who is my manager?",
    as: "uma",
    note: "The directory's answer has no manager, and says so: reading one needs a permission that this server does not ask for.",
    calls: [call("get_user_details")],
    says: [/manager/i, /not|n't|cannot|no /i],
  },
  {
    ask: "What was my largest expense this year?",
    as: "uma",
    calls: [call("get_user_expenses", { ...thisYear, order: "amount", currency: "USD", limit: 1 })],
    says: [/899/],
    stored: unchanged,
  },
  {
    ask: "What did I pay by Mastercard?",
    as: "uma",
    isList: true,
    calls: [call("get_user_expenses", { payment_methods: ["mastercard"] })],
    says: [/899/],
    stored: unchanged,
  },
  {
    ask: "I got a refund of 7.50 for the shoes today, on my debit card.",
    as: "uma",
    calls: [
      call("add_user_expense", {
        date: today,
        amount: 7.5,
        category: "shopping",
        description: "Refund for the shoes",
        payment_method: "debit_card",
        is_refund: true,
      }),
    ],
    says: [/7\.50?/, /refund/i],
    stored: addedOne({ minorUnits: 750, isRefund: true }),
  },
  {
    ask: "Taxi, 30 EUR.",
    as: "uma",
    calls: [
      call("add_user_expense", {
        date: today,
        amount: 30,
        currency: "EUR",
        category: "transport",
        description: "Taxi",
        payment_method: "other",
      }),
    ],
    says: [/30/, /EUR|€/],
    stored: addedOne({ minorUnits: 3000, currency: "EUR", category: "transport" }),
  },
  {
    ask: "How much is all of it together, in dollars?",
    as: "uma",
    note: "Sums are told per currency. Nothing is converted, and the answer says so.",
    calls: [call("get_user_expense_summary", { by: "currency" })],
    says: [/EUR|€|euro/i, /30/, /convert|separate|per currency/i],
    stored: unchanged,
  },
  {
    ask: "Show me everything over 50 dollars.",
    as: "uma",
    isList: true,
    calls: [call("get_user_expenses", { amount_from: 50, currency: "USD" })],
    says: [/899/, /64\.20/, /75/],
    neverSays: [/42\.00/],
    stored: unchanged,
  },
  {
    ask: "How much for food and transport together this month?",
    as: "uma",
    calls: [
      call("get_user_expense_summary", {
        from: "2026-11-01",
        to: "2026-11-30",
        categories: ["food", "transport"],
        by: "category",
      }),
    ],
    says: [/66\.70/, /30/],
    stored: unchanged,
  },
  {
    ask: "What did I add last?",
    as: "uma",
    calls: [call("get_user_expenses", lastAdded)],
    says: [/dinner/i],
    stored: unchanged,
  },
  {
    ask: 'Find "coffee 2.50".',
    as: "uma",
    isList: true,
    calls: [call("get_user_expenses", { text: "coffee 2.50" })],
    says: [/2\.50/],
    neverSays: [/Coffee machine/],
    stored: unchanged,
  },
  {
    ask: "Is the taxi of the 12th already in?",
    as: "uma",
    calls: [call("get_user_expenses", { text: "taxi", from: "2026-11-12", to: "2026-11-12" })],
    says: [/30/],
    stored: unchanged,
  },
  {
    ask: "How do my weeks develop since the beginning of October?",
    as: "uma",
    calls: [call("get_user_expense_summary", { from: "2026-10-01", to: today, by: "week" })],
    says: [/917\.50/, /66\.70/],
    stored: unchanged,
  },
  {
    ask: "What did everyone spend in the third quarter, by category?",
    as: "ada",
    calls: [call("get_expense_stats", { from: "2026-07-01", to: "2026-09-30" })],
    says: [/shopping/i, /120/, /35/],
  },
  {
    ask: "What did Uma spend?",
    as: "ada",
    note: "No call can answer that: the description of get_expense_stats says that it never tells who.",
    calls: [],
    says: [/cannot|can't|not|never|only/i],
    neverSays: [/899/, /64\.20/],
  },
  {
    ask: "What did I spend this year?",
    as: "ada",
    calls: [call("get_user_expense_summary", { ...thisYear, by: "category" })],
    says: [/35/],
    neverSays: [/899/, /120/],
  },
];

/** A PNG of one pixel. */
const onePixel =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
