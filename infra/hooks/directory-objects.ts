import { isGuid } from "../../src/core/encoding.ts";
import { failure, type Result, success } from "../../src/core/result.ts";
import { readRegisteredClients, uniqueNameOf } from "../client-registrations/client-list.ts";

/**
 * What a deployment makes in the Entra tenant. It is in no resource group, so deleting the resource
 * group leaves it behind.
 */
export interface DirectoryObject {
  readonly type: "application" | "group";
  /** An application's client id, a group's object id. */
  readonly id: string;
  /**
   * The name that the deployment gave it, and by which the next deployment finds it again. It is
   * immutable and unique in the tenant: what does not bear it was made by somebody else.
   */
  readonly uniqueName: string;
}

/** Where the list waits for the end of `azd down`, which forgets the deployment's outputs. */
export const removalListName = "ENTRA_OBJECTS_TO_REMOVE";

const outputs = [
  ["application", "ENTRA_APPLICATION_CLIENT_ID", "ENTRA_APPLICATION_UNIQUE_NAME"],
  ["application", "ENTRA_GATEWAY_CLIENT_ID", "ENTRA_GATEWAY_UNIQUE_NAME"],
  ["application", "ENTRA_DEVELOPMENT_CLIENT_ID", "ENTRA_DEVELOPMENT_UNIQUE_NAME"],
  ["group", "ENTRA_ADMINISTRATORS_GROUP_ID", "ENTRA_ADMINISTRATORS_GROUP_UNIQUE_NAME"],
] as const;

/**
 * What the deployment's outputs say that it made. For a registration or a group that was brought
 * along, the output with the unique name is empty: it is not in the list.
 */
export function madeByDeployment(env: NodeJS.ProcessEnv): DirectoryObject[] {
  const made = outputs.flatMap(([type, idName, uniqueNameName]) => {
    const id = env[idName];
    const uniqueName = env[uniqueNameName];
    return id && uniqueName ? [{ type, id, uniqueName }] : [];
  });
  return [...made, ...clientsOf(env)];
}

/** The registrations for clients, which are of no use without the server's. */
function clientsOf(env: NodeJS.ProcessEnv): DirectoryObject[] {
  const clientId = env.ENTRA_APPLICATION_CLIENT_ID;
  const uniqueName = env.ENTRA_APPLICATION_UNIQUE_NAME;
  if (!clientId || !uniqueName) return [];
  const clients = [...readRegisteredClients(env.REGISTERED_CLIENTS)];
  return clients.map(([name, id]) => ({
    type: "application" as const,
    id,
    uniqueName: uniqueNameOf(name, { clientId, uniqueName }),
  }));
}

/** Whether a registration or a group was brought along, by the parameter that names it. */
export function isBroughtAlong({ id }: DirectoryObject, env: NodeJS.ProcessEnv): boolean {
  const given = [env.ENTRA_CLIENT_ID, env.GATEWAY_CLIENT_ID, env.ENTRA_ADMIN_GROUP_ID];
  // A GUID is the same in upper case.
  return given.some((text) => text?.trim().toLowerCase() === id.toLowerCase());
}

/** The list as one value of a `.env` file. */
export function writeRemovalList(objects: readonly DirectoryObject[]): string {
  return objects.map(({ type, id, uniqueName }) => `${type}:${id}:${uniqueName}`).join(",");
}

/** Reads what {@link writeRemovalList} wrote; fails with the first entry that is none of its own. */
export function readRemovalList(
  value: string | undefined,
): Result<DirectoryObject[], { readonly kind: "malformed"; readonly entry: string }> {
  const objects: DirectoryObject[] = [];
  for (const entry of (value ?? "").split(",").filter((text) => text !== "")) {
    const [type, id = "", uniqueName = "", ...rest] = entry.split(":");
    const isType = type === "application" || type === "group";
    if (!isType || !isGuid(id) || uniqueName === "" || rest.length > 0) {
      return failure({ kind: "malformed", entry });
    }
    objects.push({ type, id, uniqueName });
  }
  return success(objects);
}
