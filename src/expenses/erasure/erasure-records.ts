import { randomUUID } from "node:crypto";
import { z } from "zod";
import { failure, type Result, success } from "../../core/result.ts";
import { callCosmos } from "../../storage/cosmos.ts";
import type { StoreFailure } from "../../storage/failure.ts";
import { type OpenContainer, type ReadItem, UserItems } from "../../storage/user-items.ts";

/** In the person's partition, where no expense can have it: the ids of expenses have no `~`. */
export const erasureItemId = "~erasure";

const erasureCounts = z.object({
  expenses: z.int(),
  receipts: z.int(),
  /** Receipts that never reached an expense, and statements that wait to be imported. */
  uploads: z.int(),
  /** Clients connected through the gateway; records of the version before have none. */
  connections: z.int().default(0),
});

/** What there was when an erasure began. */
export type ErasureCounts = z.output<typeof erasureCounts>;

/**
 * That a person's data is being deleted. Not `type: "expense"`, so that no version of the server takes
 * it for one.
 */
const storedErasure = z.object({
  id: z.literal(erasureItemId),
  userId: z.string(),
  type: z.literal("erasure"),
  schemaVersion: z.literal(1),
  /** Names this erasure, for the log. */
  erasure: z.string(),
  begunAt: z.string(),
  /** Names the run that is at it: another has taken over where it is no longer the same. */
  worker: z.string(),
  workedAt: z.string(),
  /** Absent until it is known, before which nothing is deleted. */
  counts: erasureCounts.optional(),
});

export type StoredErasure = z.output<typeof storedErasure>;

/** An erasure under way, as it was read. */
export type Erasure = ReadItem<StoredErasure>;

/** The records of erasures, one in the partition of each person whose data is being deleted. */
export class ErasureRecords {
  readonly #open: OpenContainer;
  readonly #items: UserItems<StoredErasure>;

  constructor(open: OpenContainer) {
    this.#open = open;
    this.#items = new UserItems(open, storedErasure);
  }

  /** Request charge: a point read. */
  find(userId: string, signal?: AbortSignal): Promise<Result<Erasure | undefined, StoreFailure>> {
    return this.#items.find(userId, erasureItemId, signal);
  }

  /**
   * Begins an erasure, and tells whether it was this call that began it. From then on it hides all that
   * the person has.
   *
   * @param now milliseconds since the epoch
   */
  async begin(
    userId: string,
    now: number,
    signal?: AbortSignal,
  ): Promise<Result<{ readonly hasBegun: boolean; readonly erasure: string }, StoreFailure>> {
    const at = new Date(now).toISOString();
    const erasure = randomUUID();
    const created = await this.#items.create(
      {
        id: erasureItemId,
        userId,
        type: "erasure",
        schemaVersion: 1,
        erasure,
        begunAt: at,
        // Nobody's yet.
        worker: "",
        workedAt: at,
      },
      signal,
    );
    if (!created.ok) return created;
    return success({ hasBegun: created.value === "created", erasure });
  }

  /** Replaces the record, and tells whether it was still as it was read. */
  change(
    read: Erasure,
    change: Partial<Pick<StoredErasure, "worker" | "workedAt" | "counts">>,
    signal?: AbortSignal,
  ): Promise<Result<boolean, StoreFailure>> {
    return this.#items.replace(read, { ...read.item, ...change }, signal);
  }

  /** Ends an erasure, and tells whether the record was still as it was read. */
  remove(read: Erasure, signal?: AbortSignal): Promise<Result<boolean, StoreFailure>> {
    return this.#items.delete(read, signal);
  }

  /**
   * Whose data is being deleted, everybody's: for upkeep alone.
   *
   * Request charge: one query of the index of every partition.
   */
  async people(signal: AbortSignal): Promise<Result<readonly string[], StoreFailure>> {
    const query = "SELECT c.userId FROM c WHERE c.type = 'erasure'";
    const found = await callCosmos(async () => {
      const { items } = await this.#open();
      return items.query<{ userId: string }>(query, { abortSignal: signal }).fetchAll();
    }, signal);
    return found.ok
      ? success(found.value.resources.map(({ userId }) => userId))
      : failure(found.reason);
  }
}
