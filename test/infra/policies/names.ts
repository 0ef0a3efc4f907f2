import { isDeepStrictEqual } from "node:util";
import { gatewayContainer } from "../../../src/gateway/store/container.ts";
import { type DeploymentName, wholeDeployments } from "../bicep/deployments.ts";
import {
  type Infrastructure,
  isExpression,
  isType,
  predicted,
  type Resource,
  resourcesOf,
} from "../bicep/infrastructure.ts";
import { at, listAt, objectAt, textAt } from "../bicep/json.ts";
import type { Code } from "../source-names.ts";
import { type Finding, findingAt } from "./finding.ts";

/** Names that templates and source share are the same in both; none in Entra can be foreseen. */
export function checkNames(infrastructure: Infrastructure): Finding[] {
  const { code } = infrastructure;
  const inDeployments = wholeDeployments.flatMap((name) => {
    const resources = predicted(infrastructure, name);
    const ofType = (type: string) => resources.filter((each) => isType(each, type));
    return [
      ...containers(
        ofType("Microsoft.DocumentDB/databaseAccounts/sqlDatabases/containers"),
        ofType("Microsoft.DocumentDB/databaseAccounts"),
        code,
      ),
      ...blobs(resources, code),
      ...registrations(ofType("Microsoft.Graph/applications"), code),
      ...resources.filter(({ type }) => type.startsWith("Microsoft.Graph/")).flatMap(unforeseeable),
      ...outputs(infrastructure, name, code),
    ];
  });
  return [...inDeployments, ...exchangeAudiences(infrastructure)];
}

/** The federated credential is for the audience that the server asks a token for, in every cloud. */
function exchangeAudiences(infrastructure: Infrastructure): Finding[] {
  const asked = infrastructure.code.exchangeAudiences.toSorted();
  return resourcesOf(infrastructure)
    .filter((each) => each.type.endsWith("/federatedIdentityCredentials"))
    .flatMap((each) => {
      const given = Object.values(objectAt(each.owner, "variables.exchangeAudiences"));
      if (isDeepStrictEqual(given.map(String).toSorted(), asked)) return [];
      return [findingAt(each, "code-name", "properties.audiences", `are ${given}, not ${asked}`)];
    });
}

/** Every container has a definition of the source, and every definition its container. */
function containers(made: Resource[], accounts: Resource[], code: Code): Finding[] {
  const definitions = made.map(({ body }) => {
    const { id: _, ...definition } = objectAt(body, "properties.resource");
    return definition;
  });
  const isGateway = made.some(({ body }) =>
    textAt(body, "id").endsWith(`/${gatewayContainer.name}`),
  );
  const wanted = [...code.containers, ...(isGateway ? [gatewayContainer.definition] : [])];
  const isKnown = (definition: object) =>
    wanted.some((known) => isDeepStrictEqual(known, definition));
  const unknown = made.filter((_, index) => !isKnown(definitions[index] ?? {}));
  const missing = wanted.filter(
    (known) => !definitions.some((definition) => isDeepStrictEqual(known, definition)),
  );
  return [
    ...unknown.map((each) => {
      const message = "is none of the source's definitions";
      return findingAt(each, "container-definition", "properties.resource", message);
    }),
    // One that differs is missing under its right definition too.
    ...accounts
      .filter(() => missing.length > unknown.length)
      .map((each) => findingAt(each, "container-definition", "", "a container is not made")),
  ];
}

/** The containers exist, what ages out in them is what the server leaves there, and nothing stays longer. */
function blobs(resources: readonly Resource[], code: Code): Finding[] {
  const ids = resources.map(({ body }) => textAt(body, "id"));
  const { keyRingContainer, userDataContainer } = code;
  return resources.flatMap((each) => {
    const id = textAt(each.body, "id");
    if (isType(each, "Microsoft.Storage/storageAccounts")) {
      return [
        ...[keyRingContainer, ...(userDataContainer ? [userDataContainer] : [])].map(
          (name) => `${id}/blobServices/default/containers/${name}`,
        ),
        `${id}/managementPolicies/default`,
      ]
        .filter((needed) => !ids.includes(needed))
        .map((needed) => findingAt(each, "code-name", "", `there is no ${needed}`));
    }
    if (isType(each, "Microsoft.Storage/storageAccounts/blobServices")) {
      return restorable(each, code);
    }
    if (!isType(each, "Microsoft.Storage/storageAccounts/managementPolicies")) return [];
    return aging(each, code);
  });
}

/** Used approvals after a day, and each area's files after the area's days; nothing else. */
function aging(each: Resource, code: Code): Finding[] {
  const wanted = [
    [[`${code.keyRingContainer}/${code.usedApprovalsPrefix}`], 1],
    ...Object.entries(code.areas)
      .filter(([, { keepDays }]) => keepDays !== undefined)
      .map(([area, { keepDays }]) => [[`${code.userDataContainer}/${area}/`], keepDays]),
  ];
  const path = "properties.policy.rules";
  const rules = listAt(each.body, path).map((rule) => [
    listAt(rule, "definition.filters.prefixMatch"),
    at(rule, "definition.actions.baseBlob.delete.daysAfterModificationGreaterThan"),
  ]);
  if (isDeepStrictEqual(sorted(rules), sorted(wanted))) return [];
  const message = `deletes by age ${JSON.stringify(rules)}, not ${JSON.stringify(wanted)}`;
  return [findingAt(each, "code-name", path, message)];
}

/** What is deleted stays for as long as people are told, and no version of it for longer. */
function restorable(each: Resource, { restorableDays }: Code): Finding[] {
  const path = "properties.deleteRetentionPolicy.days";
  const days = at(each.body, path);
  const isVersioned = at(each.body, "properties.isVersioningEnabled") === true;
  if (days === restorableDays && !isVersioned) return [];
  const message = `${days} days${isVersioned ? " and versions" : ""}, not ${restorableDays} days`;
  return [findingAt(each, "code-name", path, message)];
}

function sorted(rules: readonly unknown[]): string[] {
  return rules.map((rule) => JSON.stringify(rule)).sort();
}

/** Registrations offer the scope that the server asks for, and the app roles that tools ask for. */
function registrations(made: readonly Resource[], code: Code): Finding[] {
  // Registrations for clients have no identifier URI, and offer nothing.
  const applications = made.filter(({ body }) => at(body, "properties.identifierUris"));
  const valuesAt = ({ body }: Resource, path: string) =>
    listAt(body, path).map((item) => textAt(item, "value"));
  const [scopePath, rolePath] = ["properties.api.oauth2PermissionScopes", "properties.appRoles"];
  const offered = applications.flatMap((each) => valuesAt(each, rolePath));
  const missing = code.roles.filter((role) => !offered.includes(role));
  return applications.flatMap((each, index) => {
    const scopes = valuesAt(each, scopePath);
    const strange = valuesAt(each, rolePath).filter((role) => !code.roles.includes(role));
    return [
      ...(isDeepStrictEqual(scopes, [code.requiredScope])
        ? []
        : [findingAt(each, "code-name", scopePath, `offers ${scopes}, not ${code.requiredScope}`)]),
      ...strange.map((role) => findingAt(each, "code-name", rolePath, `no tool asks for ${role}`)),
      // One of them is enough: the development registration has none.
      ...(index === 0 ? missing : []).map((role) =>
        findingAt(each, "code-name", rolePath, `${role} is missing`),
      ),
    ];
  });
}

/** By its name a registration or group is found again, so whoever has it first owns it. */
function unforeseeable(each: Resource): Finding[] {
  const name = textAt(each.body, "properties.uniqueName");
  const fromIdentity =
    /uniqueString\(reference\('[^']*\/userAssignedIdentities\/[^']*', '[^']*'\)\.principalId[,)]/;
  if (name === "" || fromIdentity.test(name)) return [];
  const message = "does not follow from the managed identity's object id";
  return [findingAt(each, "foreseeable-name", "properties.uniqueName", message)];
}

/** What is told to people and tools ends as the server has it. */
function outputs({ snapshots }: Infrastructure, deployment: DeploymentName, code: Code): Finding[] {
  const route = code.routes.find((each) => each === "POST /mcp")?.slice("POST ".length);
  const forms = {
    MCP_SCOPE: new RegExp(`/${code.requiredScope}$`),
    MCP_URL: new RegExp(`^(?:https://[^/]+|\\{0\\})${route}$`),
  };
  return Object.entries(forms).flatMap(([name, form]) => {
    const text = textAt(objectAt(snapshots, deployment), `outputs.${name}`);
    const formats = [...text.matchAll(/format\('([^']*\{0\}[^']*)'/g)].map(
      ([, format = ""]) => format,
    );
    // In an expression the outermost format is the scope's; a URL is chosen among several.
    const chosen = name === "MCP_URL" ? formats : formats.slice(0, 1);
    const texts = isExpression(text) ? chosen : [text];
    if (texts.length > 0 && texts.every((each) => form.test(each))) return [];
    const place = `${deployment}:outputs ${name}`;
    return [
      { kind: "code-name" as const, place, message: `is ${text || "not there"}, not ${form}` },
    ];
  });
}
