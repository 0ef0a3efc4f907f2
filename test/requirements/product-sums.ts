import type { Requirements } from "./requirement.ts";

export const productSumsRequirements = {
  "src/expenses/sums.ts": {
    "sums.exact":
      "Sums are added as whole numbers of any size, for each currency by itself, whatever decimals the amounts were stored with.",
    "sums.refunds":
      "Refunds are summed apart from what was spent, and the net is shown where there are any.",
    "sums.shown-exactly":
      "A sum is shown with all its digits, as text where a number would round it.",
  },
} satisfies Requirements;
