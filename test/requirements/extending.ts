import type { Requirement } from "./requirement.ts";

export const extendingRequirements = [
  {
    id: "tools.definitions",
    what: "Tools keep their names, words, schemas and annotations, at most 15 of them, unless the snapshot is changed on purpose.",
    source: "docs/tools.md",
  },
  {
    id: "tools.complete",
    what: "Each tool has a requirement that names it, a test that cites it, an entry in the snapshot, annotations, a description of every field, and a row in docs/tools.md; what one lacks is named with how to add it.",
    source: "CONTRIBUTING.md, What we ask of a change",
  },
] as const satisfies readonly Requirement[];
