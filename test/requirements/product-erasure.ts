import type { Requirements } from "./requirement.ts";

export const erasureRequirements = {
  "src/upkeep.ts": {
    "upkeep.run":
      "What a domain has to do now and then is done by a timer; a piece that fails, or takes too long, is logged and keeps no other from running.",
  },
} satisfies Requirements;
