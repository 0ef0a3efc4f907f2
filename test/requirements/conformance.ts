import type { Requirement } from "./requirement.ts";

const suite = "https://github.com/modelcontextprotocol/conformance";

export const conformanceRequirements = [
  {
    id: "conformance.2025-11-25",
    what: "With the conformance suite's fixtures mounted, the server passes every scenario that 2025-11-25 requires and a stateless server can pass.",
    source: suite,
  },
  {
    id: "conformance.2026-07-28",
    what: "With the conformance suite's fixtures mounted, the server passes every scenario that 2026-07-28 requires and a stateless server can pass.",
    source: suite,
  },
  {
    id: "conformance.application",
    what: "The application, as it is deployed, passes every scenario of the conformance suite that needs nothing that it does not offer.",
    source: suite,
  },
  {
    id: "conformance.gates",
    what: "The conformance suite reaches the server with an access token, through every gate, or not at all.",
    source: "docs/architecture.md, A request",
  },
] as const satisfies readonly Requirement[];
