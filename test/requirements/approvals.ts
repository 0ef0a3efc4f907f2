import type { Requirements } from "./requirement.ts";

export const approvalsRequirements = {
  "https://modelcontextprotocol.io/specification/2026-07-28/client/elicitation": {
    "approval.question":
      "Where the client can put a question to the person, a call that needs approval asks them first, in words that say what would be done to what, and is carried out after their yes.",
    "approval.declined":
      "Where the person declines or closes the question, nothing is done and the result says so; no later answer changes that.",
  },
  "docs/approvals.md": {
    "approval.confirmation":
      "Where the client cannot put a question, in any revision, the first call answers what would be done and a confirmation, and a second call with it is carried out.",
    "approval.shown":
      "Where what a call would change is no longer what was shown, the call is refused.",
    "approval.plain":
      "The question and the preview show plainly what is there: what nobody sees of it is written out, such as `\\u{200B}`.",
    "approval.once": "An approval is good once, however many calls bring it at the same time.",
    "approval.instances":
      "An approval that one instance gave out is accepted, and used up, by any other.",
    "approval.ways-apart": "Neither way of approving accepts what was given out for the other.",
    "approval.strict":
      "With APPROVALS=strict a client that cannot put a question is told so, and neither gets nor can use a confirmation.",
    "approval.policy":
      "Whether the caller may call the tool at all is judged on each call, before anything is shown.",
    "approval.equipped":
      "A server whose tools need approval cannot be put together without the means to give it.",
    "approval.system":
      "On the whole system, whatever domain it serves, a person has a call carried out on what is their own by either way of approving.",
  },
  "https://modelcontextprotocol.io/specification/2026-07-28/basic/patterns/mrtr": {
    "approval.bound":
      "An approval is good for one tenant, person, client application, tool and set of arguments, in whatever order those stand; with any other it is refused for a reason of its own.",
    "approval.expires": "An approval is refused ten minutes after it was given out.",
    "approval.altered":
      "What is not, character by character, what the server signed is refused: a confirmation with words for the model, request state with the protocol's own error.",
  },
  "docs/architecture.md, Errors": {
    "approval.failures":
      "Where what would be changed, the keys or the record of used approvals cannot be read, nothing is done and the answer says so in plain words; a claims challenge is passed on.",
  },
  "docs/audit.md": {
    "approval.unlogged": "No line of the log holds a confirmation, request state or argument.",
  },
  "https://learn.microsoft.com/rest/api/storageservices/specifying-conditional-headers-for-blob-service-operations":
    {
      "approval.ledger":
        "In Blob Storage each used approval is written once, so that all instances know it; an outage fails closed.",
    },
} satisfies Requirements;
