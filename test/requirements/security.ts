import type { Requirement } from "./requirement.ts";

export const securityRequirements = [
  {
    id: "fuzz.robust",
    what: "Random HTTP requests, JSON-RPC bodies and tokens meet no server error, no hang and no leak.",
    source: "docs/security.md, Limits",
  },
  {
    id: "static.forbidden",
    what: "Deployed code holds no exception text, no token or personal data in a log line, no address or URL from request headers, no output past the structured log, no settings past the configuration.",
    source: "docs/security.md, Threat model",
  },
  {
    id: "static.linear-expressions",
    what: "No regular expression of the server, or of the programs that look from outside, takes more than linear time, whatever it is given.",
    source: "https://owasp.org/www-community/attacks/Regular_expression_Denial_of_Service_-_ReDoS",
  },
  {
    id: "static.promises",
    what: "The linter, which every test run begins with, refuses a promise that nobody waits for.",
    source: "https://biomejs.dev/linter/rules/no-floating-promises/",
  },
  {
    id: "static.dependencies",
    what: "Deployed code uses no package that is not declared as shipped.",
    source: "https://docs.npmjs.com/cli/configuring-npm/package-json#dependencies",
  },
  {
    id: "static.licences",
    what: "What ships is under permissive licences.",
    source: "LICENSE",
  },
  {
    id: "secrets.contained",
    what: "Marked secrets thrown or held by every layer appear neither in answers nor in logs.",
    source: "docs/security.md",
  },
  {
    id: "audit.late",
    what: "What happens once a response has begun, such as the further calls of a batch, is logged too, with the invocation's id.",
    source:
      "https://learn.microsoft.com/azure/azure-functions/functions-reference-node#use-async-and-await",
  },
  {
    id: "audit.events",
    what: "A request leaves one event for its authentication and one for each tool call, step-up or approval, with who, which client, outcome and reason, and without token or arguments.",
    source: "docs/audit.md",
  },
  {
    id: "audit.not-sampled",
    what: "Application Insights keeps every log line, audit events among them: sampling exempts them.",
    source:
      "https://learn.microsoft.com/azure/azure-functions/configure-monitoring#configure-sampling",
  },
  {
    id: "audit.schema",
    what: "The audit events' schema is documented and changes only on purpose.",
    source: "docs/audit.md",
  },
] as const satisfies readonly Requirement[];
