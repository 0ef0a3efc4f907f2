import type { Requirements } from "./requirement.ts";

export const bridgeRequirements = {
  "docs/bridge.md": {
    "bridge.command-line":
      "The bridge says what is wrong with its arguments, and what to do, without a stack.",
    "bridge.log":
      "The bridge's log on standard error has no token, no piece of one, and no character that commands a terminal.",
  },
  "RFC 6750 section 5.3": {
    "bridge.https":
      "The bridge sends tokens over https, or to this machine, and refuses any other URL in words.",
  },
} as const satisfies Requirements;
