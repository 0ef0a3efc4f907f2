import type { Requirements } from "./requirement.ts";

export const floorRequirements = {
  "https://modelcontextprotocol.io/specification/2026-07-28/server/resources": {
    "offers.resources":
      "Clients of both eras list a domain's resources and its templates, and read them, as text or as bytes, with their media types, sizes and `_meta`; the lists hold nothing of a person, and say as the tools' do that they are the caller's own.",
    "offers.unknown":
      "A resource that there is not, by its template or by what a domain says of it, is the protocol's error for that, with the URI; a prompt that there is not is one too.",
    "offers.step-up":
      "A resource or a prompt that needs a further scope is answered with 403 and all scopes to ask for.",
  },
  "https://modelcontextprotocol.io/specification/2026-07-28/server/prompts": {
    "offers.prompts":
      "Clients of both eras list a domain's prompts with their arguments, and get their messages; of wrong arguments they are told all that is wrong, and an empty one that is optional counts as left out.",
  },
  "https://modelcontextprotocol.io/specification/2026-07-28/server/utilities/completion": {
    "offers.completion":
      "Variables of a template and arguments of a prompt are completed by what the caller may choose, at most a hundred values, whatever the case of what was begun.",
  },
  "docs/extending.md, A resource": {
    "offers.policy":
      "A resource, a prompt and the completion of either are for those alone whom their policy allows, as tools are; the lists leave out what is not for the caller.",
    "offers.failure":
      "Of an expected failure of a resource or a prompt the client reads the words that were written for it, and of anything else that goes wrong words of the server's own, in the time of the request; the audit log has an event of its own for each.",
    "offers.sign-in":
      "Where a resource or a prompt demands a new sign-in, the client is challenged as by a tool.",
    "offers.size":
      "Contents of more than 256 KiB, or than a definition allows, are an error that says so, in a batch too.",
    "offers.batch-in-turn":
      "Reads, prompts and completions of a batch are served one after another, together with its calls, as far as its answers are not too large already.",
    "offers.isolation":
      "A resource and a prompt are of the caller, whatever the URI says; no answer reaches another request.",
    "offers.names": "Two resources or prompts of one name, or one URI, are refused at the start.",
    "offers.complete":
      "One check names what a resource or a prompt lacks: a requirement, a test that cites it, an entry in the snapshot, a description of each argument.",
    "offers.definitions":
      "What clients see of resources, templates and prompts is as the snapshot beside the tools' says, and changes on purpose alone.",
  },
  "docs/extending.md, A tool": {
    "tool.quotes":
      "What people entered stands in a tool's text, a question or a failure between delimiters that are new for each answer and that no text can contain; one line says what they mean. Structured content has the exact values, and `free_text` names the fields.",
    "tool.links":
      "Resources that a result leads to are links of their own, and their URIs stand in the text once.",
    "tool.meta": "A tool's `_meta` stands in the list of tools.",
    "tool.progress":
      "A client of either era that asks for it is told of progress before the result: growing, at most four times a second, and the end of it; another is told nothing.",
    "tool.sizes":
      "The definitions of all tools have fewer than 13,000 characters without output schemas, and their output schemas fewer than 18,000, as a client sees them.",
  },
  "src/mcp/server.ts": {
    "mcp.today": "The server's instructions end with the day of the request, in UTC.",
  },
} as const satisfies Requirements;
