import { z } from "zod";
import { failure, type Result, success } from "../../src/core/result.ts";
import { type Clock, systemClock } from "./clock.ts";
import type { DirectoryObject } from "./directory-objects.ts";
import type { Graph, GraphFailure } from "./graph.ts";

/**
 * `purged`: gone for good. `absent`: it was gone before. `deleted`: gone, but for 30 days it stays
 * among the deleted items, because only an administrator may purge.
 */
export type Removal =
  | { readonly kind: "purged" | "absent" }
  | { readonly kind: "deleted"; readonly objectId: string };

export type RemovalFailure =
  | GraphFailure
  /** What has the id does not bear the unique name: this environment did not make it. */
  | { readonly kind: "not-ours" }
  /** It is deleted, but did not turn up among the deleted items to be purged. */
  | { readonly kind: "not-listed" }
  | { readonly kind: "unreadable"; readonly detail: string };

const kinds = {
  application: {
    path: (id: string) => `/applications(appId='${id}')`,
    objects: "/applications",
    key: "appId",
    appearsWithinMilliseconds: 30_000,
  },
  group: {
    path: (id: string) => `/groups/${id}`,
    objects: "/groups",
    key: "id",
    appearsWithinMilliseconds: 5_000,
  },
} as const;

const pauseMilliseconds = 1_000;

const itemSchema = z.object({
  id: z.guid(),
  appId: z.guid().optional(),
  uniqueName: z.string().nullish(),
});
const pageSchema = z.object({
  value: z.array(itemSchema),
  "@odata.nextLink": z.string().optional(),
});

type DeletedItems = z.infer<typeof pageSchema>;

/**
 * Deletes an application (its service principal, federated credentials and consent go with it) or a
 * group, and removes it from the deleted items as well, since `azd down --purge` leaves nothing behind.
 *
 * @see https://learn.microsoft.com/graph/api/application-delete
 * @see https://learn.microsoft.com/graph/api/directory-deleteditems-delete
 */
export async function removeFromDirectory(
  object: DirectoryObject,
  graph: Graph,
  clock: Clock = systemClock,
): Promise<Result<Removal, RemovalFailure>> {
  const kind = kinds[object.type];
  const found = await read(graph, `${kind.path(object.id)}?$select=id,uniqueName`, itemSchema);
  if (!found.ok) return found;
  if (found.value === undefined) {
    const deleted = await findDeleted(object, graph);
    if (!deleted.ok) return deleted;
    return deleted.value === undefined
      ? success({ kind: "absent" })
      : purge(object, deleted.value, graph, clock);
  }
  if (found.value.uniqueName !== object.uniqueName) return failure({ kind: "not-ours" });
  const deletion = await graph.delete(`${kind.objects}/${found.value.id}`);
  return deletion.ok ? purge(object, found.value.id, graph, clock) : deletion;
}

/** An earlier run may have deleted it, and have come no further. */
async function findDeleted(
  { type, id, uniqueName }: DirectoryObject,
  graph: Graph,
): Promise<Result<string | undefined, RemovalFailure>> {
  const { key } = kinds[type];
  const properties = [...new Set(["id", key, "uniqueName"])];
  let link: string | undefined =
    `/directory/deletedItems/microsoft.graph.${type}?$select=${properties}`;
  while (link !== undefined) {
    const page: Result<DeletedItems | undefined, RemovalFailure> = await read(
      graph,
      link,
      pageSchema,
    );
    if (!page.ok) return page;
    const ours = page.value?.value.find(
      (item) => item[key] === id && item.uniqueName === uniqueName,
    );
    if (ours) return success(ours.id);
    link = page.value?.["@odata.nextLink"];
  }
  return success(undefined);
}

/**
 * What has been deleted turns up among the deleted items a little later; a group perhaps never,
 * which leaves nothing to purge.
 */
async function purge(
  { type }: DirectoryObject,
  objectId: string,
  graph: Graph,
  clock: Clock,
): Promise<Result<Removal, RemovalFailure>> {
  const giveUpAt = clock.now() + kinds[type].appearsWithinMilliseconds;
  for (;;) {
    const purged = await graph.delete(`/directory/deletedItems/${objectId}`);
    if (!purged.ok) {
      // Owners may delete, but not purge: what they could do is done.
      return purged.reason.kind === "not-allowed" ? success({ kind: "deleted", objectId }) : purged;
    }
    if (purged.value === "deleted") return success({ kind: "purged" });
    if (clock.now() >= giveUpAt) {
      return type === "group" ? success({ kind: "purged" }) : failure({ kind: "not-listed" });
    }
    await clock.wait(pauseMilliseconds);
  }
}

async function read<Schema extends z.ZodType>(
  graph: Graph,
  pathOrLink: string,
  schema: Schema,
): Promise<Result<z.output<Schema> | undefined, RemovalFailure>> {
  const answer = await graph.get(pathOrLink);
  if (!answer.ok) return answer;
  if (answer.value === undefined) return success(undefined);
  const parsed = schema.safeParse(answer.value);
  return parsed.success
    ? success(parsed.data)
    : failure({ kind: "unreadable", detail: z.prettifyError(parsed.error) });
}
