import type { Requirements } from "./requirement.ts";

export const conformanceRequirements = {
  "https://github.com/modelcontextprotocol/conformance": {
    "conformance.2025-11-25":
      "With the conformance suite's fixtures mounted, the server passes every scenario that 2025-11-25 requires and a stateless server can pass.",
    "conformance.2026-07-28":
      "With the conformance suite's fixtures mounted, the server passes every scenario that 2026-07-28 requires and a stateless server can pass.",
    "conformance.application":
      "The application, as it is deployed, passes every scenario of the conformance suite that needs nothing that it does not offer.",
    "conformance.authorization":
      "The gateway passes every check of the conformance suite's scenarios for authorization servers, in each version of the protocol that the suite knows, in a browser too; none is skipped, and none warns.",
  },
  "docs/conformance.md, The gateway, as an authorization server": {
    "conformance.client-expectations":
      "Of every scenario on authorization that the suite has for clients the documentation says what follows for the gateway, and by which requirements it is shown.",
  },
  "docs/architecture.md, A request": {
    "conformance.gates":
      "The conformance suite reaches the server with an access token, through every gate, or not at all.",
  },
} satisfies Requirements;
