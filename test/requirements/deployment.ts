import type { Requirements } from "./requirement.ts";

export const deploymentRequirements = {
  "https://learn.microsoft.com/azure/developer/azure-developer-cli/azd-schema": {
    "azd.project":
      "`azure.yaml` names only files, scripts and properties that exist, and deploys the built folder as it is, without a remote build.",
  },
  "https://github.com/Azure/azure-dev/blob/main/cli/azd/docs/language-hooks.md": {
    "azd.hooks-portable":
      "Every hook is the same lines in every shell: one Node script, found and started by npm.",
  },
  "https://learn.microsoft.com/azure/azure-functions/flex-consumption-how-to#enable-virtual-network-integration":
    {
      "hooks.provider":
        "Before a deployment with a virtual network the hook registers the resource provider that its subnet is delegated to, or says who may; without one it does nothing.",
    },
  "https://github.com/Azure/azure-dev/blob/main/cli/azd/pkg/infra/provisioning/bicep/bicep_provider.go":
    {
      "hooks.values":
        "Before a deployment the hook refuses every variable that azd cannot read as the boolean or number that its parameter is, since azd would silently deploy the default.",
    },
  "https://learn.microsoft.com/entra/agent-id/secure-mcp-server-with-entra-id; https://learn.microsoft.com/graph/api/application-update":
    {
      "hooks.identifier-uris":
        "After a deployment the hook adds to the registration's identifier URIs every URL that clients may send as `resource`, and what a person wants beside them, each by itself: a refusal costs that one alone. What somebody else adds meanwhile stays, and it waits where Graph asks to.",
      "hooks.identifier-uris-kept":
        "What the registration has is kept for the next provisioning, whether the hook or an administrator has added it; what somebody has removed is not brought back; where it cannot be read, the last known list counts, and the hook says so.",
      "hooks.identifier-uris-existing":
        "An existing app registration is not changed: the hook says what it lacks, the token version first, if it may look.",
    },
  "https://learn.microsoft.com/entra/identity-platform/identifier-uri-restrictions": {
    "hooks.identifier-uris-refused":
      "Where an identifier URI cannot be added, the hook says why in its own words, which clients that costs and what an administrator can do, and the deployment goes on. Where Graph fails, it asks for no further ones.",
  },
  "docs/deploy.md, Identifier URIs": {
    "hooks.replaced":
      "Before a deployment the hook refuses a variable of an earlier version, and says what to set instead.",
  },
  "https://learn.microsoft.com/azure/role-based-access-control/troubleshooting": {
    "hooks.ready":
      "After a deployment the hook waits, for a bounded time, until the server is ready, and says what it waits for.",
  },
  "docs/deploy.md, The one command": {
    "hooks.doctor":
      "After a deployment the doctor looks at the server; what it finds is said plainly, and does not make the deployment fail.",
  },
  "https://learn.microsoft.com/entra/identity/enterprise-apps/grant-admin-consent": {
    "hooks.next-steps":
      "After a deployment the person is told the URL, how to connect a client, that nobody is told of failures yet, and how an administrator grants consent where the deployment did not.",
  },
  "https://github.com/microsoftgraph/msgraph-bicep-types/issues/137": {
    "hooks.down":
      "`azd down` removes from the Entra tenant what the deployment made there, from the deleted items too, so that the next `azd up` may use its names again.",
  },
  "https://github.com/Azure/azure-dev/blob/main/cli/azd/cmd/down.go": {
    "hooks.down-later":
      "Nothing is removed from the tenant before the Azure resources are gone, and a removal that failed can be repeated.",
  },
  "docs/deploy.md, Removing": {
    "hooks.only-ours":
      "A registration or a group that existed before, or that has another name, is never deleted.",
  },
  "https://learn.microsoft.com/graph/api/directory-deleteditems-delete": {
    "hooks.rights":
      "Where the right to delete or to purge is lacking, the hook says who has it and what they run, and no access token is ever printed.",
  },
  "https://github.com/Azure/azure-dev/blob/main/cli/azd/pkg/project/project_utils.go": {
    "package.contents":
      "The deployment package, chosen by azd's rules, holds the bundle, host.json and a package.json, and nothing else.",
  },
  "https://github.com/Azure/azure-dev/blob/main/cli/azd/pkg/project/service_target_functionapp.go":
    {
      "package.serves":
        "The deployment package starts from an empty folder and serves clients of both eras, under every Node version of the platform that the machine has.",
    },
  "https://github.com/rhysd/actionlint": {
    "pipelines.valid": "The workflows have no finding of actionlint.",
  },
  "https://docs.github.com/actions/security-for-github-actions/security-guides/security-hardening-for-github-actions":
    {
      "pipelines.policies":
        "The workflows pin every action to a commit, ask for the least permission, have limits in time, run no input as a command, no download without its checksum and no script of a package beside the identity, are never skipped for variables that their condition cannot see, and need no secret.",
    },
  "docs/pipelines.md": {
    "pipelines.checks":
      "Pull requests are checked with Node 22 and 24, and every template is built and linted by the Bicep compiler without a warning.",
  },
  "https://learn.microsoft.com/azure/developer/github/connect-from-azure-openid-connect": {
    "pipelines.deploy":
      "The deployment signs in with workload identity federation, from the main branch alone, and passes on every parameter of the infrastructure.",
  },
} satisfies Requirements;
