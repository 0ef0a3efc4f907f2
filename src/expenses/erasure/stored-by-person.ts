import { z } from "zod";
import { type Result, success } from "../../core/result.ts";
import type { Connections } from "../../define-domain.ts";
import type { StoreFailure } from "../../storage/failure.ts";
import type { UserBlobs } from "../../storage/user-blobs.ts";
import { type OpenContainer, UserItems } from "../../storage/user-items.ts";
import { erasureItemId } from "./erasure-records.ts";

/** What is stored of one person, as it is shown to them before it is deleted. */
export interface StoredAmount {
  readonly expenses: number;
  /** Date of the earliest expense, `YYYY-MM-DD`; absent where there is none. */
  readonly since?: string;
  readonly receipts: number;
  /** Receipts that never reached an expense, and statements that wait to be imported. */
  readonly uploads: number;
  /** Clients that may act for them through the gateway. */
  readonly connections: number;
}

export interface StoredByPersonParts {
  readonly open: OpenContainer;
  readonly blobs: UserBlobs;
  /** Every area that the domain has. */
  readonly areas: readonly string[];
  readonly connections: Connections;
}

/** How many items are looked up at a time to be deleted. */
const batchSize = 100;
/** How many deletions are under way at a time: more would be throttled where the throughput is small. */
const atOnce = 16;

const itemName = z.object({ id: z.string(), _etag: z.string() });

/**
 * All that is stored of one person: whatever lies in their partition of the container but the record of
 * an erasure, their files in every area, and their connections.
 */
export class StoredByPerson {
  readonly #items: UserItems<{ id: string; userId: string }>;
  readonly #blobs: UserBlobs;
  readonly #areas: readonly string[];
  readonly #connections: Connections;

  constructor({ open, blobs, areas, connections }: StoredByPersonParts) {
    this.#items = new UserItems(open, z.object({ id: z.string(), userId: z.string() }));
    this.#blobs = blobs;
    this.#areas = areas;
    this.#connections = connections;
  }

  /** Request charge: two queries of the index. */
  async count(userId: string, signal?: AbortSignal): Promise<Result<StoredAmount, StoreFailure>> {
    const select = <Value>(selection: string, part: z.ZodType<Value>) =>
      this.#items.select(
        userId,
        {
          query: `SELECT ${selection} FROM c WHERE c.userId = @userId AND c.type = 'expense'`,
          parameters: [{ name: "@userId", value: userId }],
        },
        part,
        { signal },
      );
    const [counted, earliest, connections, ...files] = await Promise.all([
      select("VALUE COUNT(1)", z.int()),
      select("VALUE MIN(c.sortKey)", z.string()),
      this.#connections.count(userId, signal),
      ...this.#areas.map((area) => this.#blobs.list(area, userId, "", { signal })),
    ]);
    if (!counted.ok) return counted;
    if (!earliest.ok) return earliest;
    if (!connections.ok) return connections;
    let receipts = 0;
    let uploads = 0;
    for (const [index, area] of this.#areas.entries()) {
      const listed = files[index];
      if (!listed) continue;
      if (!listed.ok) return listed;
      if (area === "receipts") receipts += listed.value.length;
      else uploads += listed.value.length;
    }
    const since = earliest.value[0]?.slice(0, 10);
    return success({
      expenses: counted.value[0] ?? 0,
      ...(since !== undefined && { since }),
      receipts,
      uploads,
      connections: connections.value,
    });
  }

  /**
   * Looks for what is left and deletes it, a part at a time. What is deleted is what was found, and
   * nothing that was written since, were it under the same id.
   *
   * @param mayDelete asked between looking and deleting; where it says no, nothing is deleted
   * @returns how many there were in this part, or `stopped`
   */
  async deletePart(
    userId: string,
    mayDelete: () => Promise<Result<boolean, StoreFailure>>,
    signal: AbortSignal,
  ): Promise<Result<number | "stopped", StoreFailure>> {
    const items = await this.#items.select(
      userId,
      {
        query: `SELECT TOP ${batchSize} c.id, c._etag FROM c WHERE c.userId = @userId AND c.id != @record`,
        parameters: [
          { name: "@userId", value: userId },
          { name: "@record", value: erasureItemId },
        ],
      },
      itemName,
      { maxItemCount: batchSize, signal },
    );
    if (!items.ok) return items;
    const deletions = items.value.flatMap((item) =>
      item ? [() => this.#items.delete({ userId, id: item.id, etag: item._etag }, signal)] : [],
    );
    // The files come last, since only expenses say what they are.
    if (deletions.length > 0) return deleteAll(deletions, mayDelete);
    for (const area of this.#areas) {
      const files = await this.#blobs.list(area, userId, "", { signal });
      if (!files.ok) return files;
      if (files.value.length === 0) continue;
      return deleteAll(
        files.value.map(
          ({ path }) =>
            () =>
              this.#blobs.delete(area, userId, path, { signal }),
        ),
        mayDelete,
      );
    }
    return success(0);
  }

  /** Ends the person's connections, and tells how many there were. */
  endConnections(
    userId: string,
    erasure: string,
    signal: AbortSignal,
  ): Promise<Result<number, StoreFailure>> {
    return this.#connections.endAll(userId, erasure, signal);
  }
}

async function deleteAll(
  deletions: readonly (() => Promise<Result<boolean, StoreFailure>>)[],
  mayDelete: () => Promise<Result<boolean, StoreFailure>>,
): Promise<Result<number | "stopped", StoreFailure>> {
  const allowed = await mayDelete();
  if (!allowed.ok) return allowed;
  if (!allowed.value) return success("stopped");
  for (let index = 0; index < deletions.length; index += atOnce) {
    const deleted = await Promise.all(
      deletions.slice(index, index + atOnce).map((remove) => remove()),
    );
    const failed = deleted.find(({ ok }) => !ok);
    if (failed && !failed.ok) return failed;
  }
  return success(deletions.length);
}
