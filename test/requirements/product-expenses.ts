import type { Requirements } from "./requirement.ts";

export const productExpensesRequirements = {
  "src/expenses/store/store.ts": {
    "expenses.orders":
      "Expenses are listed by date, by amount within a currency, or by when they were added, and pages of each order neither lose nor repeat one.",
    "expenses.updated":
      "An update changes what it names and nothing else, only where the expense is still as it was read; of several at once, one does.",
    "expenses.update-repeated": "The same update repeated succeeds and changes nothing more.",
    "expenses.update-lost":
      "An update of what has changed meanwhile is refused, with the names of the fields that have changed and the expense as it is now.",
    "expenses.versions":
      "A version never recurs, not even where an expense is deleted and added again under the same key.",
    "expenses.added-then-changed":
      "An add that is repeated after the expense was changed succeeds, stores nothing, and says that it was changed.",
    "expenses.receipts-changed":
      "Receipts of an expense are replaced whatever else changes meanwhile, and no change is lost.",
    "expenses.figures":
      "What sums need is read of all that match, up to 20,000, beyond which the answer says back to which day.",
    "expenses.cut-off":
      "Wherever a process ends while an expense is added, changed or deleted, what was acknowledged is so, what may be so is said not to be known, and a repetition finishes.",
    "expenses.any-sequence":
      "Whatever several people add, change, refund and delete at once, each one's lists, pages and sums agree with what was acknowledged.",
  },
  "src/expenses/store/position.ts": {
    "expenses.position-short": "Where a page ended is told in at most 24 bytes, exactly.",
  },
  "src/expenses/expense-filters.ts": {
    "expenses.filters-amounts":
      "Amounts are compared as decimals, whatever decimals they were stored with, or none, in one currency or in every one.",
    "expenses.filters-words":
      "Of the words to find, each is part of the description or, if it is a number, is the amount.",
    "expenses.filters-texts": "Filters that mean the same are the same text, and others are not.",
  },
  "src/expenses/store/stored-expense.ts": {
    "expenses.older-version":
      "What the server's first version stored is read, filtered, added up and changed, and what this version stores the first version reads.",
    "expenses.unknown-kept":
      "What another version of the server has stored beside stays when an expense is changed.",
  },
  "docs/tools.md": {
    "tools.refund":
      "A refund is an expense that is marked as one, with a positive amount, and is stored as every expense is.",
    "tools.receipts-shown":
      "Receipts of listed and changed expenses are links, and their URIs stand in the text once and in a field.",
    "tools.instructions":
      "The instructions name the default currency and what each of the tools is for.",
    "tools.totals":
      "The first page of a list has the count and the exact sums per currency of all that match.",
    "tools.update":
      "`update_user_expense` changes one's own expense from the version that was shown, and says what to correct.",
    "tools.add-changed":
      "`add_user_expense` repeated under a key says that the expense has been changed since, and shows it.",
    "tools.delete-words":
      "The question before a deletion says date, amount, description, category, method, refund and receipts in a person's words, without ids.",
    "tools.delete-receipts": "Once an expense is deleted, and not before, its receipts are.",
    "tools.short":
      "No answer but a list that was asked for is longer than 4,000 characters, as text or as structured content, however long the descriptions.",
    "tools.find-filters":
      "`get_user_expenses` takes several categories and methods, a currency, amounts, and words with amounts.",
  },
} satisfies Requirements;
