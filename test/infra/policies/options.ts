import { type DeploymentName, hub } from "../bicep/deployments.ts";
import { type Infrastructure, isType, predicted } from "../bicep/infrastructure.ts";
import { at, type Json } from "../bicep/json.ts";
import type { Finding } from "./finding.ts";

/** What a parameter that is off by default changes: a value of a resource, or a part of a text. */
interface Option {
  readonly type: string;
  readonly path: string;
  /** Never there by default, and there where the option is on. */
  readonly value: Json;
  /** A deployment that has it on, unless it is `everything`. */
  readonly on?: DeploymentName;
}

const zones = "Microsoft.Network/privateDnsZones";
const scaling = "properties.functionAppConfig.scaleAndConcurrency";

const options: readonly Option[] = [
  { type: "Microsoft.Web/serverfarms", path: "properties.zoneRedundant", value: true },
  // Two in place of the one that is asked for, which the platform would refuse.
  { type: "Microsoft.Web/sites", path: `${scaling}.alwaysReady.0.instanceCount`, value: 2 },
  { type: "Microsoft.Storage/storageAccounts", path: "sku.name", value: "Standard_ZRS" },
  {
    type: "Microsoft.DocumentDB/databaseAccounts",
    path: "properties.locations.0.isZoneRedundant",
    value: true,
  },
  {
    type: "Microsoft.DocumentDB/databaseAccounts",
    path: "properties.backupPolicy.continuousModeProperties.tier",
    value: "Continuous30Days",
  },
  {
    type: "Microsoft.Graph/servicePrincipals",
    path: "properties.appRoleAssignmentRequired",
    value: true,
  },
  {
    type: "Microsoft.Graph/applications",
    path: "properties.serviceManagementReference",
    value: "4711",
  },
  {
    type: "Microsoft.Insights/diagnosticSettings",
    path: "properties.logs.0.categoryGroup",
    value: "allLogs",
  },
  {
    type: "Microsoft.Insights/diagnosticSettings",
    path: "properties.logs.0.category",
    value: "GatewayLogs",
  },
  { type: "Microsoft.Consumption/budgets", path: "properties.amount", value: 100 },
  {
    type: "Microsoft.Insights/webtests",
    path: "properties.Request.RequestUrl",
    value: "https://mcp.contoso.com/health/ready",
    on: "broughtAlong",
  },
  {
    type: "Microsoft.Insights/metricAlerts",
    path: "properties.criteria.failedLocationCount",
    value: 2,
  },
  {
    type: `${zones}/virtualNetworkLinks`,
    path: "id",
    value: hub.split("/").at(-1) ?? "",
    on: "broughtAlong",
  },
  {
    type: "Microsoft.Network/privateEndpoints/privateDnsZoneGroups",
    path: "properties.privateDnsZoneConfigs.0.properties.privateDnsZoneId",
    value: hub.split("/").at(-1) ?? "",
    on: "broughtAlong",
  },
];

/** What is off by default is not there then, and is there where a parameter asks for it. */
export function checkOptions(infrastructure: Infrastructure): Finding[] {
  const has = (deployment: DeploymentName, { type, path, value }: Option) =>
    predicted(infrastructure, deployment)
      .filter((each) => isType(each, type))
      .map(({ body }) => at(body, path))
      .some((found) =>
        typeof found === "string" ? found.includes(String(value)) : found === value,
      );
  const finding = (deployment: DeploymentName, { type, path }: Option, message: string) =>
    ({ kind: "option", place: `${deployment}:${type} ${path}`, message }) satisfies Finding;
  const madeTwice = predicted(infrastructure, "broughtAlong").filter((each) => isType(each, zones));
  return [
    ...options
      .filter((option) => has("defaults", option))
      .map((option) => finding("defaults", option, `is ${option.value}, which nobody asked for`)),
    ...options
      .filter((option) => !has(option.on ?? "everything", option))
      .map((option) => finding(option.on ?? "everything", option, `is not ${option.value}`)),
    ...madeTwice.map(({ address }): Finding => {
      return { kind: "option", place: address, message: "is made beside the company's own" };
    }),
  ];
}
