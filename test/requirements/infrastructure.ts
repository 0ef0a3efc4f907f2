import type { Requirements } from "./requirement.ts";

export const infrastructureRequirements = {
  "https://learn.microsoft.com/azure/azure-resource-manager/bicep/file": {
    "infrastructure.syntax":
      "Every template parses, with line ends, commas and quotation marks as Bicep wants them.",
  },
  "https://learn.microsoft.com/azure/azure-resource-manager/bicep/bicep-functions": {
    "infrastructure.symbols":
      "Every name in a template means something, exactly once: symbols, members, types, functions with as many arguments as they take, decorators.",
  },
  "https://learn.microsoft.com/azure/azure-resource-manager/bicep/bicep-core-diagnostics": {
    "infrastructure.deployment-time":
      "No template reads a value before it is known, in a circle, or of a resource that may not be there.",
  },
  "https://learn.microsoft.com/azure/azure-resource-manager/bicep/linter": {
    "infrastructure.used":
      "Nothing is declared that is not used, module outputs and loaded files included, and every parameter and output is described.",
    "infrastructure.resources":
      "Every resource has properties that its type knows, a stable API version, the parent that its type asks for, a name of its own, and a region and hosts that are not written down.",
  },
  "https://learn.microsoft.com/azure/azure-resource-manager/bicep/modules": {
    "infrastructure.modules":
      "Every module is given what it needs, nothing that it does not know, in fitting types, and is asked only for outputs that it has.",
  },
  "https://learn.microsoft.com/azure/developer/azure-developer-cli/manage-environment-variables": {
    "infrastructure.parameters-file":
      "Every parameter of the main template is taken from one environment variable, whose default fits it, no output overwrites such a variable, and only regions with the Flex Consumption plan are offered.",
  },
  "docs/deploy.md, Every parameter": {
    "infrastructure.parameters-documented":
      "Every environment variable that feeds a parameter is named in docs/deploy.md.",
    "infrastructure.options":
      "Zone redundancy, a longer backup, existing private DNS zones, required assignment, a service management reference, all resource logs, a budget and a web test are there where a parameter asks for them, and not by default.",
  },
  "docs/infrastructure-checks.md, Policies": {
    "infrastructure.order":
      "Private endpoints are put into their subnet one after the other, and the function app comes after them.",
    "infrastructure.names":
      "Container definition, key ring, used approvals, scope, app roles and routes are the same in the templates and in the source.",
  },
  "https://learn.microsoft.com/azure/azure-functions/functions-concurrency": {
    "infrastructure.concurrency":
      "The server's setting of how many requests an instance handles at once is what the platform is told.",
  },
  "https://learn.microsoft.com/azure/templates/": {
    "infrastructure.authentication":
      "No resource takes shared keys, local authentication, publishing passwords or anonymous reads.",
    "infrastructure.transport":
      "Everything is reached by https with TLS 1.2 or newer, and the platform answers no preflight in the server's place.",
  },
  "https://learn.microsoft.com/azure/role-based-access-control/best-practices": {
    "infrastructure.roles":
      "Only listed roles are assigned, each on one resource, never on a resource group or subscription.",
  },
  "https://learn.microsoft.com/azure/azure-resource-manager/bicep/scenarios-secrets": {
    "infrastructure.secrets":
      "No template reads, writes down, outputs or passes on a secret, nor puts one in a setting.",
  },
  "docs/configuration.md": {
    "infrastructure.settings":
      "The templates set exactly the settings that the server reads, but for listed ones of the platform and of development.",
  },
  "docs/decisions/one-registration.md": {
    "infrastructure.identifier-uris":
      "The registration has the api:// URI, which no tenant refuses, and what it was found to have; the scope begins with one of them, by setting, and another stops the deployment with what to do.",
  },
  "docs/configuration.md, Host names": {
    "infrastructure.api-management-host":
      "Behind API Management the server answers the function app's own name as the public URL: settings that would keep it from that stop the deployment.",
  },
  "docs/security.md": {
    "infrastructure.directory-names":
      "Nobody can foresee, and take first, the names that registrations and group get in Entra: they follow from the managed identity's object id.",
  },
  "docs/infrastructure-checks.md": {
    "infrastructure.checks-bite":
      "Each kind of finding is found, at its place and alone, when a mistake of that kind is planted: what the compiler proves in a template, what a policy proves in the compiled JSON.",
  },
  "https://learn.microsoft.com/azure/azure-resource-manager/bicep/bicep-cli": {
    "infrastructure.compiles":
      "The Bicep compiler and its linter accept every template without a warning, and its formatter changes none.",
  },
  "docs/infrastructure-checks.md, Compilers": {
    "infrastructure.oldest-compiler":
      "The oldest Bicep that NuGet has makes the same of the templates, without a warning.",
  },
} satisfies Requirements;
