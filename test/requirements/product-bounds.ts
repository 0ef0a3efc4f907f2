import type { Requirements } from "./requirement.ts";

/** What keeps one caller's message from costing more than it is counted for. */
export const boundsRequirements = {
  "docs/security.md, Limits": {
    "tool.progress-bounded":
      "Progress is told to no client whose token for it has more than 256 characters, since each notification repeats it.",
    "offers.long-uri":
      "A URI of more than 1,000 characters names no resource: it is refused as one that there is not, by itself, and is not told back.",
    "import.comparison-bounded":
      "To compare 5,000 lines with the stored expenses that are like them takes time in proportion to their words.",
  },
} satisfies Requirements;
