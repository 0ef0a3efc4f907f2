import { type Finding, type FindingKind, findingIn } from "./finding.ts";
import type { Project } from "./project.ts";
import {
  bodyOf,
  type Expression,
  literalText,
  propertyOf,
  type ResourceDeclaration,
  type Template,
} from "./syntax.ts";
import { type Located, locatedBody, possibleTexts, possibleValues } from "./values.ts";
import { resourcesIn, walk, walkDeclaration } from "./walk.ts";

/** A resource with its whole type, wherever it is declared. */
export interface TypedResource {
  readonly template: Template;
  readonly resource: ResourceDeclaration;
  /** Provider and all segments, without version. */
  readonly type: string;
  readonly apiVersion: string | undefined;
  /** The symbol that is its parent, by property or by nesting. */
  readonly parent: string | undefined;
}

/** A template never changes, and is asked for its resources many times. */
const known = new WeakMap<Template, readonly TypedResource[]>();

/** A template's resources, those inside others included. */
export function resourcesOf(template: Template): readonly TypedResource[] {
  const found = known.get(template) ?? readResources(template);
  known.set(template, found);
  return found;
}

function readResources(template: Template): TypedResource[] {
  const all = resourcesIn(template.declarations);
  const typeOf = (
    resource: ResourceDeclaration,
  ): { type: string; apiVersion: string | undefined } => {
    const [type = "", apiVersion] = resource.type.split("@");
    const around = all.find((each) => each.resource === resource)?.around;
    if (around === undefined) return { type, apiVersion };
    const outer = typeOf(around);
    return { type: `${outer.type}/${type}`, apiVersion: apiVersion ?? outer.apiVersion };
  };
  return all.map(({ resource, around }) => {
    const parent = propertyOf(bodyOf(resource), "parent")?.value;
    const { type, apiVersion } = typeOf(resource);
    return {
      template,
      resource,
      type,
      apiVersion,
      parent: around?.name ?? (parent?.kind === "name" ? parent.name : undefined),
    };
  });
}

export function allResources(project: Project): TypedResource[] {
  return [...project.templates.values()].flatMap((template) => resourcesOf(template));
}

/** Whether a resource is of a type, in whatever case it is spelled: Azure takes any. */
export function isType(each: TypedResource, ...types: readonly string[]): boolean {
  return types.some((type) => type.toLowerCase() === each.type.toLowerCase());
}

/** An expression of a resource's body, and what its names mean there. */
export function inBody(
  project: Project,
  { template, resource }: TypedResource,
  expression: Expression,
): Located {
  return { ...locatedBody(project, template, resource), expression };
}

/** Every text that an expression of a resource's body may come to; none where it is not there. */
export function textsIn(
  project: Project,
  each: TypedResource,
  expression: Expression | undefined,
): string[] {
  return expression === undefined ? [] : possibleTexts(project, inBody(project, each, expression));
}

/** A finding about one resource. */
export function findingAt(
  { template, resource }: TypedResource,
  kind: FindingKind,
  line: number,
  message: string,
): Finding {
  return findingIn(template, kind, line, resource.name, message);
}

/** Preview versions that are used on purpose. */
const previewVersions: Readonly<Record<string, string>> = {
  "Microsoft.Insights/diagnosticSettings@2021-05-01-preview":
    "no stable version knows category groups or resource-specific tables; the one that all samples use",
};

/** Places of Azure that are no region. */
const regionless = ["global"];

/** Hosts that differ between clouds: the linter's own list (no-hardcoded-env-urls). */
const environmentHosts =
  /(?:azuredatalakeanalytics\.net|azuredatalakestore\.net|core\.windows\.net|database\.windows\.net|datalake\.azure\.net|gallery\.azure\.com|graph\.windows\.net|login\.microsoftonline\.com|(?<!schema\.)management\.azure\.com|vault\.azure\.net)/;

/** Types, versions, parents, names, places: what every resource owes, whatever it is. */
export function checkResources(project: Project): Finding[] {
  const versions = new Map<string, string>();
  return [...project.templates.values()].flatMap((template) => [
    ...resourcesOf(template).flatMap((each) => [
      ...checkType(each, versions),
      ...checkBody(each),
      ...checkParent(each),
      ...checkLocation(project, each),
    ]),
    ...duplicateNames(template),
    ...unnecessaryDependencies(template),
    ...writtenHosts(template),
  ]);
}

function checkType(
  { template, resource, type, apiVersion }: TypedResource,
  versions: Map<string, string>,
): Finding[] {
  const of = (kind: FindingKind, message: string) => [
    findingIn(template, kind, resource.line, resource.name, message),
  ];
  if (!/^[A-Z]\w+\.[A-Z]\w+(?:\/\w+)+$/.test(type) || apiVersion === undefined) {
    return of("resource-type", `${resource.type} is no resource type with a version`);
  }
  const whole = `${type}@${apiVersion}`;
  if (type.startsWith("Microsoft.Graph/")) {
    // The version of these is the extension's.
    if (apiVersion !== "v1.0") return of("api-version", `${whole} is not v1.0 of Microsoft Graph`);
    return template.extensions.some(({ name }) => name === "microsoftGraphV1")
      ? []
      : of("resource-type", `${type} needs the line: extension microsoftGraphV1`);
  }
  if (!/^\d{4}-\d{2}-\d{2}(?:-preview)?$/.test(apiVersion)) {
    return of("resource-type", `${apiVersion} is no API version`);
  }
  if (apiVersion.endsWith("-preview") && !Object.hasOwn(previewVersions, whole)) {
    return of("api-version", `${whole} is a preview that is not listed with a reason`);
  }
  if (type === "Microsoft.Resources/resourceGroups" && template.targetScope !== "subscription") {
    return of("resource-type", `${type} needs the target scope subscription`);
  }
  const other = versions.get(type);
  if (other !== undefined && other !== apiVersion) {
    return of(
      "api-version",
      `${type} is used in version ${other} elsewhere, here in ${apiVersion}`,
    );
  }
  versions.set(type, apiVersion);
  return [];
}

/** What a resource may say beside its own properties, whatever its type. */
const bodyMembers: ReadonlySet<string> = new Set([
  "dependsOn",
  "extendedLocation",
  "identity",
  "kind",
  "location",
  "managedBy",
  "name",
  "parent",
  "plan",
  "properties",
  "scope",
  "sku",
  "tags",
  "zones",
]);

function checkBody({ template, resource, type }: TypedResource): Finding[] {
  const body = bodyOf(resource);
  if (body.kind !== "object" || type.startsWith("Microsoft.Graph/")) return [];
  const of = (line: number, message: string) =>
    findingIn(template, "resource-type", line, resource.name, message);
  const unknown = body.properties.flatMap(({ key, line }) => {
    const name = literalText(key) ?? "?";
    return bodyMembers.has(name) ? [] : [of(line, `no resource has ${name}`)];
  });
  const named = propertyOf(body, "name") !== undefined;
  return named ? unknown : [...unknown, of(resource.line, `${resource.name} has no name`)];
}

function checkParent({ template, resource, type, parent }: TypedResource): Finding[] {
  const of = (message: string) => [
    findingIn(template, "resource-parent", resource.line, resource.name, message),
  ];
  const owner = type.slice(0, type.lastIndexOf("/"));
  // Those of Microsoft Graph carry the parent's key in their own name.
  const isChild = owner.includes("/") && !type.startsWith("Microsoft.Graph/");
  if (parent !== undefined) {
    const found = resourcesOf(template).find((each) => each.resource.name === parent);
    if (found === undefined) return of(`the parent ${parent} is no resource`);
    return found.type.toLowerCase() === owner.toLowerCase()
      ? []
      : of(`the parent of ${type} is of type ${owner}, not ${found.type}`);
  }
  return isChild ? of(`${type} names no parent`) : [];
}

function checkLocation(project: Project, each: TypedResource): Finding[] {
  const { name } = each.resource;
  const location = propertyOf(bodyOf(each.resource), "location");
  if (location === undefined) return [];
  return possibleValues(project, inBody(project, each, location.value)).flatMap((value) => {
    const place = literalText(value.expression);
    if (place === undefined || regionless.includes(place)) return [];
    return [findingAt(each, "location-fixed", location.line, `${name} is always in ${place}`)];
  });
}

/** Two resources of one type, parent and name are one resource twice (BCP121). */
function duplicateNames(template: Template): Finding[] {
  const seen = new Set<string>();
  const resources = resourcesOf(template).flatMap((each) => {
    const { resource, type, parent } = each;
    // Under a condition each may be the only one.
    if (resource.existing || resource.body.kind !== "object") return [];
    const name = propertyOf(resource.body, "name") ?? propertyOf(resource.body, "uniqueName");
    if (name === undefined) return [];
    const scope = propertyOf(resource.body, "scope");
    const key = [type.toLowerCase(), parent, print(name.value), print(scope?.value)].join("|");
    return [{ key, line: resource.line, name: resource.name }];
  });
  const modules = template.declarations.flatMap((declaration) => {
    if (declaration.kind !== "module") return [];
    const name = propertyOf(bodyOf(declaration), "name");
    if (name === undefined) return [];
    return [{ key: `module|${print(name.value)}`, line: declaration.line, name: declaration.name }];
  });
  return [...resources, ...modules].flatMap(({ key, line, name }) => {
    if (!seen.has(key)) {
      seen.add(key);
      return [];
    }
    const message = `${name} is the same resource as one declared before`;
    return [findingIn(template, "resource-name-duplicate", line, name, message)];
  });
}

/** An expression without its place. */
function print(expression: Expression | undefined): string {
  return JSON.stringify(expression, (key, value) => (key === "line" ? undefined : value)) ?? "";
}

/** What a resource refers to is deployed before it anyway (linter: no-unnecessary-dependson). */
function unnecessaryDependencies(template: Template): Finding[] {
  return template.declarations.flatMap((declaration) => {
    if (declaration.kind !== "resource" && declaration.kind !== "module") return [];
    const body = bodyOf(declaration);
    const list = propertyOf(body, "dependsOn")?.value;
    if (body.kind !== "object" || list?.kind !== "array") return [];
    const referred = new Set<string>();
    for (const { key, value } of body.properties) {
      if (literalText(key) === "dependsOn") continue;
      walk(value, (expression) => {
        if (expression.kind === "name") referred.add(expression.name);
      });
    }
    return list.items.flatMap((item) => {
      if (item.kind !== "name" || !referred.has(item.name)) return [];
      const message = `${declaration.name} refers to ${item.name} already`;
      return [findingIn(template, "dependency-unnecessary", item.line, declaration.name, message)];
    });
  });
}

/** Hosts of one cloud written out. */
function writtenHosts(template: Template): Finding[] {
  const findings: Finding[] = [];
  const visit = (expression: Expression) => {
    if (expression.kind !== "string") return;
    for (const part of expression.parts) {
      const host = typeof part === "string" ? environmentHosts.exec(part)?.[0] : undefined;
      if (host === undefined) continue;
      const message = `${host} belongs to one cloud: use environment()`;
      findings.push(findingIn(template, "environment-url-fixed", expression.line, host, message));
    }
  };
  for (const declaration of template.declarations) {
    // Descriptions may name what they like.
    walkDeclaration({ ...declaration, decorators: [] }, visit);
  }
  return findings;
}
