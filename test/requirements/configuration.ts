import type { Requirements } from "./requirement.ts";

export const configurationRequirements = {
  "docs/configuration.md": {
    "configuration.defaults": "Settings that Azure or the public cloud imply need not be given.",
    "configuration.one-message":
      "Every missing or malformed setting is named in one message, with what it must be.",
    "configuration.hosts":
      "Further host names and browser origins can be allowed by configuration, extensions' included. What could never match, such as a wildcard, is refused at start; so is a public URL whose path is not served.",
  },
  "https://learn.microsoft.com/entra/identity-platform/authentication-national-cloud": {
    "configuration.clouds":
      "The authority's host decides the national cloud: Graph's endpoint and the audience of the federated credential follow.",
    "configuration.known-clouds":
      "Outside development, hosts that get tokens are those of the cloud that the authority's host names; others need a setting that says so.",
  },
  "https://github.com/Azure/azure-functions-host/blob/dev/src/WebJobs.Script/Environment/EnvironmentExtensions.cs":
    {
      "configuration.secret-in-development-only":
        "A client secret, http endpoints, loopback names of the server and another issuer than the tenant's are accepted only where AZURE_FUNCTIONS_ENVIRONMENT is exactly Development and no mark of the platform says that this is Azure; the message names the mark.",
    },
  "https://modelcontextprotocol.io/specification/2026-07-28/schema#implementation": {
    "configuration.version": "The server tells its clients the package's version.",
  },
} satisfies Requirements;
