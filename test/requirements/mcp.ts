import type { Requirements } from "./requirement.ts";

export const mcpRequirements = {
  "https://modelcontextprotocol.io/specification/2026-07-28/basic/versioning": {
    "mcp.both-eras":
      "Clients of the 2026-07-28 revision and of the legacy ones list and call the same tools at one endpoint.",
    "mcp.legacy-revisions":
      "Every legacy revision that the SDK serves is served, without a session.",
  },
  "RFC 9110 section 12.5.1": {
    "mcp.accept":
      "In both eras clients are served that accept anything, JSON alone or event streams alone; who takes JSON alone gets JSON, for batches and for tools that report progress too, and who takes neither type gets 406 in the legacy revisions.",
  },
  "https://modelcontextprotocol.io/specification/2026-07-28/server/utilities/caching": {
    "mcp.private-lists":
      "List results say that they are the caller's own and how long they may be kept.",
    "mcp.uncertain-lists":
      "A list from which a tool was left out because nobody could tell whether the caller may see it says that it must not be kept.",
  },
  "https://modelcontextprotocol.io/specification/2026-07-28/basic/patterns/subscriptions#acknowledgment":
    {
      "mcp.no-subscriptions":
        "A subscription is acknowledged as empty and ends at once, the official client does not listen again, and no capability offers change notifications, whatever a domain adds.",
    },
  "https://modelcontextprotocol.io/specification/2026-07-28/basic/transports": {
    "mcp.bad-requests": "Malformed requests get the protocol's own errors.",
  },
  "docs/security.md, Limits": {
    "mcp.own-words":
      "An error of the protocol is told by its code and a few words of the server's own: never the SDK's text or what a handler throws, which quote what came in at any length. What clients act on (versions, capabilities, the URI of a resource that there is not) stays, up to 1 KiB.",
    "mcp.result-size":
      "A result of more than 256 KiB, of a tool, a resource or a prompt, is an error that says how to ask for less; of a tool that writes, that it has been done.",
    "mcp.batch-in-turn":
      "The tool calls of a batch run one after another, and other requests in between; none begins once time is up or nobody reads the answer any more.",
    "mcp.batch-size":
      "Once the results of a batch are longer than 1 MiB, its further calls are not carried out, and each says to send it in another request.",
    "mcp.one-error-line":
      "What the protocol ignores of a request leaves one log line, however many messages the request has.",
  },
  "https://learn.microsoft.com/azure/azure-functions/functions-scale#timeout": {
    "mcp.time-limit":
      "Every request is answered within a minute, whatever a tool, a store or the protocol waits for.",
  },
  "docs/security.md, Threat model": {
    "mcp.isolation":
      "However requests of several callers interleave, no answer reaches another caller and none fails.",
    "tool.nothing-leaks":
      "What a tool throws, and an output that fails its schema, never reach the model or the log's text.",
    "tool.fails-closed":
      "Where it cannot be known whether a caller is an administrator, the list answers without the tool and the call is refused.",
  },
  "https://modelcontextprotocol.io/specification/2026-07-28/server/tools#error-handling": {
    "tool.input":
      "Arguments that fail validation are a tool error that names what to correct, all of it up to twenty mistakes.",
    "tool.lenient-input":
      "Null for an optional argument means that it is absent, a canonical numeral in text counts as the number, and one value where a list is asked as a list of one; what a schema takes as it is stays as it is.",
    "tool.unknown-arguments":
      "Arguments that a tool does not have are refused by name where it writes; where it only reads they are ignored, and the answer names them in text and structured content, without what nobody sees of a name. No input can be defined that drops any within an object.",
    "tool.failure": "An expected failure of a tool reaches the model in words written for it.",
  },
  "https://learn.microsoft.com/microsoft-copilot-studio/mcp-troubleshooting; https://ai.google.dev/api/caching#Schema":
    {
      "tools.portable-schemas":
        "The schemas of tools, inputs and outputs, use only keywords that Gemini, OpenAI and Copilot Studio take, one type each; limits stand in the descriptions.",
    },
  "docs/extending.md, A tool": {
    "tool.unknown-outcome":
      "A call of a tool that writes, whose outcome is not known because time was up, an answer was lost or the code failed after it had begun, says so and what to do, and is audited as `unknown`; one that has not begun says that nothing was done.",
  },
  "Unicode TR 36 section 2.8": {
    "tool.plain":
      "What a tool shows is on one line and without what cannot be seen: no text from a store or directory can pass for another line, reorder what is around it, or hide from the person.",
  },
  "docs/architecture.md, A request": {
    "tool.policy":
      "A tool is listed for, and may be called by, only those whose scopes, roles or membership its policy asks for.",
  },
  "https://modelcontextprotocol.io/specification/2026-07-28/basic/authorization#scope-challenge-handling":
    {
      "tool.step-up":
        "A call of a tool that needs a further scope is answered 403 `insufficient_scope` with all scopes that the next token needs.",
    },
  "RFC 3339 section 5.6, full-date": {
    "fields.date":
      "A date in a tool's input is a day of this century that exists, as YYYY-MM-DD; any other is refused with what to correct.",
  },
  "IEEE 754: 15 significant decimal digits survive double precision": {
    "decimal.exact":
      "A decimal in a tool's input is a number or the same as text, and is judged as it is written: one of more than 15 digits, which a double would round, is refused in words, and is neither text nor the id of a request.",
  },
  "Unicode TR 36 section 2.8, UTS 51, UTS 37, UAX 31 section 2.3": {
    "fields.line":
      "A line of text in a tool's input is trimmed and has a largest length: control characters are refused, and what nobody sees is left out, but where Unicode says that it belongs: in emoji and ideographic variation sequences, and in scripts that join.",
  },
  "src/mcp/fields.ts": {
    "fields.line-once":
      "What was cleaned stays the same when it is cleaned again, so a repeated call compares equal to what it stored.",
  },
} satisfies Requirements;
