import { type Finding, findingIn } from "./finding.ts";
import type { Project } from "./project.ts";
import { allResources, inBody, isType } from "./resources.ts";
import { bodyOf, literalText, propertyOf, valueAt } from "./syntax.ts";
import { itemsOf, type Located, possibleValues } from "./values.ts";

/** A setting of the function app, where a template names it. */
export interface SetName {
  readonly name: string;
  readonly file: string;
  readonly line: number;
}

/** Settings that the platform reads, not the server. */
const platformSettings: Readonly<Record<string, string>> = {
  AzureWebJobsStorage__blobServiceUri: "the Functions host's own storage, reached by identity",
  AzureWebJobsStorage__clientId: "which identity that is",
  AzureWebJobsStorage__credential: "that it is a managed identity",
  APPLICATIONINSIGHTS_CONNECTION_STRING: "where the Functions host sends telemetry",
  APPLICATIONINSIGHTS_AUTHENTICATION_STRING: "that it does so by identity",
};

/** Settings that the server reads and no template sets. */
const unsetSettings: Readonly<Record<string, string>> = {
  ENTRA_CLIENT_SECRET: "development only: in Azure the server refuses it",
  GRAPH_ENDPOINT: "follows from the cloud that ENTRA_AUTHORITY_HOST names",
  AZURE_FUNCTIONS_ENVIRONMENT: "set by Core Tools and the laptop stack, to Development",
  WEBSITE_HOSTNAME: "set by the platform",
  WEBSITE_INSTANCE_ID: "set by the platform",
};

/** What the templates set is what the server reads, but for the two lists above. */
export function checkSettings(project: Project, read: readonly string[]): Finding[] {
  const sites = allResources(project).filter(
    (each) => isType(each, "Microsoft.Web/sites") && !each.resource.existing,
  );
  const set = settingsIn(project);
  const findings: Finding[] = set
    .filter(({ name }) => !read.includes(name) && !Object.hasOwn(platformSettings, name))
    .map(({ name, file, line }) => {
      const message = `${name} is read neither by the server nor by the platform`;
      return findingIn({ file }, "setting-unknown", line, name, message);
    });
  for (const { template, resource } of sites) {
    const names = new Set(set.map(({ name }) => name));
    const wanted = [
      ...read.filter((name) => !Object.hasOwn(unsetSettings, name)),
      ...Object.keys(platformSettings),
    ];
    for (const name of new Set(wanted)) {
      if (names.has(name)) continue;
      const message = `${name} is read and never set`;
      findings.push(findingIn(template, "setting-not-set", resource.line, name, message));
    }
  }
  for (const name of Object.keys(unsetSettings)) {
    if (read.includes(name)) continue;
    const message = `${name} is listed as left to others, but the server does not read it`;
    findings.push(findingIn({ file: "src/config.ts" }, "setting-not-set", 1, name, message));
  }
  return findings;
}

/** Every setting of the function app, in whichever of the two forms a template gives them. */
export function settingsIn(project: Project): SetName[] {
  return allResources(project).flatMap((each) => {
    if (each.resource.existing) return [];
    const properties = valueAt(bodyOf(each.resource), "properties");
    if (isType(each, "Microsoft.Web/sites")) {
      const list = valueAt(properties, "siteConfig", "appSettings");
      return list === undefined ? [] : entries(project, inBody(project, each, list));
    }
    if (isType(each, "Microsoft.Web/sites/config") && properties !== undefined) {
      const name = propertyOf(bodyOf(each.resource), "name");
      if (name === undefined || literalText(name.value) !== "appsettings") return [];
      return keys(project, inBody(project, each, properties));
    }
    return [];
  });
}

/** The names in a list of `{ name, value }`, or in what such a list is made of. */
function entries(project: Project, list: Located): SetName[] {
  return possibleValues(project, list).flatMap((value) => {
    const { expression } = value;
    if (expression.kind === "call" && expression.callee.kind === "name") {
      const [first] = expression.arguments;
      switch (expression.callee.name) {
        case "items":
          return first ? keys(project, { ...value, expression: first }) : [];
        case "map":
        case "filter":
          return first ? entries(project, { ...value, expression: first }) : [];
        case "concat":
        case "union":
          return expression.arguments.flatMap((argument) =>
            entries(project, { ...value, expression: argument }),
          );
      }
    }
    return itemsOf(project, value).flatMap((item) => {
      const name = valueAt(item.expression, "name") ?? valueAt(item.expression, "key");
      const text = name === undefined ? undefined : literalText(name);
      if (name === undefined || text === undefined) return [];
      return [{ name: text, file: item.template.file, line: name.line }];
    });
  });
}

/** The names in an object of settings, or in what such an object is made of. */
function keys(project: Project, object: Located): SetName[] {
  return possibleValues(project, object).flatMap((value) => {
    const { expression, template } = value;
    if (expression.kind === "object") {
      return expression.properties.flatMap(({ key, line }) => {
        const name = literalText(key);
        return name === undefined ? [] : [{ name, file: template.file, line }];
      });
    }
    if (expression.kind !== "call" || expression.callee.kind !== "name") return [];
    const { name } = expression.callee;
    if (name === "union") {
      return expression.arguments.flatMap((argument) =>
        keys(project, { ...value, expression: argument }),
      );
    }
    const [list] = expression.arguments;
    const ofList = name === "toObject" || name === "shallowMerge";
    return ofList && list ? entries(project, { ...value, expression: list }) : [];
  });
}
