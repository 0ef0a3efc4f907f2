import type { Requirement } from "./requirement.ts";

export const commandsRequirements = [
  {
    id: "commands.help",
    what: "Every command for people has --help, which says how it is used.",
    source: "README.md, Commands",
  },
  {
    id: "commands.unknown",
    what: "Every command refuses options and arguments that it does not know, in words and with a non-zero exit, and does nothing then.",
    source: "README.md, Commands",
  },
  {
    id: "commands.fuzz",
    what: "`npm run fuzz` runs as many cases as it is asked for, and fails where it did not.",
    source: "README.md, Commands",
  },
  {
    id: "install.light",
    what: "Packages that libraries ask for and nothing here runs are not installed; using one after all fails with an error that says so.",
    source: "scripts/not-installed/index.js",
  },
  {
    id: "install.lock",
    what: "The lock file has no package that nobody asks for, which `npm install` would remove.",
    source: "package-lock.json",
  },
] as const satisfies readonly Requirement[];
