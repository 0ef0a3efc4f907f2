import {
  type Infrastructure,
  isType,
  type Resource,
  resolved,
  resourcesOf,
} from "../bicep/infrastructure.ts";
import { at, textAt } from "../bicep/json.ts";
import { type Finding, findingAt } from "./finding.ts";

interface AllowedRole {
  readonly name: string;
  readonly reason: string;
  /** The type of resource that it may be assigned on. */
  readonly on: string;
}

/**
 * Every Azure role that a template may assign, and why. Anything else, Owner, Contributor and User
 * Access Administrator first of all, is too broad until it stands here.
 *
 * Source: https://learn.microsoft.com/azure/role-based-access-control/built-in-roles
 */
const allowedRoles: Readonly<Record<string, AllowedRole>> = {
  "b7e6dc6d-f1e8-4753-8033-0f276bb0955b": {
    name: "Storage Blob Data Owner",
    reason: "the Functions host needs it for its own state and for the deployed package",
    on: "Microsoft.Storage/storageAccounts",
  },
  "ba92f5b4-2d11-453d-a403-e96b0029c9fe": {
    name: "Storage Blob Data Contributor",
    reason: "key ring and people's files, for a person who runs the server locally against them",
    on: "Microsoft.Storage/storageAccounts/blobServices/containers",
  },
  "3913510d-42f4-4e42-8a64-420c390055eb": {
    name: "Monitoring Metrics Publisher",
    reason: "sends telemetry where Application Insights takes no instrumentation key",
    on: "Microsoft.Insights/components",
  },
};

/** Data-plane roles of Cosmos DB: reading, and reading and writing; neither manages anything. */
const allowedCosmosRoles = [
  "00000000-0000-0000-0000-000000000001",
  "00000000-0000-0000-0000-000000000002",
];

// A role's id has to have one of these forms as a whole: one that a condition or a parameter decides
// could be any role.
const azureRole =
  /^\[subscriptionResourceId\('Microsoft\.Authorization\/roleDefinitions', '([0-9a-f-]{36})'\)\]$/;
const cosmosRole =
  /^\[resourceId\('Microsoft\.DocumentDB\/databaseAccounts\/sqlRoleDefinitions', parameters\('\w+'\), '([0-9a-f-]{36})'\)\]$/;
const cosmosDatabase =
  /^\[format\('\{0\}\/dbs\/\{1\}', resourceId\('Microsoft\.DocumentDB\/databaseAccounts', [^)]*\)\), [^)]*\)\)\]$/;
const resourceScope = /^\[resourceId\('([\w./]+)', /;

/** Role assignments: a listed role, on a single resource, to a principal of known type. */
export function checkRoles(infrastructure: Infrastructure): Finding[] {
  return resourcesOf(infrastructure).flatMap((each) => {
    if (isType(each, "Microsoft.Authorization/roleAssignments")) return azureAssignment(each);
    if (isType(each, "Microsoft.DocumentDB/databaseAccounts/sqlRoleAssignments")) {
      return cosmosAssignment(each);
    }
    if (!/\/(?:sql)?roleDefinitions$/i.test(each.type)) return [];
    return [
      findingAt(each, "role-not-allowed", "", "is a role of our own, none of the listed ones"),
    ];
  });
}

function azureAssignment(each: Resource): Finding[] {
  const findings: Finding[] = [];
  const path = "properties.roleDefinitionId";
  const id = azureRole.exec(String(resolved(each, path)))?.[1] ?? "a role that cannot be told";
  const role = allowedRoles[id];
  if (role === undefined) {
    findings.push(findingAt(each, "role-not-allowed", path, `${id} is none of the listed roles`));
  }
  const on = resourceScope.exec(textAt(each.body, "scope"))?.[1];
  if (on === undefined || (role !== undefined && on !== role.on)) {
    const message = `is assigned on ${on ?? "more than one resource"}`;
    findings.push(findingAt(each, "role-scope", "scope", message));
  }
  if (at(each.body, "properties.principalType") === undefined) {
    const message = "is not there: a new identity may not be found yet";
    findings.push(findingAt(each, "role-principal-type", "properties.principalType", message));
  }
  return findings;
}

function cosmosAssignment(each: Resource): Finding[] {
  const findings: Finding[] = [];
  const path = "properties.roleDefinitionId";
  const id = cosmosRole.exec(String(resolved(each, path)))?.[1] ?? "a role that cannot be told";
  if (!allowedCosmosRoles.includes(id)) {
    findings.push(findingAt(each, "role-not-allowed", path, `${id} is none of the listed roles`));
  }
  if (!cosmosDatabase.test(String(resolved(each, "properties.scope")))) {
    const message = "is not a database, but may be the whole account";
    findings.push(findingAt(each, "role-scope", "properties.scope", message));
  }
  return findings;
}
