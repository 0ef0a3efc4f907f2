import { failure, type Result, success } from "../../core/result.ts";
import type { StoreFailure } from "../../storage/failure.ts";
import type { ExpenseStore } from "../store/store.ts";
import type { Eraser } from "./erasure.ts";

/** What is shown of a person whose data is being deleted. */
const nothing = { expenses: [], unreadable: [] };
const noFigures = { figures: [], unreadable: 0 };

/**
 * A store that shows nothing of a person, and stores nothing, while their data is being deleted.
 *
 * Request charge: one point read more than the store's own, for each call. A read is made at the same
 * time as the store's own; an add is looked at afterwards, which is when it is decided.
 */
export function eraseable(
  store: ExpenseStore,
  eraser: Pick<Eraser, "find" | "help">,
): ExpenseStore {
  async function isErasing(
    userId: string,
    signal: AbortSignal | undefined,
  ): Promise<Result<boolean, StoreFailure>> {
    const found = await eraser.find(userId, signal);
    if (!found.ok) return found;
    if (found.value) await eraser.help(found.value, signal);
    return success(found.value !== undefined);
  }

  const read = <Value>(
    userId: string,
    signal: AbortSignal | undefined,
    reading: Promise<Result<Value, StoreFailure>>,
    hidden: Value,
  ) => unlessErasing(isErasing(userId, signal), reading, hidden);

  /** Writes unless all is being deleted. */
  async function write<Value>(
    userId: string,
    signal: AbortSignal | undefined,
    writing: () => Promise<Result<Value, StoreFailure>>,
  ): Promise<Result<Value, StoreFailure>> {
    const erasing = await isErasing(userId, signal);
    if (!erasing.ok) return erasing;
    return erasing.value ? failure({ kind: "being-erased" }) : writing();
  }

  return {
    async add(userId, expense, options) {
      const added = await store.add(userId, expense, options);
      if (!added.ok) return added;
      const { signal } = options;
      const isNew = added.value.kind === "added";
      const erasing = await isErasing(userId, signal);
      if (!erasing.ok) return isNew ? outcomeUnknown(erasing.reason) : erasing;
      if (!erasing.value) return added;
      if (isNew) {
        const { id, version } = added.value.expense;
        const undone = await store.delete(userId, id, (now) => now.expense?.version === version, {
          ...(signal && { signal }),
        });
        if (!undone.ok) return outcomeUnknown(undone.reason);
      }
      return failure({ kind: "being-erased" });
    },
    list: (userId, filters, page) =>
      read(userId, page.signal, store.list(userId, filters, page), nothing),
    figures: (userId, filters, options) =>
      read(userId, options?.signal, store.figures(userId, filters, options), noFigures),
    find: (userId, id, options) =>
      read(userId, options?.signal, store.find(userId, id, options), undefined),
    update: (userId, id, update) =>
      write(userId, update.signal, () => store.update(userId, id, update)),
    changeReceipts: (userId, id, change, options) =>
      write(userId, options?.signal, () => store.changeReceipts(userId, id, change, options)),
    delete: (userId, id, isMeant, options) =>
      write(userId, options?.signal, () => store.delete(userId, id, isMeant, options)),
    // Sums over everybody: who is being erased is in them until their expenses are gone.
    statistics: (range, options) => store.statistics(range, options),
  };
}

/** Something was written, and whether it stays was not to be learned. */
function outcomeUnknown<Value>(reason: StoreFailure): Result<Value, StoreFailure> {
  if (reason.kind === "unavailable" || reason.kind === "cancelled") {
    return failure({ ...reason, isOutcomeUnknown: true });
  }
  return failure({ kind: "unavailable", cause: reason.kind, isOutcomeUnknown: true });
}

/** What is read, or `hidden` while all is being deleted: both are found out at once. */
export async function unlessErasing<Value>(
  isErasing: Promise<Result<boolean, StoreFailure>>,
  reading: Promise<Result<Value, StoreFailure>>,
  hidden: Value,
): Promise<Result<Value, StoreFailure>> {
  const [erasing, found] = await Promise.all([isErasing, reading]);
  if (!erasing.ok) return erasing;
  return erasing.value ? success(hidden) : found;
}
