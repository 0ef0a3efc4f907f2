import type { Requirement } from "./requirement.ts";

export const securityRequirements = [
  {
    id: "fuzz.robust",
    what: "Random HTTP requests, JSON-RPC bodies and tokens meet no server error, no hang and no leak.",
    source: "design: limits",
  },
] as const satisfies readonly Requirement[];
