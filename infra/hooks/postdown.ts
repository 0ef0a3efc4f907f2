import type { Azd } from "./azd.ts";
import type { Clock } from "./clock.ts";
import {
  type DirectoryObject,
  isBroughtAlong,
  readRemovalList,
  removalListName,
} from "./directory-objects.ts";
import { type RemovalFailure, removeFromDirectory } from "./directory-removal.ts";
import { createGraph, type Graph, graphEndpointOf } from "./graph.ts";
import { keepList } from "./identifier-uris/lists.ts";

export interface PostdownOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly azd: Azd;
  readonly print: (line: string) => void;
  readonly fetch?: typeof fetch;
  readonly clock?: Clock;
}

const again = "azd hooks run postdown";

/**
 * After `azd down`: removes what the deployment made in the Entra tenant, which is in no resource
 * group. What was brought along stays.
 *
 * @returns the exit code: 1 where something is left that a person has to see to
 */
export async function postdown({ env, azd, print, ...options }: PostdownOptions): Promise<number> {
  const list = readRemovalList(env[removalListName]);
  if (!list.ok) {
    print(
      `${removalListName} in the azd environment holds "${list.reason.entry}", which is not of the`,
    );
    print("form TYPE:ID:UNIQUE_NAME. What the deployment made in the Entra tenant is still there.");
    print(`Correct it with "azd env set ${removalListName} VALUE", then run: ${again}`);
    return 1;
  }
  // What an earlier run has left may have been brought along since.
  const objects = list.value.filter((object) => !isBroughtAlong(object, env));
  if (objects.length === 0) return 0;

  const endpoint = graphEndpointOf(env);
  const token = await azd.accessToken(`${endpoint}/.default`);
  if (!token.ok) {
    print(
      "The Azure resources are deleted, but not what is in the Entra tenant, because azd has no",
    );
    print(`access token for Microsoft Graph: ${token.reason.detail}`);
    print(`Sign in with "azd auth login", then run: ${again}`);
    return 1;
  }
  const graph = createGraph({ ...options, endpoint, accessToken: token.value });
  let left = 0;
  for (const object of objects) {
    if (!(await remove(object, graph))) left += 1;
  }
  if (left > 0) {
    print(`When that is fixed, run: ${again}`);
    return 1;
  }
  const kept = await azd.keep(removalListName, "");
  if (!kept.ok) print(`The list of what was removed could not be emptied: ${kept.reason.detail}`);
  // They were the registration's: the next one begins anew.
  await keepList({ env, azd }, "accepted", []);
  await keepList({ env, azd }, "removed", []);
  return 0;

  async function remove(object: DirectoryObject, graph: Graph): Promise<boolean> {
    const name = `The ${object.type} ${object.uniqueName} (${object.id})`;
    const removal = await removeFromDirectory(object, graph, options.clock);
    if (!removal.ok) {
      print(`${name} is not removed for good. ${remedyFor(removal.reason, object)}`);
      return false;
    }
    if (removal.value.kind === "purged") print(`${name} is removed from the Entra tenant.`);
    if (removal.value.kind === "deleted") {
      print(`${name} is deleted, but stays among the tenant's deleted items for 30 days, which`);
      print("only an administrator may shorten:");
      print(
        `a ${rolesFor[object.type]} runs: az rest --method DELETE --url ${endpoint}/v1.0/directory/deletedItems/${removal.value.objectId}`,
      );
    }
    return true;
  }
}

const rolesFor = {
  application: "Cloud Application Administrator",
  group: "Groups Administrator",
} as const;

const deletion = {
  application: "az ad app delete --id",
  group: "az ad group delete --group",
} as const;

function remedyFor(reason: RemovalFailure, { type, id }: DirectoryObject): string {
  switch (reason.kind) {
    case "not-allowed":
      return `Microsoft Graph does not let you (${reason.status}): only its owner or a ${rolesFor[type]} may. Let one of them run: ${deletion[type]} ${id}`;
    case "not-ours":
      return `It does not bear the name that this environment gives, so it was left alone. If nothing is to be removed, run: azd env set ${removalListName} ""`;
    case "not-listed":
      return "It is deleted, but has not turned up among the deleted items, where it keeps its name.";
    case "refused":
      return `Microsoft Graph answered ${reason.status}.`;
    case "unreachable":
      return `Microsoft Graph could not be reached: ${reason.detail}`;
    case "unreadable":
      return `Microsoft Graph's answer was not understood: ${reason.detail}`;
  }
}
