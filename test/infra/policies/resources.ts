import { wholeDeployments } from "../bicep/deployments.ts";
import {
  type Infrastructure,
  isType,
  predicted,
  type Resource,
  resolved,
  resourcesIn,
  resourcesOf,
} from "../bicep/infrastructure.ts";
import { type Json, textAt } from "../bicep/json.ts";
import { type Finding, type FindingKind, findingAt } from "./finding.ts";

/** A property that has to be there, with one of these values in every deployment. */
interface Obligation {
  readonly kind: FindingKind;
  readonly path: string;
  readonly values: readonly Json[];
}

const modernTls = ["1.2", "1.3"];

/**
 * What every resource of a type has to say. Defaults are not relied on: they have changed between
 * API versions, and a reader should not have to know them. Nor is a value that a parameter decides.
 *
 * Sources: the template reference of each type, https://learn.microsoft.com/azure/templates/
 */
const obligations: Readonly<Record<string, readonly Obligation[]>> = {
  "Microsoft.Storage/storageAccounts": [
    { kind: "shared-keys", path: "properties.allowSharedKeyAccess", values: [false] },
    { kind: "tls", path: "properties.minimumTlsVersion", values: ["TLS1_2", "TLS1_3"] },
    { kind: "https-only", path: "properties.supportsHttpsTrafficOnly", values: [true] },
    { kind: "public-blobs", path: "properties.allowBlobPublicAccess", values: [false] },
  ],
  "Microsoft.Storage/storageAccounts/blobServices/containers": [
    { kind: "public-blobs", path: "properties.publicAccess", values: ["None"] },
  ],
  "Microsoft.DocumentDB/databaseAccounts": [
    { kind: "local-authentication", path: "properties.disableLocalAuth", values: [true] },
    { kind: "tls", path: "properties.minimalTlsVersion", values: ["Tls12"] },
  ],
  "Microsoft.Insights/components": [
    { kind: "local-authentication", path: "properties.DisableLocalAuth", values: [true] },
  ],
  "Microsoft.OperationalInsights/workspaces": [
    { kind: "local-authentication", path: "properties.features.disableLocalAuth", values: [true] },
  ],
  "Microsoft.Web/sites": [
    { kind: "https-only", path: "properties.httpsOnly", values: [true] },
    { kind: "tls", path: "properties.siteConfig.minTlsVersion", values: modernTls },
    { kind: "tls", path: "properties.siteConfig.scmMinTlsVersion", values: modernTls },
  ],
  "Microsoft.Web/sites/basicPublishingCredentialsPolicies": [
    { kind: "basic-publishing", path: "properties.allow", values: [false] },
  ],
  // API Management takes https alone.
  "Microsoft.ApiManagement/service/apis": [
    { kind: "https-only", path: "properties.protocols", values: [["https"]] },
  ],
};

/** A property that must not be there. */
interface Ban {
  readonly kind: FindingKind;
  readonly paths: readonly string[];
  readonly reason: string;
}

/**
 * Source of the second: https://learn.microsoft.com/azure/azure-functions/functions-app-settings#flex-consumption-plan-deprecations
 */
const bans: readonly Ban[] = [
  {
    kind: "platform-cors",
    paths: ["properties.siteConfig.cors", "properties.cors"],
    reason: "the platform's CORS would answer preflights before the server sees them",
  },
  {
    kind: "refused-property",
    paths: ["properties.siteConfig.ftpsState", "properties.ftpsState"],
    reason: "Flex Consumption, which has no FTP, refuses the deployment (51021)",
  },
];

/** Preview versions that are used on purpose. */
const previewVersions: Readonly<Record<string, string>> = {
  "Microsoft.Insights/diagnosticSettings@2021-05-01-preview":
    "no stable version knows category groups or resource-specific tables; the one that all samples use",
};

export function checkResources(infrastructure: Infrastructure): Finding[] {
  const resources = resourcesOf(infrastructure);
  return [
    ...resources.flatMap((each) => [
      ...Object.entries(obligations)
        .filter(([type]) => isType(each, type))
        .flatMap(([, its]) => its.flatMap((obligation) => breaches(each, obligation))),
      ...(isType(each, "Microsoft.Web/sites", "Microsoft.Web/sites/config") ? banned(each) : []),
    ]),
    ...apiVersions(resourcesIn(infrastructure.template)),
    ...wholeDeployments.flatMap((name) => publishing(predicted(infrastructure, name))),
  ];
}

function breaches(each: Resource, { kind, path, values }: Obligation): Finding[] {
  const value = resolved(each, path);
  const texts = values.map((wanted) => JSON.stringify(wanted));
  if (texts.includes(JSON.stringify(value))) return [];
  return [findingAt(each, kind, path, `is ${JSON.stringify(value)}, not ${texts.join(" or ")}`)];
}

function banned(each: Resource): Finding[] {
  return bans.flatMap(({ kind, paths, reason }) =>
    paths
      .filter((path) => resolved(each, path) !== undefined)
      .map((path) => findingAt(each, kind, path, reason)),
  );
}

/** Versions are stable, and one for each type. */
function apiVersions(resources: readonly Resource[]): Finding[] {
  const versions = new Map<string, string>();
  return resources.flatMap((each) => {
    const { type, body } = each;
    const version = textAt(body, "apiVersion");
    const other = versions.get(type) ?? version;
    versions.set(type, other);
    if (other !== version) {
      return [
        findingAt(each, "api-version", "apiVersion", `is ${other} elsewhere, not ${version}`),
      ];
    }
    if (!version.endsWith("-preview") || previewVersions[`${type}@${version}`]) return [];
    const message = `${version} is a preview that is not listed with a reason`;
    return [findingAt(each, "api-version", "apiVersion", message)];
  });
}

/** Both ways of publishing with a password have a policy, which switches them off. */
function publishing(resources: readonly Resource[]): Finding[] {
  const ids = resources.map(({ body }) => textAt(body, "id"));
  return resources
    .filter((each) => isType(each, "Microsoft.Web/sites"))
    .flatMap((site) =>
      ["ftp", "scm"]
        .map((way) => `${textAt(site.body, "id")}/basicPublishingCredentialsPolicies/${way}`)
        .filter((id) => !ids.includes(id))
        .map((id) => findingAt(site, "basic-publishing", "", `there is no ${id}`)),
    );
}
