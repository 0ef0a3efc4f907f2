import type { Requirements } from "./requirement.ts";

export const erasureRequirements = {
  "docs/extending.md, Upkeep": {
    "upkeep.run":
      "What a domain has to do now and then is done by a timer; a piece that fails, or takes too long, is logged and keeps no other from running.",
  },
  "src/expenses/erasure/erasure.ts": {
    "erasure.all":
      "An erasure deletes everything of a person: expenses, receipts, uploads, kept statements. Then the person can begin anew.",
    "erasure.hides":
      "From its begin an erasure hides everything from every read, and what would add or change something is refused in words.",
    "erasure.two-people":
      "An erasure of one person touches nothing of another, however alike their ids.",
    "erasure.old-version":
      "The record of an erasure is no expense to the version before, which may serve beside this one.",
    "erasure.resumed":
      "An erasure that is cut off at any step is finished by upkeep or by any later call of the person, and nothing comes back.",
    "erasure.at-once":
      "Several erasures and additions at once leave nothing of what was there before, and nothing that was refused; what was added afterwards stays.",
    "erasure.tool":
      "`delete_user_data` asks first, in a person's words, deletes everything of the caller, and answers what was deleted and what remains until when.",
    "erasure.connections":
      "An erasure ends the connections of the person's clients too, asks first and says so; where they cannot be ended now, it is not over, and is tried again.",
    "erasure.remains":
      "How long backups, deleted files and logs are said to remain is what the templates set.",
    "erasure.by-hand":
      "Whoever may write to the database begins an erasure for somebody who cannot sign in, with one item.",
    "erasure.cost":
      "That data can be erased costs every other call one point read, however much is stored.",
    "erasure.audited": "The begin and the end of an erasure are events of the audit log.",
  },
} satisfies Requirements;
