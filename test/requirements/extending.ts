import type { Requirements } from "./requirement.ts";

export const extendingRequirements = {
  "docs/extending.md, A tool": {
    "tools.definitions":
      "The tools of a domain keep their names, words, schemas and annotations, at most 15 of them, unless the snapshot is changed on purpose.",
    "tools.complete":
      "Each tool has a requirement that names it, a test that cites it, an entry in the snapshot, annotations, a description of every field, and a row in docs/tools.md; what one lacks is named with how to add it.",
    "new-tool.complete":
      "`npm run new-tool -- NAME` adds a tool with its test and its requirement to the domain that is served, wherever its folder is; types, lint, its test and the checks on tools then pass without a further edit.",
    "new-tool.refuses":
      "`npm run new-tool` refuses a name that is malformed or taken, arguments that it does not know, and a domain in which it finds no list of tools; it says why, and writes nothing.",
  },
  "docs/extending.md": {
    "docs.extending":
      "Every piece of code on docs/extending.md stands word for word in the source, or in a file that is compiled and run by a test.",
  },
  "docs/extending.md, A tool; docs/extending.md, A container": {
    "extending.tool":
      "A tool and a container as on docs/extending.md show each person their own data, fail in words, and lack nothing.",
  },
  "docs/extending.md, A resource; docs/extending.md, A prompt": {
    "extending.offers":
      "A resource and a prompt as on docs/extending.md are of their caller alone, are completed, quote what people entered, and lack nothing.",
  },
  "docs/extending.md, An API on the caller's behalf": {
    "extending.api":
      "An API as on docs/extending.md is asked with a token that was exchanged for it, and its failures reach the model in words that name it.",
  },
  "docs/extending.md, A domain; docs/extending.md, A setting of the domain": {
    "extending.domain":
      "A domain with a setting as on docs/extending.md is what the build writes of it, and a malformed setting is named at start.",
  },
  "docs/extending.md, A gate": {
    "extending.gate":
      "A gate as on docs/extending.md refuses in its place in the list, with a plain answer and a line in the log.",
  },
} satisfies Requirements;
