import { type Code, readCode } from "../source-names.ts";
import { type DeploymentName, snapshotsOf } from "./deployments.ts";
import { at, isObject, type Json, type JsonObject, listAt, objectAt, textAt } from "./json.ts";
import { mainTemplate, readTemplateFiles, type Workspace } from "./workspace.ts";

export const parametersFile = "infra/main.parameters.json";

/** All that the policies judge, as data: a mistake is planted by changing a value in it. */
export interface Infrastructure {
  /**
   * The ARM template that the compiler makes of `infra/main.bicep`, with those of the modules in it.
   * What is a plain value here is so in every deployment.
   */
  readonly template: JsonObject;
  /** What some deployments would make: {@link snapshotsOf}. */
  readonly snapshots: Readonly<Record<DeploymentName, JsonObject>>;
  readonly parametersFile: JsonObject;
  /** The texts of the files in `infra/`, by path from the repository's root; hooks aside. */
  readonly files: Readonly<Record<string, string>>;
  /** Those of them that the template is built from. */
  readonly loaded: readonly string[];
  /** What the templates have to agree with. */
  readonly code: Code;
}

export async function readInfrastructure(
  workspace: Workspace,
  template: JsonObject,
): Promise<Infrastructure> {
  const files = await readTemplateFiles();
  const loaded = await workspace.bicep.filesOf(workspace.pathOf(mainTemplate));
  return {
    template,
    snapshots: await snapshotsOf(workspace),
    parametersFile: JSON.parse(files[parametersFile] ?? ""),
    files,
    loaded: loaded.map((path) => workspace.nameOf(path)),
    code: readCode(),
  };
}

/** A resource of the compiled template or of a snapshot. */
export interface Resource {
  /**
   * In the template the symbols of the modules around it and its own, as in
   * `resources/storage/account`; in a snapshot the deployment's name and the type, as in
   * `everything:Microsoft.Web/sites`, and where there are several what it is displayed as or named.
   */
  readonly address: string;
  /** Provider and all segments, without version. */
  readonly type: string;
  readonly body: JsonObject;
  /** The template that it stands in; of a snapshot the snapshot. */
  readonly owner: JsonObject;
}

/** All resources of a template: modules (`Microsoft.Resources/deployments`) and what is there already too. */
export function resourcesIn(template: JsonObject, prefix = ""): Resource[] {
  return Object.entries(template.resources ?? {}).flatMap(([symbol, body]: [string, Json]) => {
    if (!isObject(body)) return [];
    const type = textAt(body, "type").replace(/@.*/, "");
    // A template without symbols has a list, in which the end of the type tells resources apart.
    const name = Array.isArray(template.resources) ? type.replace(/.*\//, "") : symbol;
    const address = `${prefix}${name}`;
    const inner = objectAt(body, "properties.template");
    return [{ address, type, body, owner: template }, ...resourcesIn(inner, `${address}/`)];
  });
}

/** All resources that the template makes. */
export function resourcesOf({ template }: Infrastructure): Resource[] {
  return resourcesIn(template).filter(({ body }) => body.existing !== true);
}

/** All resources that a deployment would make. */
export function predicted({ snapshots }: Infrastructure, name: DeploymentName): Resource[] {
  const owner = snapshots[name];
  const typed = listAt(owner, "predictedResources")
    .filter(isObject)
    .map((body) => ({ body, type: textAt(body, "type").replace(/@.*/, "") }));
  const byType = Map.groupBy(typed, ({ type }) => type);
  return typed.map(({ body, type }) => {
    const isAlone = byType.get(type)?.length === 1;
    return { address: `${name}:${type}${isAlone ? "" : labelOf(body)}`, type, body, owner };
  });
}

function labelOf(body: JsonObject): string {
  return `:${textAt(body, "properties.displayName") || textAt(body, "name").replace(/.*\//, "")}`;
}

/** Whether a resource is of a type, in whatever case it is spelled: Azure takes any. */
export function isType({ type }: Resource, ...types: readonly string[]): boolean {
  return types.some((each) => each.toLowerCase() === type.toLowerCase());
}

/** A value of a resource of the template, with a variable that it only names in its place. */
export function resolved({ body, owner }: Resource, path: string): Json | undefined {
  let value = at(body, path);
  for (;;) {
    const variable = typeof value === "string" && /^\[variables\('(.+?)'\)\]$/.exec(value)?.[1];
    if (!variable) return value;
    value = objectAt(owner, "variables")[variable];
  }
}

/** Whether a text is an expression that only deployment evaluates. */
export function isExpression(text: string): boolean {
  return /^\[(?!\[).*\]$/s.test(text);
}
