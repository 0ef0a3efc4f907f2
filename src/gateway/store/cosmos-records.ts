import { randomUUID } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import type { Container } from "@azure/cosmos";
import { z } from "zod";
import { failure, type Result, success } from "../../core/result.ts";
import { callCosmos, hasStatus, writeToCosmos } from "../../storage/cosmos.ts";
import type { StoreFailure, UnreadableItem } from "../../storage/failure.ts";
import type { OpenContainer } from "../../storage/user-items.ts";
import type {
  GatewayStore,
  RecordKey,
  RecordKind,
  Records,
  RecordVersion,
  StoredRecord,
} from "./records.ts";

export interface GatewayStoreOptions {
  /** Opens the container that `gatewayContainer` defines. */
  readonly open: OpenContainer;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Waits so many milliseconds, or rejects when the signal aborts. */
  readonly pause?: (milliseconds: number, signal?: AbortSignal) => Promise<unknown>;
}

/** A read that finds nothing is tried again after each of these, in milliseconds. */
export const readPauses = [50, 100, 200] as const;

/** What the gateway keeps, in Azure Cosmos DB. */
export function createGatewayStore({
  open,
  now,
  pause = (milliseconds, signal) => setTimeout(milliseconds, undefined, { signal }),
}: GatewayStoreOptions): GatewayStore {
  return { records: (kind) => new CosmosRecords(kind, { open, now, pause }) };
}

/** Says nothing: its write is what counts. */
const markerKind: RecordKind<object> = { name: "marker", schema: z.object({}) };
/** Milliseconds. */
const markerKept = 1000;

/** What stands around each item in the container. */
const envelope = z.object({
  item: z.unknown(),
  /** Milliseconds since the epoch. */
  expiresAt: z.number(),
  _etag: z.string(),
});

/** A record as it is in the container, whatever wrote it. */
type FoundDocument = Readonly<Record<string, unknown>>;

class CosmosRecords<Item> implements Records<Item> {
  readonly #kind: RecordKind<Item>;
  readonly #options: Required<GatewayStoreOptions>;

  constructor(kind: RecordKind<Item>, options: Required<GatewayStoreOptions>) {
    this.#kind = kind;
    this.#options = options;
  }

  /** Request charge: one write; with a point read and a write more where an expired one is in the way. */
  async create(key: RecordKey, item: Item, expiresAt: number, signal?: AbortSignal) {
    const document = this.#document(key, item, expiresAt);
    const create = async ({ items }: Container) => {
      try {
        await items.create(document, { abortSignal: signal });
        return "created" as const;
      } catch (error) {
        if (hasStatus(error, 409)) return "exists" as const;
        throw error;
      }
    };
    const created = await writeToCosmos(this.#options.open, create, signal);
    if (!created.ok || created.value === "created") return created;

    const found = await callCosmos(async () => this.#find(key, signal), signal);
    if (!found.ok) return found;
    const expired = this.#expired(found.value);
    if (expired === undefined) return success("exists" as const);
    const replaced = await this.replace({ ...key, etag: expired }, item, expiresAt, signal);
    if (!replaced.ok) return replaced;
    return success(replaced.value ? ("created" as const) : ("exists" as const));
  }

  /** Request charge: a point read, or one for each try where nothing is found. */
  async read(
    key: RecordKey,
    signal?: AbortSignal,
  ): Promise<Result<StoredRecord<Item> | undefined, StoreFailure>> {
    const found = await callCosmos(async () => {
      for (const milliseconds of readPauses) {
        const document = await this.#find(key, signal);
        if (document !== undefined && this.#expired(document) === undefined) return document;
        await this.#options.pause(milliseconds, signal);
      }
      return this.#find(key, signal);
    }, signal);
    if (!found.ok) return found;
    if (found.value === undefined || this.#expired(found.value) !== undefined) {
      return success(undefined);
    }
    return this.#record(key, found.value);
  }

  /** Request charge: one write, about twice that of the first. */
  replace({ etag, ...key }: RecordVersion, item: Item, expiresAt: number, signal?: AbortSignal) {
    const document = this.#document(key, item, expiresAt);
    return this.#ifUnchanged(
      (container) =>
        container.item(document.id, key.partition).replace(document, {
          abortSignal: signal,
          accessCondition: { type: "IfMatch", condition: etag },
        }),
      signal,
    );
  }

  delete({ etag, ...key }: RecordVersion, signal?: AbortSignal) {
    const id = this.#documentId(key);
    return this.#ifUnchanged(
      (container) =>
        container.item(id, key.partition).delete({
          abortSignal: signal,
          accessCondition: { type: "IfMatch", condition: etag },
        }),
      signal,
    );
  }

  async list(partition: string, signal?: AbortSignal) {
    const found = await this.#query<FoundDocument>("SELECT *", partition, signal);
    if (!found.ok) return found;
    const records: StoredRecord<Item>[] = [];
    for (const document of found.value) {
      const id = String(document.id).slice(this.#documentId({ partition, id: "" }).length);
      const record = this.#record({ partition, id }, document);
      if (!record.ok) return record;
      records.push(record.value);
    }
    return success(records);
  }

  /**
   * With Session consistency a client that has written is answered by replicas that have its write, and
   * so all that the partition was written before.
   *
   * @see https://learn.microsoft.com/azure/cosmos-db/consistency-levels#session-consistency
   */
  async listCurrent(partition: string, signal?: AbortSignal) {
    const expiresAt = this.#options.now() + markerKept;
    const marker = new CosmosRecords(markerKind, this.#options);
    const marked = await marker.create({ partition, id: randomUUID() }, {}, expiresAt, signal);
    return marked.ok ? this.list(partition, signal) : marked;
  }

  async count(partition: string, signal?: AbortSignal) {
    const found = await this.#query<number>("SELECT VALUE COUNT(1)", partition, signal);
    // Of a long query each of the database's answers has a sum of its own.
    return found.ok ? success(found.value.reduce((sum, part) => sum + part, 0)) : found;
  }

  async #ifUnchanged(
    write: (container: Container) => Promise<unknown>,
    signal: AbortSignal | undefined,
  ): Promise<Result<boolean, StoreFailure>> {
    const writeOnce = async (container: Container) => {
      try {
        await write(container);
        return true;
      } catch (error) {
        if (hasStatus(error, 404) || hasStatus(error, 412)) return false;
        throw error;
      }
    };
    return writeToCosmos(this.#options.open, writeOnce, signal);
  }

  async #find(key: RecordKey, signal?: AbortSignal): Promise<FoundDocument | undefined> {
    const container = await this.#options.open();
    const item = container.item(this.#documentId(key), key.partition);
    const { resource } = await item.read<FoundDocument>({ abortSignal: signal });
    return resource;
  }

  /** The query names the partition as well, since not every emulator heeds the one of the options. */
  async #query<Found>(
    selection: string,
    partition: string,
    signal: AbortSignal | undefined,
  ): Promise<Result<Found[], StoreFailure>> {
    const query = {
      query: `${selection} FROM c WHERE c.partition = @partition AND c.kind = @kind AND c.expiresAt > @now`,
      parameters: [
        { name: "@partition", value: partition },
        { name: "@kind", value: this.#kind.name },
        { name: "@now", value: this.#options.now() },
      ],
    };
    const options = { partitionKey: partition, abortSignal: signal };
    return callCosmos(async () => {
      const { items } = await this.#options.open();
      return (await items.query<Found>(query, options).fetchAll()).resources;
    }, signal);
  }

  /** The version of a record whose time has passed; undefined for every other. */
  #expired(document: FoundDocument | undefined): string | undefined {
    const { data } = envelope.safeParse(document);
    return data && data.expiresAt <= this.#options.now() ? data._etag : undefined;
  }

  #record(key: RecordKey, stored: FoundDocument): Result<StoredRecord<Item>, UnreadableItem> {
    const parsed = envelope.extend({ item: this.#kind.schema }).safeParse(stored);
    if (parsed.success) {
      return success({ ...key, etag: parsed.data._etag, item: parsed.data.item as Item });
    }
    return failure({
      kind: "unreadable-item",
      userId: key.partition,
      id: key.id,
      etag: String(stored._etag),
      properties: parsed.error.issues.map((issue) => issue.path.join(".")),
      stored,
    });
  }

  #document(key: RecordKey, item: Item, expiresAt: number) {
    return {
      id: this.#documentId(key),
      partition: key.partition,
      kind: this.#kind.name,
      item,
      expiresAt,
      // Whole seconds from the write on, by the database's clock; 0 is refused.
      ttl: Math.max(1, Math.ceil((expiresAt - this.#options.now()) / 1000)),
    };
  }

  /** @throws {TypeError} for what Cosmos DB takes for a path, or for nothing */
  #documentId({ id }: RecordKey): string {
    if (!/^[\w.:~-]*$/.test(id)) throw new TypeError("This is no id of a record.");
    return `${this.#kind.name}:${id}`;
  }
}
