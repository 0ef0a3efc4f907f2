import type { Container, SqlQuerySpec } from "@azure/cosmos";
import type { z } from "zod";
import { failure, type Result, success } from "../core/result.ts";
import { Turns } from "../core/turns.ts";
import { callCosmos, hasStatus, writeToCosmos } from "./cosmos.ts";
import type { ItemVersion, StoreFailure, UnreadableItem } from "./failure.ts";

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
    /** Absent where no query orders by several properties. */
    readonly compositeIndexes?: readonly (readonly CompositePath[])[];
  };
  /** -1: an item with a `ttl`, in seconds, is deleted that long after it was last written. Absent: none is. */
  readonly defaultTtl?: -1;
}

interface CompositePath {
  readonly path: string;
  readonly order: "descending";
}

/**
 * The definition of a container for {@link UserItems}. Items never expire. Indexed is what the queries
 * filter on, order by or aggregate, and nothing else: every further path makes each write dearer. The
 * partition key is not indexed by itself.
 *
 * @param indexed names of the top-level properties that queries use, beside `userId`
 * @param orders the names of the properties that one query orders by together, each descending: Cosmos
 *   DB refuses such a query without an index of exactly these
 * @see https://learn.microsoft.com/azure/cosmos-db/index-policy
 */
export function userContainer(
  indexed: readonly string[],
  { orders = [] }: { orders?: readonly (readonly string[])[] } = {},
): ContainerDefinition {
  return {
    partitionKey: { paths: ["/userId"], kind: "Hash", version: 2 },
    indexingPolicy: {
      indexingMode: "consistent",
      automatic: true,
      includedPaths: ["userId", ...indexed].map((name) => ({ path: `/${name}/?` })),
      excludedPaths: [{ path: "/*" }],
      ...(orders.length > 0 && {
        compositeIndexes: orders.map((names) =>
          names.map((name) => ({ path: `/${name}`, order: "descending" as const })),
        ),
      }),
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

export interface ReadItem<Item> extends ItemVersion {
  readonly item: Item;
}

/**
 * Items of a Cosmos DB container that is partitioned by `/userId`, each in the partition of the
 * person it belongs to. Every read, write and query states that partition. Queries of one person run one
 * after the other.
 */
export class UserItems<Item extends UserItem> {
  /** A query may load thousands of items: several at once would take the database from everybody else. */
  readonly #turns = new Turns();
  readonly #open: OpenContainer;
  readonly #schema: z.ZodType<Item>;

  /**
   * @param schema what an item has to be to be used. It judges the shape alone: a rule that changes,
   *   such as a list of what is allowed, judges what is written, and never again what has been
   */
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
    const item = this.#read({ ...resource, id, userId, _etag: etag });
    return item.ok ? success({ userId, id, etag, item: item.value }) : item;
  }

  /**
   * Replaces this version of the item, and tells whether it was still there.
   *
   * Request charge: one write, about twice that of the first.
   */
  replace(
    { userId, id, etag }: ItemVersion,
    item: Item,
    signal?: AbortSignal,
  ): Promise<Result<boolean, StoreFailure>> {
    const replace = async (container: Container) => {
      try {
        await container.item(id, userId).replace(item, {
          abortSignal: signal,
          accessCondition: { type: "IfMatch", condition: etag },
        });
        return true;
      } catch (error) {
        if (hasStatus(error, 404) || hasStatus(error, 412)) return false;
        throw error;
      }
    };
    return writeToCosmos(this.#open, replace, signal);
  }

  /** Deletes this version of the item, and tells whether it was still there. */
  delete(
    { userId, id, etag }: ItemVersion,
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
   * The items that a query finds in the partition of one person, each by itself: one that cannot be
   * read does not hide the others. The query filters on `c.userId` as well, since not every emulator
   * heeds the partition of a query.
   */
  async query(
    userId: string,
    query: SqlQuerySpec,
    options: QueryOptions = {},
  ): Promise<Result<readonly Result<Item, UnreadableItem>[], StoreFailure>> {
    const found = await this.#fetch<StoredItem>(userId, query, options);
    return found.ok ? success(found.value.map((stored) => this.#read(stored))) : found;
  }

  /**
   * What a query selects of the items in the partition of one person: for sums, which need little of
   * many. The query filters on `c.userId` as well.
   *
   * @param part what is selected; in the place of what is otherwise stands nothing
   */
  async select<Part>(
    userId: string,
    query: SqlQuerySpec,
    part: z.ZodType<Part>,
    options: QueryOptions = {},
  ): Promise<Result<readonly (Part | undefined)[], StoreFailure>> {
    const found = await this.#fetch<unknown>(userId, query, options);
    return found.ok ? success(found.value.map((selected) => part.safeParse(selected).data)) : found;
  }

  async #fetch<Found>(
    userId: string,
    query: SqlQuerySpec,
    { maxItemCount, signal }: QueryOptions,
  ): Promise<Result<Found[], StoreFailure>> {
    const options = { partitionKey: userId, maxItemCount, abortSignal: signal };
    const found = await callCosmos(
      () =>
        this.#turns.take(userId, async () =>
          (await this.#open()).items.query<Found>(query, options).fetchAll(),
        ),
      signal,
    );
    return found.ok ? success(found.value.resources) : found;
  }

  #read(stored: StoredItem): Result<Item, UnreadableItem> {
    const parsed = this.#schema.safeParse(stored);
    if (parsed.success) return success(parsed.data);
    const { id, userId, _etag: etag } = stored;
    const properties = parsed.error.issues.map((issue) => issue.path.join("."));
    return failure({ kind: "unreadable-item", userId, id, etag, properties, stored });
  }
}

interface QueryOptions {
  /** How many the database puts into one of its answers. */
  readonly maxItemCount?: number;
  readonly signal?: AbortSignal | undefined;
}

/** What every item has in the container, whatever wrote it. */
type StoredItem = Readonly<Record<string, unknown>> & UserItem & { readonly _etag: string };

/** What a query found: the items that can be read, and the ids of the others. */
export function readableOf<Item>(found: readonly Result<Item, UnreadableItem>[]): {
  readonly items: readonly Item[];
  readonly unreadable: readonly string[];
} {
  return {
    items: found.flatMap((item) => (item.ok ? [item.value] : [])),
    unreadable: found.flatMap((item) => (item.ok ? [] : [item.reason.id])),
  };
}
