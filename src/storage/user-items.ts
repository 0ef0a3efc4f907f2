import type { Container, SqlQuerySpec } from "@azure/cosmos";
import type { z } from "zod";
import { failure, type Result, success } from "../core/result.ts";
import { callCosmos, hasStatus, writeToCosmos } from "./cosmos.ts";
import type { StoreFailure } from "./failure.ts";

/** A container as the service is asked for it, in its own JSON, without the name. */
export interface ContainerDefinition {
  readonly partitionKey: {
    readonly paths: readonly string[];
    readonly kind: "Hash";
    readonly version: 2;
  };
  readonly indexingPolicy: {
    readonly indexingMode: "consistent";
    readonly automatic: true;
    readonly includedPaths: readonly { readonly path: string }[];
    readonly excludedPaths: readonly { readonly path: string }[];
  };
}

/**
 * The definition of a container for {@link UserItems}. Items never expire. Indexed is what the queries
 * filter on, order by or add up, and nothing else: every further path makes each write dearer. The
 * partition key is not indexed by itself.
 *
 * @param indexed names of the top-level properties that queries use, beside `userId`
 * @see https://learn.microsoft.com/azure/cosmos-db/index-policy
 */
export function userContainer(indexed: readonly string[]): ContainerDefinition {
  return {
    partitionKey: { paths: ["/userId"], kind: "Hash", version: 2 },
    indexingPolicy: {
      indexingMode: "consistent",
      automatic: true,
      includedPaths: ["userId", ...indexed].map((name) => ({ path: `/${name}/?` })),
      excludedPaths: [{ path: "/*" }],
    },
  };
}

/** A container, opened when it is first used: the client library is loaded then, not at every start. */
export type OpenContainer = () => Promise<Container>;

/** What every stored item has. */
export interface UserItem {
  readonly id: string;
  /** Partition key: the object id of the person it belongs to. */
  readonly userId: string;
}

export interface ReadItem<Item> {
  readonly item: Item;
  /** Names this version of the item. */
  readonly etag: string;
}

/**
 * Items of a Cosmos DB container that is partitioned by `/userId`, each in the partition of the
 * person it belongs to. Every read, write and query states that partition.
 */
export class UserItems<Item extends UserItem> {
  readonly #open: OpenContainer;
  readonly #schema: z.ZodType<Item>;

  /** @param schema judges what comes from the container, before anything uses it */
  constructor(open: OpenContainer, schema: z.ZodType<Item>) {
    this.#open = open;
    this.#schema = schema;
  }

  /** Request charge: one write. The SDK takes the partition of a write from the item. */
  create(item: Item, signal?: AbortSignal): Promise<Result<"created" | "exists", StoreFailure>> {
    const create = async ({ items }: Container) => {
      try {
        await items.create(item, { abortSignal: signal });
        return "created" as const;
      } catch (error) {
        if (hasStatus(error, 409)) return "exists" as const;
        throw error;
      }
    };
    return writeToCosmos(this.#open, create, signal);
  }

  /** Request charge: a point read. */
  async find(
    userId: string,
    id: string,
    signal?: AbortSignal,
  ): Promise<Result<ReadItem<Item> | undefined, StoreFailure>> {
    const response = await callCosmos(
      async () => (await this.#open()).item(id, userId).read({ abortSignal: signal }),
      signal,
    );
    if (!response.ok) return response;
    const { resource, etag } = response.value;
    if (resource === undefined) return success(undefined);
    const item = this.#read(resource);
    return item.ok ? success({ item: item.value, etag }) : item;
  }

  /** Deletes this version of the item, and tells whether it was still there. */
  delete(
    { item: { id, userId }, etag }: ReadItem<Item>,
    signal?: AbortSignal,
  ): Promise<Result<boolean, StoreFailure>> {
    const remove = async (container: Container) => {
      try {
        await container.item(id, userId).delete({
          abortSignal: signal,
          accessCondition: { type: "IfMatch", condition: etag },
        });
        return true;
      } catch (error) {
        if (hasStatus(error, 404) || hasStatus(error, 412)) return false;
        throw error;
      }
    };
    return writeToCosmos(this.#open, remove, signal);
  }

  /**
   * The items that a query finds in the partition of one person. The query filters on `c.userId` as
   * well, since not every emulator heeds the partition of a query.
   */
  async query(
    userId: string,
    query: SqlQuerySpec,
    { maxItemCount, signal }: { maxItemCount?: number; signal?: AbortSignal | undefined } = {},
  ): Promise<Result<readonly Item[], StoreFailure>> {
    const options = { partitionKey: userId, maxItemCount, abortSignal: signal };
    const found = await callCosmos(
      async () => (await this.#open()).items.query<unknown>(query, options).fetchAll(),
      signal,
    );
    if (!found.ok) return found;
    const items: Item[] = [];
    for (const stored of found.value.resources) {
      const item = this.#read(stored);
      if (!item.ok) return item;
      items.push(item.value);
    }
    return success(items);
  }

  #read(stored: unknown): Result<Item, StoreFailure> {
    const parsed = this.#schema.safeParse(stored);
    if (parsed.success) return success(parsed.data);
    const properties = parsed.error.issues.map((issue) => issue.path.join("."));
    return failure({ kind: "unreadable-item", properties });
  }
}
