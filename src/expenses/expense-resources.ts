import { failure, success } from "../core/result.ts";
import { defineResource } from "../mcp/define-resource.ts";
import type { DefinedResource, OfferFailure } from "../mcp/offer.ts";
import { withPlainLines } from "../mcp/plain-lines.ts";
import { everyone } from "../mcp/policy.ts";
import { unreadableText } from "../storage/failure.ts";
import { categories, shownExpense } from "./expense.ts";
import {
  allCategories,
  csvFile,
  jsonFile,
  type MonthExpenses,
  monthFileOf,
  readMonth,
} from "./exports/export-months.ts";
import { type ExpenseStore, storeToolFailure } from "./store/store.ts";

export interface ExpenseResourcesParts {
  readonly store: ExpenseStore;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** An expense, and a month as CSV and as JSON: of the caller alone. */
export function expenseResources({ store, now }: ExpenseResourcesParts): DefinedResource[] {
  return [
    expenseResource(store),
    monthResource("csv", { store, now }),
    monthResource("json", { store, now }),
  ];
}

function expenseResource(store: ExpenseStore): DefinedResource {
  return defineResource({
    name: "expense",
    title: "Expense",
    description: "One of the signed-in person's expenses, with the URIs of its receipts.",
    uriTemplate: "expenses://me/expenses/{id}",
    mediaType: "application/json",
    policy: everyone,
    async read({ id }, { caller, signal, log }) {
      // What is no id of an expense may be none of the database either.
      const found = /^[\w-]{1,64}$/.test(id)
        ? await store.find(caller.objectId, id, { signal })
        : success(undefined);
      if (!found.ok) return storeToolFailure(found.reason, log);
      if (!found.value) {
        const message = "You have no such expense. Find it with get_user_expenses.";
        return failure({ reason: "no-such-expense", message, isMissing: true });
      }
      const { expense } = found.value;
      if (!expense) {
        const message = unreadableText([id], "expense");
        return failure({ reason: "store-unreadable-item", message });
      }
      return success({
        text: JSON.stringify({
          ...withPlainLines(shownExpense(expense)),
          free_text: ["description"],
        }),
      });
    },
  });
}

/** Of two megabytes: the largest part, of the longest descriptions there can be. */
const maximumBytes = 4 * 1024 * 1024;

const formats = {
  csv: { mediaType: "text/csv", file: csvFile, title: "Month as CSV" },
  json: { mediaType: "application/json", file: jsonFile, title: "Month as JSON" },
} as const satisfies Record<
  string,
  { mediaType: string; title: string; file: (month: MonthExpenses) => string }
>;

function monthResource(
  format: keyof typeof formats,
  { store, now }: ExpenseResourcesParts,
): DefinedResource {
  const { mediaType, file, title } = formats[format];
  return defineResource({
    name: `month-${format}`,
    title,
    description: `The signed-in person's expenses of a month (YYYY-MM) in a category, or \`${allCategories}\`, the newest first. import_user_expenses takes it unchanged.`,
    uriTemplate: `expenses://me/months/{month}/{category}.${format}`,
    mediaType,
    policy: everyone,
    maximumBytes,
    complete: {
      month: () => success(latestMonths(now())),
      category: () => success([allCategories, ...categories]),
    },
    async read({ month, category }, { caller, signal, log }) {
      const named = monthFileOf(month, category);
      if (!named) return failure(noSuchMonth);
      const read = await readMonth(store, caller.objectId, named, signal);
      if (read.ok) return success({ text: file(read.value) });
      switch (read.reason.kind) {
        case "too-many":
          return failure(inParts(named.month));
        case "no-part":
          return failure(noSuchPart);
        default:
          return storeToolFailure(read.reason, log);
      }
    },
  });
}

const noSuchMonth: OfferFailure = {
  reason: "no-such-month",
  message: `There is no such month or category. A month is YYYY-MM, such as 2026-11; a category is ${allCategories}, ${categories.join(", ")}.`,
  isMissing: true,
};

const noSuchPart: OfferFailure = {
  reason: "no-such-part",
  message: "The month has not so many parts. export_user_data says how many it has.",
  isMissing: true,
};

function inParts(month: string): OfferFailure {
  return {
    reason: "month-too-large",
    message: `The month has too many expenses for one file. Read its parts, ${month}.1, ${month}.2 and so on in place of ${month}, or one category at a time; export_user_data says how many parts there are.`,
    isInvalid: true,
  };
}

const shownMonths = 100;

/** Months of the last years, this one first: reading which have expenses would cost more than it tells. */
export function latestMonths(now: number): string[] {
  const today = new Date(now);
  return Array.from({ length: shownMonths }, (_, back) =>
    new Date(Date.UTC(today.getUTCFullYear(), today.getUTCMonth() - back))
      .toISOString()
      .slice(0, "YYYY-MM".length),
  );
}
