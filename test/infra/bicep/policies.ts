import type { Finding, FindingKind } from "./finding.ts";
import type { Project } from "./project.ts";
import { allResources, findingAt, inBody, isType, type TypedResource } from "./resources.ts";
import { bodyOf, propertyOf, valueAt } from "./syntax.ts";
import { literalOf } from "./types.ts";
import { possibleValues } from "./values.ts";

/** A property that has to be there, with one of these values, wherever the value comes from. */
interface Obligation {
  readonly kind: FindingKind;
  readonly path: readonly string[];
  readonly values: readonly (string | number | boolean)[];
}

const modernTls = ["1.2", "1.3"];

/**
 * What every resource of a type has to say. Defaults are not relied on: they have changed between
 * API versions, and a reader should not have to know them.
 *
 * Sources: the template reference of each type, https://learn.microsoft.com/azure/templates/
 */
const obligations: Readonly<Record<string, readonly Obligation[]>> = {
  "Microsoft.Storage/storageAccounts": [
    { kind: "shared-keys", path: ["properties", "allowSharedKeyAccess"], values: [false] },
    { kind: "tls", path: ["properties", "minimumTlsVersion"], values: ["TLS1_2", "TLS1_3"] },
    { kind: "https-only", path: ["properties", "supportsHttpsTrafficOnly"], values: [true] },
    { kind: "public-blobs", path: ["properties", "allowBlobPublicAccess"], values: [false] },
  ],
  "Microsoft.Storage/storageAccounts/blobServices/containers": [
    { kind: "public-blobs", path: ["properties", "publicAccess"], values: ["None"] },
  ],
  "Microsoft.DocumentDB/databaseAccounts": [
    { kind: "local-authentication", path: ["properties", "disableLocalAuth"], values: [true] },
    { kind: "tls", path: ["properties", "minimalTlsVersion"], values: ["Tls12"] },
  ],
  "Microsoft.Insights/components": [
    { kind: "local-authentication", path: ["properties", "DisableLocalAuth"], values: [true] },
  ],
  "Microsoft.OperationalInsights/workspaces": [
    {
      kind: "local-authentication",
      path: ["properties", "features", "disableLocalAuth"],
      values: [true],
    },
  ],
  "Microsoft.Web/sites": [
    { kind: "https-only", path: ["properties", "httpsOnly"], values: [true] },
    { kind: "tls", path: ["properties", "siteConfig", "minTlsVersion"], values: modernTls },
    { kind: "tls", path: ["properties", "siteConfig", "scmMinTlsVersion"], values: modernTls },
  ],
  "Microsoft.Web/sites/basicPublishingCredentialsPolicies": [
    { kind: "basic-publishing", path: ["properties", "allow"], values: [false] },
  ],
};

/**
 * Settings of a site for which Flex Consumption refuses the whole deployment (51021): what they
 * switch off, FTP for one, it does not have.
 * Source: https://learn.microsoft.com/azure/azure-functions/functions-app-settings#flex-consumption-plan-deprecations
 */
const refusedSettings = ["ftpsState"];

/** The two ways of publishing with a password, each with a policy of its own. */
const publishingPolicies = ["ftp", "scm"];

/** The project's own rules for what may be deployed. */
export function checkPolicies(project: Project): Finding[] {
  const resources = allResources(project).filter(({ resource }) => !resource.existing);
  return resources.flatMap((each) => [
    ...Object.entries(obligations)
      .filter(([type]) => isType(each, type))
      .flatMap(([, its]) => its.flatMap((obligation) => meets(project, each, obligation))),
    ...(isType(each, "Microsoft.Web/sites") ? webApp(each, resources) : []),
    ...(isType(each, "Microsoft.ApiManagement/service/apis") ? gatewayApi(project, each) : []),
  ]);
}

function meets(project: Project, each: TypedResource, obligation: Obligation): Finding[] {
  const { kind, path, values } = obligation;
  const name = path.join(".");
  const wanted = values.map((value) => JSON.stringify(value)).join(" or ");
  const value = valueAt(bodyOf(each.resource), ...path);
  if (value === undefined) {
    const message = `${each.resource.name} does not say ${name}: ${wanted}`;
    return [findingAt(each, kind, each.resource.line, message)];
  }
  return possibleValues(project, inBody(project, each, value)).flatMap(({ expression }) => {
    const literal = literalOf(expression);
    if (literal !== undefined && literal !== null && values.includes(literal)) return [];
    const is = literal === undefined ? "something that only deployment tells" : String(literal);
    return [findingAt(each, kind, value.line, `${name} is ${is}, not ${wanted}`)];
  });
}

/** CORS is the server's own; publishing with a password is off in both its forms. */
function webApp(each: TypedResource, resources: readonly TypedResource[]): Finding[] {
  const findings: Finding[] = [];
  const settings = propertyOf(valueAt(bodyOf(each.resource), "properties"), "siteConfig")?.value;
  const cors = propertyOf(settings, "cors");
  if (cors !== undefined) {
    const message = "the platform's CORS would answer preflights before the server sees them";
    findings.push(findingAt(each, "platform-cors", cors.line, message));
  }
  for (const name of refusedSettings) {
    const refused = propertyOf(settings, name);
    if (refused === undefined) continue;
    const message = `Flex Consumption refuses ${name}`;
    findings.push(findingAt(each, "refused-property", refused.line, message));
  }
  const children = resources.filter(
    ({ template, parent }) => template === each.template && parent === each.resource.name,
  );
  for (const child of children.filter((each) => isType(each, "Microsoft.Web/sites/config"))) {
    const inner = propertyOf(valueAt(bodyOf(child.resource), "properties"), "cors");
    if (inner === undefined) continue;
    const message = "the platform's CORS would answer preflights before the server sees them";
    findings.push(findingAt(child, "platform-cors", inner.line, message));
  }
  const policies = children
    .filter((child) => isType(child, "Microsoft.Web/sites/basicPublishingCredentialsPolicies"))
    .map(({ resource }) => valueAt(bodyOf(resource), "name"))
    .map((name) => (name === undefined ? undefined : literalOf(name)));
  for (const policy of publishingPolicies.filter((name) => !policies.includes(name))) {
    const message = `${each.resource.name} has no publishing policy for ${policy}`;
    findings.push(findingAt(each, "basic-publishing", each.resource.line, message));
  }
  return findings;
}

/** A gateway in front takes https alone. */
function gatewayApi(project: Project, each: TypedResource): Finding[] {
  const protocols = valueAt(bodyOf(each.resource), "properties", "protocols");
  const texts = (
    protocols === undefined ? [] : possibleValues(project, inBody(project, each, protocols))
  ).flatMap(({ expression }) =>
    expression.kind === "array" ? expression.items.map((item) => literalOf(item)) : [undefined],
  );
  if (texts.length > 0 && texts.every((text) => text === "https")) return [];
  const message = `${each.resource.name} does not say properties.protocols: ['https']`;
  return [findingAt(each, "https-only", protocols?.line ?? each.resource.line, message)];
}
