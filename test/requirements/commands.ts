import type { Requirement } from "./requirement.ts";

export const commandsRequirements = [
  {
    id: "commands.help",
    what: "Every command for people has --help, which says how it is used and what values its options take.",
    source: "docs/commands.md",
  },
  {
    id: "commands.unknown",
    what: "Every command refuses options and arguments that it does not know, in words and with a non-zero exit, and does nothing then.",
    source: "docs/commands.md",
  },
  {
    id: "commands.incomplete",
    what: "Where packages or Node 24 are missing, as after an install without scripts, every npm script says so in one sentence with the command that brings them.",
    source: "scripts/check-install.cjs",
  },
  {
    id: "commands.test.path",
    what: "`npm test -- PATH` runs the tests of those files alone: without type check, lint and gate, and after a build only where they need it; it ends with `N passed, N failed`.",
    source: "CONTRIBUTING.md",
  },
  {
    id: "commands.test.nothing",
    what: "A test run in which no test ran, or in which a path matches none, fails and says so.",
    source: "CONTRIBUTING.md",
  },
  {
    id: "commands.test.whole",
    what: "`npm test` checks types, lint and format, build, every test and every requirement; with CI set, a test that does not run and a requirement that is not proven fail.",
    source: "CONTRIBUTING.md",
  },
  {
    id: "commands.test.reasons",
    what: "Each test that does not run on a machine is listed with its own reason, and what is thrown outside of a test fails the run, with its message.",
    source: "CONTRIBUTING.md",
  },
  {
    id: "commands.fuzz",
    what: "`npm run fuzz` runs as many cases as it is asked for, and fails where it did not.",
    source: "docs/commands.md",
  },
  {
    id: "install.light",
    what: "Packages that libraries ask for and nothing here runs are not installed; using one after all fails with an error that says so.",
    source: "scripts/not-installed/index.js",
  },
  {
    id: "install.lock",
    what: "The lock file has nothing that `npm install` would remove: no package that nobody asks for, and no `libc` lines, which npm 10 and early npm 11 drop.",
    source: "package-lock.json",
  },
] as const satisfies readonly Requirement[];
