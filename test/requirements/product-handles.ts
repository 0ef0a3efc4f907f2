import type { Requirements } from "./requirement.ts";

export const handlesRequirements = {
  "src/mcp/approvals/ledger.ts": {
    "approval.forgotten":
      "That an approval was used is forgotten once it has expired on every clock, by the server's own upkeep, on the laptop as in Azure.",
  },
} satisfies Requirements;
