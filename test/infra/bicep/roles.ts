import type { Finding } from "./finding.ts";
import type { Project } from "./project.ts";
import {
  allResources,
  findingAt,
  inBody,
  isType,
  resourcesOf,
  type TypedResource,
  textsIn,
} from "./resources.ts";
import { bodyOf, type Expression, propertyOf, symbolOf, valueAt } from "./syntax.ts";
import { type Located, possibleTexts, possibleValues } from "./values.ts";

interface AllowedRole {
  readonly name: string;
  readonly reason: string;
  /** The types of resource that it may be assigned on. */
  readonly on: readonly string[];
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
    on: ["Microsoft.Storage/storageAccounts"],
  },
  "ba92f5b4-2d11-453d-a403-e96b0029c9fe": {
    name: "Storage Blob Data Contributor",
    reason: "the key ring, for a person who runs the server locally against it",
    on: ["Microsoft.Storage/storageAccounts/blobServices/containers"],
  },
  "3913510d-42f4-4e42-8a64-420c390055eb": {
    name: "Monitoring Metrics Publisher",
    reason: "sends telemetry where Application Insights takes no instrumentation key",
    on: ["Microsoft.Insights/components"],
  },
};

/** Data-plane roles of Cosmos DB: reading, and reading and writing; neither manages anything. */
const allowedCosmosRoles = [
  "00000000-0000-0000-0000-000000000001",
  "00000000-0000-0000-0000-000000000002",
];

const guid = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/gi;

/** Role assignments: a listed role, on a single resource, to a principal of known type. */
export function checkRoles(project: Project): Finding[] {
  return allResources(project)
    .filter(({ resource }) => !resource.existing)
    .flatMap((each) => {
      if (isType(each, "Microsoft.Authorization/roleAssignments")) return azureRole(project, each);
      const ownRoles = [
        "Microsoft.Authorization/roleDefinitions",
        "Microsoft.DocumentDB/databaseAccounts/sqlRoleDefinitions",
      ];
      if (isType(each, ...ownRoles)) {
        const message = "a role of our own is none of the listed ones";
        return [findingAt(each, "role-not-allowed", each.resource.line, message)];
      }
      if (isType(each, "Microsoft.DocumentDB/databaseAccounts/sqlRoleAssignments")) {
        return cosmosRole(project, each);
      }
      return [];
    });
}

function azureRole(project: Project, each: TypedResource): Finding[] {
  const body = bodyOf(each.resource);
  const findings: Finding[] = [];
  const role = valueAt(body, "properties", "roleDefinitionId");
  const ids = role === undefined ? [] : roleIds(project, each, role);
  if (ids.length === 0) {
    const message = `${each.resource.name} assigns a role that cannot be told`;
    findings.push(findingAt(each, "role-not-allowed", role?.line ?? each.resource.line, message));
  }
  for (const id of ids) {
    if (Object.hasOwn(allowedRoles, id)) continue;
    const message = `${id} is none of the listed roles`;
    findings.push(findingAt(each, "role-not-allowed", role?.line ?? each.resource.line, message));
  }
  const scope = propertyOf(body, "scope");
  const on = scope === undefined ? undefined : scopeOf(each, scope.value);
  const fits = (id: string) => {
    const role = allowedRoles[id];
    return on !== undefined && (role === undefined || isType(on, ...role.on));
  };
  if (on === undefined || !ids.every(fits)) {
    const where = on?.type ?? "the whole resource group or subscription";
    const message = `${each.resource.name} is assigned on ${where}`;
    findings.push(findingAt(each, "role-scope", scope?.line ?? each.resource.line, message));
  }
  const principalType = valueAt(body, "properties", "principalType");
  if (principalType === undefined) {
    const message = `${each.resource.name} does not say principalType: a new identity may not be found yet`;
    findings.push(findingAt(each, "role-principal-type", each.resource.line, message));
  }
  return findings;
}

/** The GUIDs that a role definition's id may hold, in whatever way it is built. */
function roleIds(project: Project, each: TypedResource, expression: Expression): string[] {
  const idsIn = (value: Located): string[] => {
    const inner = value.expression;
    if (inner.kind === "call") {
      return inner.arguments.flatMap((argument) =>
        possibleValues(project, { ...value, expression: argument }).flatMap(idsIn),
      );
    }
    if (inner.kind === "member" && inner.property === "id" && inner.object.kind === "name") {
      const { name } = inner.object;
      const definition = allResources(project).find(
        ({ template, resource }) => template === value.template && resource.name === name,
      );
      const named =
        definition === undefined ? undefined : valueAt(bodyOf(definition.resource), "name");
      return named === undefined
        ? []
        : possibleValues(project, { ...value, expression: named }).flatMap(idsIn);
    }
    return possibleTexts(project, value).flatMap((text) => text.toLowerCase().match(guid) ?? []);
  };
  const values = possibleValues(project, inBody(project, each, expression));
  const found = values.map(idsIn);
  // One possibility that cannot be told spoils all.
  return found.every((ids) => ids.length > 0) ? [...new Set(found.flat())] : [];
}

/** The resource that a scope names by its symbol. */
function scopeOf({ template }: TypedResource, scope: Expression): TypedResource | undefined {
  const symbol = symbolOf(scope);
  return resourcesOf(template).find(({ resource }) => resource.name === symbol);
}

function cosmosRole(project: Project, each: TypedResource): Finding[] {
  const findings: Finding[] = [];
  const role = valueAt(bodyOf(each.resource), "properties", "roleDefinitionId");
  const ids = role === undefined ? [] : roleIds(project, each, role);
  if (ids.length === 0 || ids.some((id) => !allowedCosmosRoles.includes(id))) {
    const message = `${each.resource.name} assigns ${ids.join(", ") || "a role that cannot be told"}`;
    findings.push(findingAt(each, "role-not-allowed", role?.line ?? each.resource.line, message));
  }
  const scope = valueAt(bodyOf(each.resource), "properties", "scope");
  const texts = textsIn(project, each, scope);
  if (!texts.every((text) => text.includes("/dbs/")) || texts.length === 0) {
    const message = `${each.resource.name} is assigned on the whole account, not on its database`;
    findings.push(findingAt(each, "role-scope", scope?.line ?? each.resource.line, message));
  }
  return findings;
}
