import type { Requirements } from "./requirement.ts";

export const gatewayRequirements = {
  "docs/configuration.md, The gateway": {
    "gateway.settings":
      "The gateway's settings are read with the server's, and those that are missing, malformed or contradict each other are named in the same message. It is off by default.",
    "gateway.allowed-clients":
      "One list names the clients that may call, those of Entra by GUID and those of the gateway by URL or id; a list that names no client of one side lets none of that side in.",
  },
} satisfies Requirements;
