import type { Requirement } from "./requirement.ts";

const specification = "https://modelcontextprotocol.io/specification/2026-07-28";
const mrtr = `${specification}/basic/patterns/mrtr`;
const page = "docs/approvals.md";

export const approvalsRequirements = [
  {
    id: "approval.question",
    what: "Where the client can put a question to the person, a call that needs approval asks them first, in words that say what would be done to what, and is carried out after their yes.",
    source: `${specification}/client/elicitation`,
  },
  {
    id: "approval.declined",
    what: "Where the person declines or closes the question, nothing is done and the result says so; no later answer changes that.",
    source: `${specification}/client/elicitation`,
  },
  {
    id: "approval.confirmation",
    what: "Where the client cannot put a question, in any revision, the first call answers what would be done and a confirmation, and a second call with it is carried out.",
    source: page,
  },
  {
    id: "approval.bound",
    what: "An approval is good for one tenant, person, client application, tool and set of arguments, in whatever order those stand; with any other it is refused for a reason of its own.",
    source: mrtr,
  },
  {
    id: "approval.shown",
    what: "Where what a call would change is no longer what was shown, the call is refused.",
    source: page,
  },
  {
    id: "approval.plain",
    what: "The question and the preview show plainly what is there: what nobody sees of it is written out, such as `\\u{200B}`.",
    source: page,
  },
  {
    id: "approval.once",
    what: "An approval is good once, however many calls bring it at the same time.",
    source: page,
  },
  {
    id: "approval.instances",
    what: "An approval that one instance gave out is accepted, and used up, by any other.",
    source: page,
  },
  {
    id: "approval.expires",
    what: "An approval is refused ten minutes after it was given out.",
    source: mrtr,
  },
  {
    id: "approval.altered",
    what: "What is not, character by character, what the server signed is refused: a confirmation with words for the model, request state with the protocol's own error.",
    source: mrtr,
  },
  {
    id: "approval.ways-apart",
    what: "Neither way of approving accepts what was given out for the other.",
    source: page,
  },
  {
    id: "approval.strict",
    what: "With APPROVALS=strict a client that cannot put a question is told so, and neither gets nor can use a confirmation.",
    source: page,
  },
  {
    id: "approval.policy",
    what: "Whether the caller may call the tool at all is judged on each call, before anything is shown.",
    source: page,
  },
  {
    id: "approval.failures",
    what: "Where what would be changed, the keys or the record of used approvals cannot be read, nothing is done and the answer says so in plain words; a claims challenge is passed on.",
    source: "docs/architecture.md, Errors",
  },
  {
    id: "approval.unlogged",
    what: "No line of the log holds a confirmation, request state or argument.",
    source: "docs/audit.md",
  },
  {
    id: "approval.equipped",
    what: "A server whose tools need approval cannot be put together without the means to give it.",
    source: page,
  },
  {
    id: "approval.ledger",
    what: "In Blob Storage each used approval is written once, so that all instances know it; an outage fails closed.",
    source:
      "https://learn.microsoft.com/rest/api/storageservices/specifying-conditional-headers-for-blob-service-operations",
  },
  {
    id: "approval.system",
    what: "On the whole system, whatever domain it serves, a person has a call carried out on what is their own by either way of approving.",
    source: page,
  },
] as const satisfies readonly Requirement[];
