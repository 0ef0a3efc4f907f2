import type { Requirement } from "./requirement.ts";

export const configurationRequirements = [
  {
    id: "configuration.defaults",
    what: "Settings that Azure or the public cloud imply need not be given.",
    source: "docs/configuration.md",
  },
  {
    id: "configuration.clouds",
    what: "The authority's host decides the national cloud: Graph's endpoint and the audience of the federated credential follow.",
    source: "https://learn.microsoft.com/entra/identity-platform/authentication-national-cloud",
  },
  {
    id: "configuration.one-message",
    what: "Every missing or malformed setting is named in one message, with what it must be.",
    source: "docs/configuration.md",
  },
  {
    id: "configuration.secret-in-development-only",
    what: "A client secret, http endpoints and another issuer than the tenant's are accepted only where AZURE_FUNCTIONS_ENVIRONMENT is exactly Development and no mark of the platform says that this is Azure.",
    source:
      "https://github.com/Azure/azure-functions-host/blob/dev/src/WebJobs.Script/Environment/EnvironmentExtensions.cs",
  },
  {
    id: "configuration.known-clouds",
    what: "Outside development, hosts that get tokens are those of the cloud that the authority's host names; others need a setting that says so.",
    source: "https://learn.microsoft.com/entra/identity-platform/authentication-national-cloud",
  },
  {
    id: "configuration.hosts",
    what: "Further host names and browser origins can be allowed by configuration, extensions' included. What could never match, such as a wildcard, is refused at start; so is a public URL whose path is not served.",
    source: "docs/configuration.md",
  },
  {
    id: "configuration.version",
    what: "The server tells its clients the package's version.",
    source: "https://modelcontextprotocol.io/specification/2026-07-28/schema#implementation",
  },
] as const satisfies readonly Requirement[];
