import type { Requirements } from "./requirement.ts";

export const gatewayInfrastructureRequirements = {
  "docs/gateway.md, Settings": {
    "gateway.infrastructure.off":
      "The gateway is off by default, and a deployment without it has nothing of it: no registration, container, setting or route.",
    "gateway.infrastructure.on":
      "Switched on it adds a registration with its service principal and federated credential, a container, the function app's settings and the paths of API Management, and nothing else.",
    "gateway.infrastructure.container":
      "The gateway's container in Azure is the source's: partition key, indexing, and a time to live that each record sets.",
    "gateway.infrastructure.existing":
      "With an existing app registration of the API the gateway takes an existing one of its own, and the deployment stops where none is given, or the API's; lifetimes that contradict each other stop it too.",
  },
  "docs/gateway.md, How it works": {
    "gateway.infrastructure.registration":
      "The gateway's registration is a confidential client of this tenant alone, with one callback, that of the public URL, and no secret: its credential is the managed identity's token. The API's registration pre-authorises it.",
  },
  "docs/gateway.md, Threats": {
    "gateway.infrastructure.name":
      "Nobody can foresee the name of the gateway's registration from what the directory shows, and so take it before the gateway is switched on.",
  },
  "docs/gateway.md, Running it": {
    "gateway.infrastructure.watched":
      "With the gateway its MCP requests count in the alert on slow answers and in the workbook, which has a panel of the gateway's audit events.",
    "gateway.hooks.registration":
      "After a deployment a hook says what the gateway's registration lacks, and what it has too much: redirect URIs, secrets, sign-in by device code. It changes nothing.",
    "gateway.hooks.metadata":
      "After a deployment a hook asks the gateway for its metadata by its public name, and says what is wrong.",
    "gateway.hooks.down":
      "`azd down` removes the gateway's registration as it removes the API's, and none that was brought along.",
  },
  "docs/deploy.md, API Management in front": {
    "gateway.infrastructure.api-management":
      "API Management has exactly the gateway's paths and methods, passes the caller's address on, and does not judge the gateway's tokens by Entra's keys.",
  },
} satisfies Requirements;
