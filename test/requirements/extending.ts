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
  {
    id: "new-tool.complete",
    what: "`npm run new-tool -- NAME` adds a tool with its test and its requirement to the domain that is served, wherever its folder is; types, lint, its test and the checks on tools then pass without a further edit.",
    source: "docs/tools.md",
  },
  {
    id: "new-tool.refuses",
    what: "`npm run new-tool` refuses a name that is malformed or taken, arguments that it does not know, and a domain in which it finds no list of tools; it says why, and writes nothing.",
    source: "docs/tools.md",
  },
] as const satisfies readonly Requirement[];
