import type { Requirements } from "./requirement.ts";

export const handlesRequirements = {
  "src/mcp/approvals/handles.ts": {
    "approval.short":
      "A confirmation or request state has 90 characters, whatever the call's arguments and what is shown.",
    "approval.earlier-version":
      "An approval that the version before handles gave out is answered with words that say to start again, and with no protocol error.",
  },
  "src/storage/cursor.ts": {
    "cursor.short":
      "A cursor has fewer than 100 characters, with up to twelve filters and whatever they are.",
  },
  "src/mcp/approvals/ledger.ts": {
    "approval.forgotten":
      "That an approval was used is forgotten once it has expired on every clock, by the server's own upkeep, on the laptop as in Azure.",
  },
} satisfies Requirements;
