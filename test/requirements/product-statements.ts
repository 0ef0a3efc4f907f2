import type { Requirements } from "./requirement.ts";

export const productStatementsRequirements = {
  "src/expenses/exports/csv.ts": {
    "csv.read":
      "CSV is read as RFC 4180 has it: quoted cells with delimiters, quotes and line breaks in them, either kind of line end.",
    "csv.formulas":
      "CSV that leaves the server has no text cell that a spreadsheet takes for a formula, and no number that was changed; what was put before a text is taken away when it comes back.",
  },
  "src/expenses/statements/statement.ts": {
    "statement.formats":
      "A statement is read as a table with commas, semicolons or tabs, as lines of date, words and amount, or as rows of named members, with the columns' names as banks write them.",
    "statement.in-doubt":
      "What can be read in more than one way (order of the date, mark of decimals, meaning of the sign, currency) is never guessed: the line is in doubt, with the argument that decides it, and where every line is clear no argument is needed.",
    "statement.nothing-dropped":
      "Every line of a statement is either read or in doubt, and what was left unread, such as a column, is named.",
  },
  "src/expenses/import-user-expenses.ts": {
    "import.two-steps":
      "`import_user_expenses` first checks a statement and stores nothing: it shows count, sums, the first lines, likely duplicates and lines in doubt, and answers with a short id; the second call names the id and what to leave out.",
    "import.refuses":
      "An import that is unknown, another person's, or older than an hour, a line that it does not have, arguments of both steps at once, and more lines than are taken are refused with what to do.",
    "import.rows": "Programs import up to 5,000 rows at once, and a chat up to 200 pasted lines.",
    "import.duplicates":
      "Lines that look like an expense stored before (same day, amount and currency, a word in common) are shown, each stored expense with one line alone, and so are lines that say the same.",
    "import.keys":
      "Equal lines stay as many as they are, and a second try of the same statement stores nothing new.",
    "import.resumes":
      "An import is paced, stops by itself well before the time limit, says how to go on, and goes on where it stopped, with what was left out left out.",
    "import.failures":
      "Where the database or the storage fails at any step, or the process ends, what was acknowledged is stored, and a repetition finishes the import without doubling a line.",
    "import.progress": "An import tells how many of its lines are passed.",
  },
  "src/expenses/export-user-data.ts": {
    "export.months":
      "`export_user_data` names a resource per month as CSV and as JSON, with count and exact sums, the newest months, at most twelve, each by itself and the others in one line, and has the CSV itself where it is under 200 rows.",
    "export.complete":
      "Every expense can be exported: a month with more than a file holds has parts, of which each is named, and beyond what is counted at once the answer says where to go on.",
    "export.round-trip":
      "What is exported, as CSV or as JSON, is imported unchanged and without any argument, refunds, equal rows and what looks like a formula included.",
  },
  "src/expenses/expense-resources.ts": {
    "resources.expense":
      "One's profile (`expenses://me/profile`), one's own expense (`expenses://me/expenses/{id}`) and the months as CSV (`expenses://me/months/{month}/{category}.csv`) and as JSON (`expenses://me/months/{month}/{category}.json`) can be read as resources; months and categories are completed.",
    "resources.refuses":
      "What is no month, no category, no part, or nobody's or another person's expense cannot be read, and a month that is too large says how to read it in parts.",
  },
  "src/expenses/expense-prompts.ts": {
    "prompts.expenses":
      "The prompts `monthly_report`, `categorise_statement` and `reimbursement_claim` tell the model which tools to call, complete months and categories, and quote what people enter.",
  },
} satisfies Requirements;
