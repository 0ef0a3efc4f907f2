import type { Requirements } from "./requirement.ts";

export const expensesRequirements = {
  "ISO 4217": {
    "money.exact":
      "An amount is kept as a whole number of its currency's minor unit and comes back as the decimal that was given.",
    "money.decimals":
      "An amount with more decimals than its currency has is refused, with the number of decimals that it may have.",
    "money.currencies":
      "Currencies are the active codes of ISO 4217, in upper case, each with the decimals that the standard gives it.",
  },
  "src/expenses/money.ts": {
    "money.positive": "An amount of zero or below is refused.",
  },
  "IEEE 754: 15 significant decimal digits survive double precision": {
    "money.limit":
      "An amount of more than twelve digits is refused, with the largest that is accepted.",
  },
  "RFC 3339 section 5.6, full-date": {
    "expense.date":
      "A date is a day of this century that exists, as YYYY-MM-DD; any other is refused with what to correct.",
  },
  "Unicode Technical Report 36, section 2.8": {
    "expense.description":
      "A description is one trimmed line of 1 to 500 characters: control characters are refused, and what nobody sees, such as marks that reorder text, is left out before it is stored.",
  },
  "https://modelcontextprotocol.io/specification/2026-07-28/server/tools": {
    "expense.described-for-models":
      "Every field of the tools' input has a type and a description that a model can work with.",
  },
  "src/expenses/store/store.ts": {
    "expenses.stored": "An added expense is listed exactly as it was added.",
    "expenses.newest-first":
      "Expenses are listed newest first, by date and within a day by when they were added.",
    "expenses.pages": "Pages neither lose nor repeat an expense while others are added.",
    "expenses.idempotent":
      "Adding with the same idempotency key again stores nothing new and gives back what is stored, however many do so at once.",
    "expenses.idempotent-differs":
      "Adding something else with a used idempotency key stores nothing and says that it differs from what is stored.",
    "expenses.deleted":
      "Deleting removes the one expense of the one person, and only where it is still the one that is meant, and gives back what it was; of several that delete it at once, one does.",
    "expenses.deleted-key": "The idempotency key of a deleted expense may be used anew.",
    "expenses.unreadable":
      "A stored item that is no expense as this version knows it is named as such, hides no other in lists and statistics, and can be deleted.",
  },
  "docs/security.md, Threat model": {
    "expenses.isolated":
      "A person reaches their own expenses alone, whatever ids, keys and texts others use.",
  },
  "https://learn.microsoft.com/azure/cosmos-db/how-to-query-container": {
    "expenses.partition-stated":
      "Every read, write and query of one person's expenses states their partition, and every query filters on it as well.",
  },
  "docs/tools.md": {
    "expenses.filters":
      "Expenses are filtered by date range, category, payment method and text, in any combination, on every page.",
    "expenses.text-case": "The text to find is found in any case and in any script.",
    "expenses.statistics":
      "Statistics add up everyone's expenses exactly, per currency and category, within a range of dates.",
    "tools.add":
      "`add_user_expense` records an expense of the caller, in the server's default currency unless one is given, and shows it.",
    "tools.add-refuses":
      "What is wrong with an expense is a tool error that says what to correct, and nothing is stored.",
    "tools.add-idempotent":
      "A repetition under the same idempotency key stores once and says so; one that differs is refused and shows what is recorded.",
    "tools.list":
      "`get_user_expenses` lists the caller's own expenses, newest first, by date range, category, payment method and text, in pages.",
    "tools.list-refuses":
      "Filters that contradict each other and cursors that are not the caller's, altered or for other filters are tool errors that say what to do.",
    "tools.statistics":
      "`get_expense_stats` counts and adds up everyone's expenses exactly, per currency and category.",
  },
  "https://learn.microsoft.com/azure/cosmos-db/nosql/query/parameterized-queries": {
    "expenses.text-literal":
      "The text to find is taken literally; nothing in it is read as a pattern or as SQL.",
  },
  "docs/decisions/statistics-by-counting.md": {
    "expenses.statistics-exact":
      "Sums are added as whole numbers of any size and shown exactly, as text where a number would round them.",
    "expenses.statistics-budget":
      "A question for statistics costs one query over at most 50,000 expenses, whatever others have stored; where there are more, the newest are counted and the answer says so.",
  },
  "src/expenses/store/stored-expense.ts": {
    "expenses.read-as-written":
      "What was accepted once is read for good and as it was written, whatever lists of currencies, categories and rules of text have become; amounts keep their decimals.",
  },
  "https://learn.microsoft.com/rest/api/cosmos-db/http-status-codes-for-cosmosdb": {
    "expenses.store-failures":
      "Throttling, outages and cancelled calls of the database are told apart, and nothing of the database's own words gets out.",
  },
  "https://learn.microsoft.com/azure/cosmos-db/index-policy": {
    "expenses.container-definition":
      "The one container definition partitions by person and indexes exactly what the queries use.",
  },
  "docs/architecture.md, Errors": {
    "tools.list-keys-out":
      "Without the keys that sign cursors, `get_user_expenses` shows a page nevertheless, and says that it cannot be continued.",
  },
  "docs/approvals.md, `delete_user_expense`": {
    "tools.delete":
      "`delete_user_expense` deletes an expense of the caller's own once it is approved, and shows it; an unknown id and another person's have the same answer.",
  },
} satisfies Requirements;
