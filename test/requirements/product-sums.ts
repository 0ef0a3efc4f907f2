import type { Requirements } from "./requirement.ts";

export const productSumsRequirements = {
  "src/expenses/summary/sums.ts": {
    "sums.exact":
      "Sums are added as whole numbers of any size, for each currency by itself, whatever decimals the amounts were stored with.",
    "sums.refunds":
      "Refunds are summed apart from what was spent, and the net is shown where there are any.",
    "sums.shown-exactly":
      "A sum is shown with all its digits, as text where a number would round it.",
  },
  "ISO 8601": {
    "summary.periods":
      "Days, ISO weeks, months, quarters and years are those of the calendar, at every turn of a year too.",
  },
  "src/expenses/summary/periods.ts": {
    "summary.compare":
      "A span is compared with the equal span before: whole months, quarters and years with those before, any other with as many days.",
  },
  "src/expenses/summary/summary.ts": {
    "summary.exact": "The groups of a summary add up to its totals exactly, whatever it groups by.",
    "summary.zeros":
      "A period without expenses is shown as zero, in every currency of the summary.",
    "summary.groups":
      "Expenses are summed by category, payment method or currency, the largest net first.",
    "summary.short":
      "A summary has at most 4,000 characters, in text and as JSON; what has no room is counted.",
  },
  "src/expenses/get-user-expense-summary.ts": {
    "tools.summary":
      "`get_user_expense_summary` adds up the caller's own expenses exactly, per currency, for every filter: totals, groups, the span before, the largest.",
    "tools.summary-refuses":
      "A summary of more than 20,000 expenses, and a comparison without dates, are tool errors that say what to do.",
    "tools.summary-isolated": "A summary has nothing of anybody else's.",
  },
  "src/expenses/get-expense-stats.ts": {
    "stats.everyone":
      "`get_expense_stats` says that its sums are everyone's together, and where one's own are.",
    "stats.short":
      "Statistics have at most 4,000 characters, in text and as JSON; currencies without room are counted.",
  },
  "test/expenses/store/old-version.ts": {
    "versions.old-data":
      "Expenses that the version before refunds and changes stored are listed, filtered, added up, changed and deleted.",
    "versions.side-by-side":
      "While instances of that version and this one serve side by side, neither hides what the other wrote, and one idempotency key adds once.",
  },
  "docs/performance.md, Growth": {
    "growth.constant":
      "A further page, an add and the sums of a month ask and get the same of Cosmos DB with 10, 1,000 and 10,000 expenses.",
    "growth.sums":
      "Sums of everything read each expense once, in few and small answers, by one query whatever is stored.",
  },
} satisfies Requirements;
