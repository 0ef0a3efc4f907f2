import type { Requirement } from "./requirement.ts";

export const securityRequirements = [
  {
    id: "fuzz.robust",
    what: "Random HTTP requests, JSON-RPC bodies and tokens meet no server error, no hang and no leak.",
    source: "design: limits",
  },
  {
    id: "static.forbidden",
    what: "Deployed code holds no exception text, no addresses from request headers, no output past the structured log, no settings past the configuration.",
    source: "design: error model",
  },
  {
    id: "static.licences",
    what: "What ships is under permissive licences.",
    source: "design: LICENSE",
  },
] as const satisfies readonly Requirement[];
