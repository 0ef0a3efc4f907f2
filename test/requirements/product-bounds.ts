import type { Requirements } from "./requirement.ts";

/** What keeps one caller's message from costing more than it is counted for. */
export const boundsRequirements = {
  "docs/security.md, Limits": {
    "tool.progress-bounded":
      "Progress is told to no client whose token for it has more than 256 characters, since each notification repeats it.",
    "offers.long-uri":
      "A URI of more than 1,000 characters names no resource: it is refused as one that there is not, by itself, and is not told back.",
    "import.at-once":
      "On an instance one import of a person is added at a time, at the pace of one; another call is told to wait, and what it leaves out is left out from then on.",
    "import.kept-bounded":
      "Of one person ten checked statements are kept; a further one takes the place of the oldest.",
    "import.comparison-bounded":
      "To compare 5,000 lines with the stored expenses that are like them takes time in proportion to their words.",
  },
  "src/storage/user-items.ts": {
    "storage.queries-in-turn":
      "On an instance the queries of one person run one after the other: however many sums they ask for at once, most of the database is left to others.",
  },
  "src/expenses/summary/summary.ts": {
    "summary.bounded":
      "A summary by days of a century, in every currency, makes little more than what an answer has room for.",
  },
  "src/expenses/expense-resources.ts": {
    "resources.plain":
      "What people entered stands in the resources as in the tools' answers: on one line, and without what cannot be seen.",
  },
  "src/expenses/statements/import-run.ts": {
    "import.erased":
      "An import that is under way adds nothing more, and keeps nothing, once everything of its person has been deleted.",
    "import.left-out":
      "A line that any call has left out of an import stays out, whichever instance goes on with it.",
  },
} satisfies Requirements;
