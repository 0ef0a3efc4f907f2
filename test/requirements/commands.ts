import type { Requirements } from "./requirement.ts";

export const commandsRequirements = {
  "docs/commands.md": {
    "commands.help":
      "Every command for people has --help, which says how it is used and what values its options take.",
    "commands.unknown":
      "Every command refuses options and arguments that it does not know, and options that npm has kept for itself, in words and with a non-zero exit, and does nothing then.",
    "commands.fuzz":
      "`npm run fuzz` runs as many cases as it is asked for, and fails where it did not.",
  },
  "scripts/check-install.cjs": {
    "commands.incomplete":
      "Where packages or Node 24 are missing, as after an install without scripts, every npm script says so in one sentence with the command that brings them.",
  },
  "CONTRIBUTING.md": {
    "commands.test.path":
      "`npm test -- PATH` runs the tests of those files alone: without type check, lint and gate, and after a build only where they need it; it ends with `N passed, N failed`.",
    "commands.test.nothing":
      "A test run in which no test ran, or in which a path matches none, fails and says so.",
    "commands.test.whole":
      "`npm test` checks types, lint and format, build, every test and every requirement; with CI set, a test that does not run and a requirement that is not proven fail.",
    "commands.test.reasons":
      "Each test that does not run on a machine is listed with its own reason, and what is thrown outside of a test fails the run, with its message.",
  },
  "scripts/not-installed/index.js": {
    "install.light":
      "Packages that libraries ask for and nothing here runs are not installed; using one after all fails with an error that says so.",
  },
  "package-lock.json": {
    "install.lock":
      "The lock file has nothing that `npm install` would remove: no package that nobody asks for, and no `libc` lines, which npm 10 and early npm 11 drop.",
  },
} satisfies Requirements;
