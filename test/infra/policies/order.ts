import {
  type Infrastructure,
  isType,
  type Resource,
  resourcesIn,
} from "../bicep/infrastructure.ts";
import { type JsonObject, listAt, objectAt } from "../bicep/json.ts";
import { type Finding, findingAt } from "./finding.ts";

/**
 * Private endpoints are put into their subnet one after the other, since it refuses a second one
 * while the first is being put into it; and the function app comes after them, since the host looks
 * for its storage as soon as it starts.
 */
export function checkOrder({ template }: Infrastructure): Finding[] {
  const parts = modulesIn(template);
  const withType = (type: string) => parts.filter((part) => contains(part, type));
  const endpoints = withType("Microsoft.Network/privateEndpoints");
  const sites = withType("Microsoft.Web/sites");
  const isOrdered = (one: Resource, other: Resource) =>
    isAfter(one, other.address, parts) || isAfter(other, one.address, parts);
  return [
    ...endpoints.flatMap((each, index) =>
      endpoints
        .slice(index + 1)
        .filter((other) => !isOrdered(each, other))
        .map((other) => {
          const message = `may be made at the same time as ${each.address}`;
          return findingAt(other, "endpoint-order", "dependsOn", message);
        }),
    ),
    ...sites.flatMap((site) =>
      endpoints
        .filter(({ address }) => !isAfter(site, address, parts))
        .map(({ address }) =>
          findingAt(site, "endpoint-order", "dependsOn", `may be made before ${address}`),
        ),
    ),
  ];
}

/** The resources of the template of the resource group, which all stand side by side. */
function modulesIn(template: JsonObject): Resource[] {
  return resourcesIn(template).filter(({ address }) => /^resources\/[^/]+$/.test(address));
}

function contains(part: Resource, type: string): boolean {
  return [part, ...resourcesIn(objectAt(part.body, "properties.template"))].some((each) =>
    isType(each, type),
  );
}

/** Whether a part waits for another, be it through others. */
function isAfter(part: Resource, address: string, parts: readonly Resource[]): boolean {
  const awaited = listAt(part.body, "dependsOn").map((symbol) => `resources/${symbol}`);
  return (
    awaited.includes(address) ||
    parts.some((each) => awaited.includes(each.address) && isAfter(each, address, parts))
  );
}
