import { writeFile } from "node:fs/promises";
import { posix } from "node:path";
import domain from "../../../infra/domain.json" with { type: "json" };
import type { DeploymentScope } from "./compiler.ts";
import type { JsonObject } from "./json.ts";
import { mainTemplate, type Workspace } from "./workspace.ts";

/** A deployment that is evaluated: a template, and what its parameters are given. */
interface Deployment {
  readonly template: string;
  readonly values: Readonly<Record<string, string | number | boolean | readonly string[] | object>>;
}

const required = {
  environmentName: "sample",
  location: "westeurope",
  domainSettings: Object.fromEntries(
    domain.settings.map(({ name, default: value = "given" }) => [name, value]),
  ),
};
const apiManagement = {
  deployApiManagement: true,
  publisherEmail: "it@contoso.com",
  publisherName: "IT",
};

/** Where a company keeps its private DNS zones. */
export const hub = "/subscriptions/33333333-3333-3333-3333-333333333333/resourceGroups/hub-dns";

/** Characters that mean something in XML; each parameter of the policy below has them. */
const markup = `<'&">`;

export const deployments = {
  /** As somebody gets it who sets nothing. */
  defaults: { template: mainTemplate, values: required },
  everything: {
    template: mainTemplate,
    values: {
      ...required,
      ...apiManagement,
      principalId: "11111111-1111-1111-1111-111111111111",
      grantDataAccessToDeployer: true,
      virtualNetwork: true,
      createAdminGroup: true,
      grantAdminConsent: true,
      createDevelopmentRegistration: true,
      acceptedIdentifierUris: "https://mcp.contoso.com/mcp, api://auth-1/2",
      scopeIdentifierUri: "https://mcp.contoso.com/mcp",
      registerClients:
        "claude, bridge,copilot-studio=https://global.consent.azure-apim.net/redirect/a?b=c",
      alertEmail: "operators@contoso.com",
      zoneRedundant: true,
      alwaysReadyInstances: 1,
      cosmosBackupTier: "Continuous30Days",
      assignmentRequired: true,
      serviceManagementReference: "4711",
      resourceLogs: true,
      deployWebTest: true,
      monthlyBudget: 100,
      budgetStart: "2027-01-01",
    },
  },
  /** API Management of the tier that cannot limit calls. */
  consumption: {
    template: mainTemplate,
    values: {
      ...required,
      ...apiManagement,
      apiManagementSku: "Consumption",
      // The least that Flex Consumption takes.
      maximumInstanceCount: 1,
    },
  },
  /** The gateway, behind API Management. */
  gateway: {
    template: mainTemplate,
    values: {
      ...required,
      ...apiManagement,
      mcpPublicUrl: "https://mcp.contoso.com/mcp",
      alertEmail: "operators@contoso.com",
      gateway: "on",
      gatewayRegistration: "on",
      gatewayClients: "portal=https://portal.contoso.com/callback",
      gatewayClientDomains: "claude.ai, .contoso.com",
      gatewayRedirectSchemes: "cursor",
      gatewayIdleDays: 7,
    },
  },
  /** A registration, a host name and private DNS zones brought along. */
  broughtAlong: {
    template: mainTemplate,
    values: {
      ...required,
      mcpPublicUrl: "https://mcp.contoso.com/mcp",
      existingClientId: "22222222-2222-2222-2222-222222222222",
      virtualNetwork: true,
      privateDnsZoneResourceGroupId: hub,
      deployWebTest: true,
    },
  },
  /** A registration by itself, whose names only Azure knows in the others. */
  registration: {
    template: "infra/modules/entra-registration.bicep",
    values: {
      uniqueName: "mcp-unique",
      displayName: "MCP server",
      acceptedIdentifierUris: ["https://mcp.contoso.com/mcp", "api://auth-1/2"],
      scopeIdentifierUri: "",
      issuer: "https://issuer.example",
      preAuthorizedClientIds: [],
      registeredClientIds: [],
      appRoles: [],
      managedIdentityPrincipalId: "",
      assignmentRequired: false,
      serviceManagementReference: "",
      grantAdminConsent: false,
      createAdminGroup: false,
      administratorPrincipalId: "",
    },
  },
  /** The policy of API Management by itself, with texts that only Azure knows in the others. */
  policy: {
    template: "infra/modules/api-management-api.bicep",
    values: {
      apiManagementName: "apim",
      skuName: "BasicV2",
      loggerId: "logger",
      functionAppHostName: "func.example",
      publicUrl: `https://host${markup}/mcp`,
      gateway: false,
      clientId: `${"c".repeat(36 - markup.length)}${markup}`,
      scope: `scope${markup}`,
      issuer: `issuer${markup}`,
      openIdConfigurationUrl: `configuration${markup}`,
    },
  },
} as const satisfies Record<string, Deployment>;

export type DeploymentName = keyof typeof deployments;

/** Deployments of the whole. */
export const wholeDeployments = [
  "defaults",
  "everything",
  "consumption",
  "gateway",
  "broughtAlong",
] as const;

/** What every deployment would make, by its name. */
export async function snapshotsOf(
  workspace: Workspace,
): Promise<Record<DeploymentName, JsonObject>> {
  const taken: Partial<Record<DeploymentName, JsonObject>> = {};
  for (const name of Object.keys(deployments) as DeploymentName[]) {
    taken[name] = await snapshotOf(workspace, name);
  }
  return taken as Record<DeploymentName, JsonObject>;
}

/** @throws what Azure's own evaluation says against the template */
export function snapshotOf(workspace: Workspace, name: DeploymentName): Promise<JsonObject> {
  return snapshotWith(workspace, name, {});
}

/** The deployment with some values changed. */
export async function snapshotWith(
  workspace: Workspace,
  name: DeploymentName,
  changed: Deployment["values"],
): Promise<JsonObject> {
  const { template, values: usual }: Deployment = deployments[name];
  const values = { ...usual, ...changed };
  const file = workspace.pathOf(`infra/${name}.bicepparam`);
  const lines = Object.entries(values).map(([key, value]) => `param ${key} = ${literal(value)}`);
  const using = `using '${posix.relative("infra", template)}'`;
  await writeFile(file, [using, ...lines, ""].join("\n"));
  const target = template === mainTemplate ? { location: "westeurope" } : { resourceGroup: "rg" };
  return workspace.bicep.snapshot(file, { ...scope, ...target });
}

const scope: DeploymentScope = {
  tenantId: "00000000-0000-0000-0000-000000000001",
  subscriptionId: "00000000-0000-0000-0000-000000000002",
  // Without a name nothing that modules put out is evaluated.
  deploymentName: "deployment",
};

function literal(value: string | number | boolean | object): string {
  if (Array.isArray(value)) return `[${value.map(literal).join(", ")}]`;
  if (typeof value === "object") {
    const members = Object.entries(value).map(([name, member]) => `  ${name}: ${literal(member)}`);
    return ["{", ...members, "}"].join("\n");
  }
  if (typeof value !== "string") return String(value);
  return `'${value.replace(/[\\']|\$\{/g, "\\$&")}'`;
}
