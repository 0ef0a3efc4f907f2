import type { Requirement } from "./requirement.ts";

export const commandsRequirements = [
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
