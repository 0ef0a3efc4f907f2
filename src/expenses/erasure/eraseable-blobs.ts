import { failure, type Result, success } from "../../core/result.ts";
import type { StoreFailure } from "../../storage/failure.ts";
import type { UserBlobs } from "../../storage/user-blobs.ts";
import { unlessErasing } from "./eraseable-store.ts";
import type { Eraser } from "./erasure.ts";

/**
 * People's files, of which nothing is shown, and to which nothing is added, while a person's data is
 * being deleted. One point read of the database for each call.
 */
export function eraseableBlobs(blobs: UserBlobs, eraser: Pick<Eraser, "find">): UserBlobs {
  async function isErasing(
    userId: string,
    signal: AbortSignal | undefined,
  ): Promise<Result<boolean, StoreFailure>> {
    const found = await eraser.find(userId, signal);
    return found.ok ? success(found.value !== undefined) : found;
  }

  const read = <Value>(
    userId: string,
    signal: AbortSignal | undefined,
    reading: Promise<Result<Value, StoreFailure>>,
    hidden: Value,
  ) => unlessErasing(isErasing(userId, signal), reading, hidden);

  /** As an expense is: written first, then looked at. */
  async function keep<Value>(
    { area, userId, path }: { area: string; userId: string; path: string },
    signal: AbortSignal | undefined,
    written: Result<Value, StoreFailure>,
    isNew: (value: Value) => boolean,
  ): Promise<Result<Value, StoreFailure>> {
    if (!written.ok) return written;
    const erasing = await isErasing(userId, signal);
    if (!erasing.ok) return erasing;
    if (!erasing.value) return written;
    if (isNew(written.value)) {
      const undone = await blobs.delete(area, userId, path, { signal });
      if (!undone.ok) return undone;
    }
    return failure({ kind: "being-erased" });
  }

  return {
    async put(area, userId, path, bytes, options) {
      const written = await blobs.put(area, userId, path, bytes, options);
      return keep({ area, userId, path }, options.signal, written, (kind) => kind === "stored");
    },
    async copy(from, to, options) {
      const written = await blobs.copy(from, to, options);
      return keep(to, options?.signal, written, (wasThere) => wasThere);
    },
    get: (area, userId, path, options) =>
      read(userId, options?.signal, blobs.get(area, userId, path, options), undefined),
    list: (area, userId, prefix, options) =>
      read(userId, options?.signal, blobs.list(area, userId, prefix, options), []),
    // For upkeep, which sees everybody's.
    page: (area, options) => blobs.page(area, options),
    // What is gone sooner does no harm.
    delete: (area, userId, path, options) => blobs.delete(area, userId, path, options),
  };
}
