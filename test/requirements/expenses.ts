import type { Requirement } from "./requirement.ts";

export const expensesRequirements = [
  {
    id: "money.exact",
    what: "An amount is kept as a whole number of its currency's minor unit and comes back as the decimal that was given.",
    source: "ISO 4217",
  },
  {
    id: "money.decimals",
    what: "An amount with more decimals than its currency has is refused, with the number of decimals that it may have.",
    source: "ISO 4217",
  },
  {
    id: "money.positive",
    what: "An amount of zero or below is refused.",
    source: "src/expenses/money.ts",
  },
  {
    id: "money.limit",
    what: "An amount of more than twelve digits is refused, with the largest that is accepted.",
    source: "IEEE 754: 15 significant decimal digits survive double precision",
  },
  {
    id: "money.currencies",
    what: "Currencies are the active codes of ISO 4217, in upper case, each with the decimals that the standard gives it.",
    source: "ISO 4217",
  },
  {
    id: "expense.date",
    what: "A date is a day of this century that exists, as YYYY-MM-DD; any other is refused with what to correct.",
    source: "RFC 3339 section 5.6, full-date",
  },
  {
    id: "expense.description",
    what: "A description is one trimmed line of 1 to 500 characters: control characters are refused, and what nobody sees, such as marks that reorder text, is left out before it is stored.",
    source: "Unicode Technical Report 36, section 2.8",
  },
  {
    id: "expense.described-for-models",
    what: "Every field of the tools' input has a type and a description that a model can work with.",
    source: "https://modelcontextprotocol.io/specification/2026-07-28/server/tools",
  },
  {
    id: "expenses.stored",
    what: "An added expense is listed exactly as it was added.",
    source: "src/expenses/store.ts",
  },
  {
    id: "expenses.isolated",
    what: "A person reaches their own expenses alone, whatever ids, keys and texts others use.",
    source: "docs/security.md, Threat model",
  },
  {
    id: "expenses.partition-stated",
    what: "Every read, write and query of one person's expenses states their partition, and every query filters on it as well.",
    source: "https://learn.microsoft.com/azure/cosmos-db/how-to-query-container",
  },
  {
    id: "expenses.newest-first",
    what: "Expenses are listed newest first, by date and within a day by when they were added.",
    source: "src/expenses/store.ts",
  },
  {
    id: "expenses.pages",
    what: "Pages neither lose nor repeat an expense while others are added.",
    source: "src/expenses/store.ts",
  },
  {
    id: "expenses.filters",
    what: "Expenses are filtered by date range, category, payment method and text, in any combination, on every page.",
    source: "docs/tools.md",
  },
  {
    id: "expenses.text-literal",
    what: "The text to find is taken literally; nothing in it is read as a pattern or as SQL.",
    source: "https://learn.microsoft.com/azure/cosmos-db/nosql/query/parameterized-queries",
  },
  {
    id: "expenses.text-case",
    what: "The text to find is found in any case and in any script.",
    source: "docs/tools.md",
  },
  {
    id: "expenses.idempotent",
    what: "Adding with the same idempotency key again stores nothing new and gives back what is stored, however many do so at once.",
    source: "src/expenses/store.ts",
  },
  {
    id: "expenses.idempotent-differs",
    what: "Adding something else with a used idempotency key stores nothing and says that it differs from what is stored.",
    source: "src/expenses/store.ts",
  },
  {
    id: "expenses.deleted",
    what: "Deleting removes the one expense of the one person, and only where it is still the one that is meant, and gives back what it was; of several that delete it at once, one does.",
    source: "src/expenses/store.ts",
  },
  {
    id: "expenses.deleted-key",
    what: "The idempotency key of a deleted expense may be used anew.",
    source: "src/expenses/store.ts",
  },
  {
    id: "expenses.statistics",
    what: "Statistics add up everyone's expenses exactly, per currency and category, within a range of dates.",
    source: "docs/tools.md",
  },
  {
    id: "expenses.statistics-exact",
    what: "Sums are added as whole numbers of any size and shown exactly, as text where a number would round them.",
    source: "docs/decisions/statistics-by-counting.md",
  },
  {
    id: "expenses.statistics-budget",
    what: "A question for statistics costs one query over at most 50,000 expenses, whatever others have stored; where there are more, the newest are counted and the answer says so.",
    source: "docs/decisions/statistics-by-counting.md",
  },
  {
    id: "expenses.read-as-written",
    what: "What was accepted once is read for good and as it was written, whatever lists of currencies, categories and rules of text have become; amounts keep their decimals.",
    source: "src/expenses/stored-expense.ts",
  },
  {
    id: "expenses.unreadable",
    what: "A stored item that is no expense as this version knows it is named as such, hides no other in lists and statistics, and can be deleted.",
    source: "src/expenses/store.ts",
  },
  {
    id: "expenses.store-failures",
    what: "Throttling, outages and cancelled calls of the database are told apart, and nothing of the database's own words gets out.",
    source: "https://learn.microsoft.com/rest/api/cosmos-db/http-status-codes-for-cosmosdb",
  },
  {
    id: "expenses.container-definition",
    what: "The one container definition partitions by person and indexes exactly what the queries use.",
    source: "https://learn.microsoft.com/azure/cosmos-db/index-policy",
  },
  {
    id: "tools.add",
    what: "`add_user_expense` records an expense of the caller, in the server's default currency unless one is given, and shows it.",
    source: "docs/tools.md",
  },
  {
    id: "tools.add-refuses",
    what: "What is wrong with an expense is a tool error that says what to correct, and nothing is stored.",
    source: "docs/tools.md",
  },
  {
    id: "tools.add-idempotent",
    what: "A repetition under the same idempotency key stores once and says so; one that differs is refused and shows what is recorded.",
    source: "docs/tools.md",
  },
  {
    id: "tools.list",
    what: "`get_user_expenses` lists the caller's own expenses, newest first, by date range, category, payment method and text, in pages.",
    source: "docs/tools.md",
  },
  {
    id: "tools.list-keys-out",
    what: "Without the keys that sign cursors, `get_user_expenses` shows a page nevertheless, and says that it cannot be continued.",
    source: "docs/architecture.md, Errors",
  },
  {
    id: "tools.list-refuses",
    what: "Filters that contradict each other and cursors that are not the caller's, altered or for other filters are tool errors that say what to do.",
    source: "docs/tools.md",
  },
  {
    id: "tools.delete",
    what: "`delete_user_expense` deletes an expense of the caller's own once it is approved, and shows it; an unknown id and another person's have the same answer.",
    source: "docs/approvals.md, `delete_user_expense`",
  },
  {
    id: "tools.statistics",
    what: "`get_expense_stats` counts and adds up everyone's expenses exactly, per currency and category.",
    source: "docs/tools.md",
  },
] as const satisfies readonly Requirement[];
