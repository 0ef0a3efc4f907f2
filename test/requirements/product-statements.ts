import type { Requirements } from "./requirement.ts";

export const productStatementsRequirements = {
  "src/expenses/csv.ts": {
    "csv.read":
      "CSV is read as RFC 4180 has it: quoted cells with delimiters, quotes and line breaks in them, either kind of line end.",
    "csv.formulas":
      "CSV that leaves the server has no text cell that a spreadsheet takes for a formula, and no number that was changed; what was put before a text is taken away when it comes back.",
  },
  "src/expenses/statement.ts": {
    "statement.formats":
      "A statement is read as a table with commas, semicolons or tabs, as lines of date, words and amount, or as rows of named members, with the columns' names as banks write them.",
    "statement.in-doubt":
      "What can be read in more than one way (order of the date, mark of decimals, meaning of the sign, currency) is never guessed: the line is in doubt, with the argument that decides it, and where every line is clear no argument is needed.",
    "statement.nothing-dropped":
      "Every line of a statement is either read or in doubt, and what was left unread, such as a column, is named.",
  },
} satisfies Requirements;
