import type { z } from "zod";
import type { Result } from "../../core/result.ts";
import type { StoreFailure } from "../../storage/failure.ts";

/** Where a record is. Nothing in it is a secret: tokens, codes and states stand in it as hashes. */
export interface RecordKey {
  readonly partition: string;
  readonly id: string;
}

/** One version of a record. */
export interface RecordVersion extends RecordKey {
  readonly etag: string;
}

export interface StoredRecord<Item> extends RecordVersion {
  readonly item: Item;
}

/** What a record is: one id in two kinds is two records. */
export interface RecordKind<Item> {
  /** Lower case letters and hyphens. */
  readonly name: string;
  readonly schema: z.ZodType<Item>;
}

/**
 * The records of one kind. Every decision is a conditional write: of several instances that decide at
 * once, exactly one succeeds. A read may lag behind what another instance wrote (the account's
 * consistency is Session), so that nothing is decided by what was read until the write has succeeded.
 *
 * `expiresAt` is in milliseconds since the epoch. The database deletes a record some time after it; until
 * then no read shows it.
 */
export interface Records<Item> {
  create(
    key: RecordKey,
    item: Item,
    expiresAt: number,
    signal?: AbortSignal,
  ): Promise<Result<"created" | "exists", StoreFailure>>;

  /** Tried again for a moment where nothing is found, since another instance may just have written it. */
  read(
    key: RecordKey,
    signal?: AbortSignal,
  ): Promise<Result<StoredRecord<Item> | undefined, StoreFailure>>;

  /** Replaces this version, and tells whether it was still the last one. */
  replace(
    version: RecordVersion,
    item: Item,
    expiresAt: number,
    signal?: AbortSignal,
  ): Promise<Result<boolean, StoreFailure>>;

  /** Deletes this version, and tells whether it was still the last one. */
  delete(version: RecordVersion, signal?: AbortSignal): Promise<Result<boolean, StoreFailure>>;

  /** All of a partition that have not expired. */
  list(
    partition: string,
    signal?: AbortSignal,
  ): Promise<Result<readonly StoredRecord<Item>[], StoreFailure>>;

  /**
   * All of a partition that have not expired, each that anybody has written before the call among them:
   * for whoever has to miss none. Takes a write.
   */
  listCurrent(
    partition: string,
    signal?: AbortSignal,
  ): Promise<Result<readonly StoredRecord<Item>[], StoreFailure>>;

  /** How many of a partition have not expired. */
  count(partition: string, signal?: AbortSignal): Promise<Result<number, StoreFailure>>;
}

/** What the gateway keeps, in one container for all kinds. */
export interface GatewayStore {
  records<Item>(kind: RecordKind<Item>): Records<Item>;
}
