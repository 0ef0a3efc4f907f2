import type { Requirements } from "./requirement.ts";

export const bridgeProgramRequirements = {
  "docs/bridge.md, Install": {
    "bridge.package":
      "The bridge packs by itself: one bundle with the licenses of what it holds, of the project's version.",
    "bridge.package.install":
      "The packed bridge installs in an empty folder with npm alone, and runs.",
  },
} as const satisfies Requirements;
