import type { Requirement } from "./requirement.ts";

const azd = "https://github.com/Azure/azure-dev/blob/main/cli/azd";

export const deploymentRequirements = [
  {
    id: "azd.project",
    what: "`azure.yaml` names only files, scripts and properties that exist, and deploys the built folder as it is, without a remote build.",
    source: "https://learn.microsoft.com/azure/developer/azure-developer-cli/azd-schema",
  },
  {
    id: "azd.hooks-portable",
    what: "Every hook is the same lines in every shell: one Node script, found and started by npm.",
    source: `${azd}/docs/language-hooks.md`,
  },
  {
    id: "hooks.provider",
    what: "Before a deployment with a virtual network the hook registers the resource provider that its subnet is delegated to, or says who may; without one it does nothing.",
    source:
      "https://learn.microsoft.com/azure/azure-functions/flex-consumption-how-to#enable-virtual-network-integration",
  },
  {
    id: "hooks.values",
    what: "Before a deployment the hook refuses every variable that azd cannot read as the boolean or number that its parameter is, since azd would silently deploy the default.",
    source: `${azd}/pkg/infra/provisioning/bicep/bicep_provider.go`,
  },
  {
    id: "hooks.ready",
    what: "After a deployment the hook waits, for a bounded time, until the server is ready, and says what it waits for.",
    source: "https://learn.microsoft.com/azure/role-based-access-control/troubleshooting",
  },
  {
    id: "hooks.doctor",
    what: "After a deployment the doctor looks at the server; what it finds is said plainly, and does not make the deployment fail.",
    source: "docs/deploy.md, The one command",
  },
  {
    id: "hooks.next-steps",
    what: "After a deployment the person is told the URL, how to connect a client, that nobody is told of failures yet, and how an administrator grants consent where the deployment did not.",
    source: "https://learn.microsoft.com/entra/identity/enterprise-apps/grant-admin-consent",
  },
  {
    id: "hooks.down",
    what: "`azd down` removes from the Entra tenant what the deployment made there, from the deleted items too, so that the next `azd up` may use its names again.",
    source: "https://github.com/microsoftgraph/msgraph-bicep-types/issues/137",
  },
  {
    id: "hooks.down-later",
    what: "Nothing is removed from the tenant before the Azure resources are gone, and a removal that failed can be repeated.",
    source: `${azd}/cmd/down.go`,
  },
  {
    id: "hooks.only-ours",
    what: "A registration or a group that existed before, or that has another name, is never deleted.",
    source: "docs/deploy.md, Removing",
  },
  {
    id: "hooks.rights",
    what: "Where the right to delete or to purge is lacking, the hook says who has it and what they run, and no access token is ever printed.",
    source: "https://learn.microsoft.com/graph/api/directory-deleteditems-delete",
  },
  {
    id: "package.contents",
    what: "The deployment package, chosen by azd's rules, holds the bundle, host.json and a package.json, and nothing else.",
    source: `${azd}/pkg/project/project_utils.go`,
  },
  {
    id: "package.serves",
    what: "The deployment package starts from an empty folder and serves clients of both eras, under every Node version of the platform that the machine has.",
    source: `${azd}/pkg/project/service_target_functionapp.go`,
  },
  {
    id: "pipelines.valid",
    what: "The workflows have no finding of actionlint.",
    source: "https://github.com/rhysd/actionlint",
  },
  {
    id: "pipelines.policies",
    what: "The workflows pin every action to a commit, ask for the least permission, have limits in time, run no input as a command, no download without its checksum and no script of a package beside the identity, are never skipped for variables that their condition cannot see, and need no secret.",
    source:
      "https://docs.github.com/actions/security-for-github-actions/security-guides/security-hardening-for-github-actions",
  },
  {
    id: "pipelines.checks",
    what: "Pull requests are checked with Node 22 and 24, and every template is built and linted by the Bicep compiler without a warning.",
    source: "docs/pipelines.md",
  },
  {
    id: "pipelines.deploy",
    what: "The deployment signs in with workload identity federation, from the main branch alone, and passes on every parameter of the infrastructure.",
    source: "https://learn.microsoft.com/azure/developer/github/connect-from-azure-openid-connect",
  },
] as const satisfies readonly Requirement[];
