import type { Requirements } from "./requirement.ts";

export const registerClientRequirements = {
  "infra/clients.json": {
    "clients.known":
      "The clients known by name have an id or a registration that Entra takes: names that a list of them can hold, callbacks that Entra accepts for their platform, and a source for each.",
  },
} satisfies Requirements;
