import { type DeploymentName, wholeDeployments } from "../bicep/deployments.ts";
import { type Infrastructure, isType, predicted, type Resource } from "../bicep/infrastructure.ts";
import { at, listAt, textAt } from "../bicep/json.ts";
import { type Finding, findingAt } from "./finding.ts";

/** Settings that the platform reads, not the server. */
const platformSettings: Readonly<Record<string, string>> = {
  AzureWebJobsStorage__blobServiceUri: "the Functions host's own storage, reached by identity",
  AzureWebJobsStorage__clientId: "which identity that is",
  AzureWebJobsStorage__credential: "that it is a managed identity",
  AzureWebJobsDisableHomepage: "no page of the platform at the root",
  APPLICATIONINSIGHTS_CONNECTION_STRING: "where the Functions host sends telemetry",
  APPLICATIONINSIGHTS_AUTHENTICATION_STRING: "that it does so by identity",
};

/** Settings that the server reads and no template sets. */
const unsetSettings: Readonly<Record<string, string>> = {
  ENTRA_CLIENT_SECRET: "development only: in Azure the server refuses it",
  GATEWAY_CLIENT_SECRET: "the same",
  GRAPH_ENDPOINT: "follows from the cloud that ENTRA_AUTHORITY_HOST names",
  AZURE_FUNCTIONS_ENVIRONMENT: "set by Core Tools and the laptop stack, to Development",
  WEBSITE_HOSTNAME: "set by the platform",
  CUSTOM_CLOUD: "for clouds that no template deploys to",
};

const path = "properties.siteConfig.appSettings";

/** What the templates set is what the server reads, but for the two lists above. */
export function checkSettings(infrastructure: Infrastructure): Finding[] {
  const { settingNames } = infrastructure.code;
  const unread = Object.keys(unsetSettings).filter((name) => !settingNames.includes(name));
  return [
    ...unread.map((name): Finding => {
      const message = "is listed as left to others, but the server does not read it";
      return { kind: "setting-not-set", place: `src/config.ts ${name}`, message };
    }),
    ...wholeDeployments.flatMap((name) =>
      sitesOf(infrastructure, name).flatMap((site) =>
        checkSite(
          site,
          // What belongs to the gateway is set where it is on.
          settingNames.filter((each) => name === "gateway" || !/^GATEWAY(?:_|$)/.test(each)),
        ),
      ),
    ),
  ];
}

function checkSite(site: Resource, read: readonly string[]): Finding[] {
  const set = settingsOf(site);
  const known = [...read, ...Object.keys(platformSettings)];
  return [
    ...[...set.keys()]
      .filter((name) => !known.includes(name))
      .map((name) => {
        const message = "is read neither by the server nor by the platform";
        return findingAt(site, "setting-unknown", `${path} ${name}`, message);
      }),
    ...known
      .filter((name) => !set.has(name) && !Object.hasOwn(unsetSettings, name))
      .map((name) => findingAt(site, "setting-not-set", `${path} ${name}`, "is never set")),
  ];
}

export function sitesOf(infrastructure: Infrastructure, name: DeploymentName): Resource[] {
  return predicted(infrastructure, name).filter((each) => isType(each, "Microsoft.Web/sites"));
}

/**
 * The settings of a function app by name. As long as some values are known only in Azure, the
 * snapshot has all of them in one expression; each value is then the beginning of its own.
 */
export function settingsOf({ body }: Resource): Map<string, string> {
  const list = at(body, path);
  if (typeof list !== "string") {
    return new Map(
      listAt(body, path).map((setting) => [textAt(setting, "name"), textAt(setting, "value")]),
    );
  }
  const each = /createObject\('(?:key|name)', '([^']+)', 'value', ('(?:[^']|'')*'|[^,)]*)/g;
  return new Map(
    [...list.matchAll(each)].map(([, name = "", value = ""]) => [
      name,
      value.replace(/^'(.*)'$/s, "$1"),
    ]),
  );
}
