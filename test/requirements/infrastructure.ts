import type { Requirement } from "./requirement.ts";

const bicep = "https://learn.microsoft.com/azure/azure-resource-manager/bicep";

export const infrastructureRequirements = [
  {
    id: "infrastructure.syntax",
    what: "Every template parses, with line ends, commas and quotation marks as Bicep wants them.",
    source: `${bicep}/file`,
  },
  {
    id: "infrastructure.symbols",
    what: "Every name in a template means something, exactly once: symbols, members, types, functions with as many arguments as they take, decorators.",
    source: `${bicep}/bicep-functions`,
  },
  {
    id: "infrastructure.deployment-time",
    what: "No template reads a value before it is known, in a circle, or of a resource that may not be there.",
    source: `${bicep}/bicep-core-diagnostics`,
  },
  {
    id: "infrastructure.used",
    what: "Nothing is declared that is not used, module outputs and loaded files included, and every parameter and output is described.",
    source: `${bicep}/linter`,
  },
  {
    id: "infrastructure.modules",
    what: "Every module is given what it needs, nothing that it does not know, in fitting types, and is asked only for outputs that it has.",
    source: `${bicep}/modules`,
  },
  {
    id: "infrastructure.parameters-file",
    what: "Every parameter of the main template is taken from one environment variable, whose default fits it, no output overwrites such a variable, and only regions with the Flex Consumption plan are offered.",
    source:
      "https://learn.microsoft.com/azure/developer/azure-developer-cli/manage-environment-variables",
  },
  {
    id: "infrastructure.parameters-documented",
    what: "Every environment variable that feeds a parameter is named in docs/deploy.md.",
    source: "docs/deploy.md, Every parameter",
  },
  {
    id: "infrastructure.resources",
    what: "Every resource has properties that its type knows, a stable API version, the parent that its type asks for, a name of its own, and a region and hosts that are not written down.",
    source: `${bicep}/linter`,
  },
  {
    id: "infrastructure.order",
    what: "Private endpoints are put into their subnet one after the other, and the function app comes after them.",
    source: "docs/infrastructure-checks.md, Policies",
  },
  {
    id: "infrastructure.concurrency",
    what: "The server's setting of how many requests an instance handles at once is what the platform is told.",
    source: "https://learn.microsoft.com/azure/azure-functions/functions-concurrency",
  },
  {
    id: "infrastructure.authentication",
    what: "No resource takes shared keys, local authentication, publishing passwords or anonymous reads.",
    source: "https://learn.microsoft.com/azure/templates/",
  },
  {
    id: "infrastructure.transport",
    what: "Everything is reached by https with TLS 1.2 or newer, and the platform answers no preflight in the server's place.",
    source: "https://learn.microsoft.com/azure/templates/",
  },
  {
    id: "infrastructure.roles",
    what: "Only listed roles are assigned, each on one resource, never on a resource group or subscription.",
    source: "https://learn.microsoft.com/azure/role-based-access-control/best-practices",
  },
  {
    id: "infrastructure.secrets",
    what: "No template reads, writes down, outputs or passes on a secret, nor puts one in a setting.",
    source: `${bicep}/scenarios-secrets`,
  },
  {
    id: "infrastructure.settings",
    what: "The templates set exactly the settings that the server reads, but for listed ones of the platform and of development.",
    source: "docs/configuration.md",
  },
  {
    id: "infrastructure.directory-names",
    what: "Nobody can foresee, and take first, the names that registrations and group get in Entra: they follow from the managed identity's object id.",
    source: "docs/security.md",
  },
  {
    id: "infrastructure.names",
    what: "Container definition, key ring, used approvals, scope, app roles and routes are the same in the templates and in the source.",
    source: "docs/infrastructure-checks.md, Policies",
  },
  {
    id: "infrastructure.options",
    what: "Zone redundancy, a longer backup, existing private DNS zones, required assignment, a service management reference, all resource logs, a budget and a web test are there where a parameter asks for them, and not by default.",
    source: "docs/deploy.md, Every parameter",
  },
  {
    id: "infrastructure.checks-bite",
    what: "Each kind of finding is found, at its place and alone, when a mistake of that kind is planted: what the compiler proves in a template, what a policy proves in the compiled JSON.",
    source: "docs/infrastructure-checks.md",
  },
  {
    id: "infrastructure.compiles",
    what: "The Bicep compiler and its linter accept every template without a warning, and its formatter changes none.",
    source: `${bicep}/bicep-cli`,
  },
  {
    id: "infrastructure.oldest-compiler",
    what: "The oldest Bicep that NuGet has makes the same of the templates, without a warning.",
    source: "docs/infrastructure-checks.md, Compilers",
  },
] as const satisfies readonly Requirement[];
