import type { Requirements } from "./requirement.ts";

export const securityRequirements = {
  "docs/security.md, Limits": {
    "fuzz.robust":
      "Random HTTP requests, JSON-RPC bodies and tokens meet no server error, no hang and no leak.",
    "fuzz.cause": "The fuzzer's failure says what went wrong, with the request and the seed.",
  },
  "docs/security.md, Threat model": {
    "static.forbidden":
      "Deployed code holds no exception text, no token or personal data in a log line, no address or URL from request headers, no output past the structured log, no settings past the configuration.",
  },
  "https://owasp.org/www-community/attacks/Regular_expression_Denial_of_Service_-_ReDoS": {
    "static.linear-expressions":
      "No regular expression of the server, or of the programs that look from outside, takes more than linear time, whatever it is given.",
  },
  "https://biomejs.dev/linter/rules/no-floating-promises/": {
    "static.promises":
      "The linter, which every test run begins with, refuses a promise that nobody waits for.",
  },
  "https://docs.npmjs.com/cli/configuring-npm/package-json#dependencies": {
    "static.dependencies": "Deployed code uses no package that is not declared as shipped.",
  },
  LICENSE: {
    "static.licences": "What ships is under permissive licences.",
  },
  "docs/security.md": {
    "secrets.contained":
      "Marked secrets thrown or held by every layer appear neither in answers nor in logs.",
  },
  "https://learn.microsoft.com/azure/azure-functions/functions-reference-node#use-async-and-await":
    {
      "audit.late":
        "What happens once a response has begun, such as the further calls of a batch, is logged too, with the invocation's id.",
    },
  "docs/audit.md": {
    "audit.events":
      "A request leaves one event for its authentication and one for each tool call, step-up or approval, with who, which client, outcome and reason, and without token or arguments.",
    "audit.schema": "The audit events' schema is documented and changes only on purpose.",
  },
  "https://learn.microsoft.com/azure/azure-functions/configure-monitoring#configure-sampling": {
    "audit.not-sampled":
      "Application Insights keeps every log line, audit events among them: sampling exempts them.",
  },
} satisfies Requirements;
