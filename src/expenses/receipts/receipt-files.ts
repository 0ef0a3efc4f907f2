import { createHash, randomBytes } from "node:crypto";
import type { Log } from "../../core/log.ts";
import { failure, type Result, success } from "../../core/result.ts";
import { type StoreFailure, storeToolFailures } from "../../storage/failure.ts";
import type { UserBlob, UserBlobs } from "../../storage/user-blobs.ts";
import type { Expense } from "../expense.ts";
import type { Receipt } from "../receipt.ts";
import type { ExpenseStore } from "../store/store.ts";

/** Where receipts are kept, and where they are until their expense refers to them. */
export const receiptsArea = "receipts";
const pendingArea = "pending";

/** Of one receipt, in bytes: 2.5 MiB. As base64 it has room in a request of 4 MiB. */
export const largestReceipt = 2.5 * 1024 * 1024;
/** How many receipts an expense may have. */
export const receiptsPerExpense = 5;
/**
 * How much one person may keep. Of calls at the same time each may see that there is room, so that a
 * few more are possible.
 */
export const receiptsPerPerson = { files: 1000, bytes: 500 * 1024 * 1024 } as const;

/** A failure of where receipts are kept as a tool's. */
export const receiptToolFailure = storeToolFailures({ all: "The receipts", one: "receipt" });

/** A file that is to be a receipt. */
export interface ReceiptFile extends UserBlob {
  /** What it is called. */
  readonly name?: string | undefined;
}

export type AttachOutcome =
  | { readonly kind: "attached"; readonly expense: Expense; readonly receipt: Receipt }
  /** The expense has a receipt with the same content; nothing was stored. */
  | { readonly kind: "already-attached"; readonly expense: Expense; readonly receipt: Receipt }
  /** The expense has as many receipts as one may have. */
  | { readonly kind: "expense-full" }
  /** The person has as many, or as much, as one may have. */
  | { readonly kind: "person-full" };

export interface ReceiptFilesParts {
  readonly blobs: UserBlobs;
  readonly store: Pick<ExpenseStore, "find" | "changeReceipts">;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

interface Call {
  readonly signal: AbortSignal;
  readonly log: Log;
}

/**
 * The files of receipts, below the object id of the person whose they are. A file gets a name that no
 * other has had before its expense refers to it, and is deleted only once nothing refers to it: so what
 * an expense refers to is always there, and what is left behind can be swept.
 */
export class ReceiptFiles {
  readonly #blobs: UserBlobs;
  readonly #store: ReceiptFilesParts["store"];
  readonly #now: () => number;

  constructor({ blobs, store, now }: ReceiptFilesParts) {
    this.#blobs = blobs;
    this.#store = store;
    this.#now = now;
  }

  /**
   * Adds a receipt to an expense: uploaded, copied to where it stays, and only then referred to. Nothing
   * where the person has no such expense. The same content a second time changes nothing, so that a call
   * whose answer was lost can be repeated.
   */
  async attach(
    userId: string,
    expenseId: string,
    { bytes, mediaType, name }: ReceiptFile,
    { signal, log }: Call,
  ): Promise<Result<AttachOutcome | undefined, StoreFailure>> {
    const found = await this.#store.find(userId, expenseId, { signal });
    if (!found.ok) return found;
    if (!found.value?.expense) return success(undefined);
    const content = contentId(bytes);
    const before = outcomeFor(found.value.expense, content);
    if (before) return success(before);
    const kept = await this.#blobs.list(receiptsArea, userId, "", { signal });
    if (!kept.ok) return kept;
    const keptBytes = kept.value.reduce((sum, file) => sum + file.bytes, 0);
    if (
      kept.value.length >= receiptsPerPerson.files ||
      keptBytes + bytes.byteLength > receiptsPerPerson.bytes
    ) {
      return success({ kind: "person-full" });
    }

    const receipt: Receipt = {
      id: `${content}${randomBytes(6).toString("base64url")}`,
      mediaType,
      bytes: bytes.byteLength,
      ...(name !== undefined && { name }),
      addedAt: new Date(this.#now()).toISOString(),
    };
    const path = pathOf(expenseId, receipt.id);
    const uploaded = await this.#blobs.put(pendingArea, userId, path, bytes, { mediaType, signal });
    if (!uploaded.ok) return uploaded;
    const copied = await this.#blobs.copy(
      { area: pendingArea, userId, path },
      { area: receiptsArea, userId, path },
      { signal },
    );
    if (!copied.ok) return copied;
    if (!copied.value) return failure({ kind: "unavailable", cause: "an upload was not found" });

    const changed = await this.#store.changeReceipts(
      userId,
      expenseId,
      (receipts) =>
        outcomeFor({ receipts }, content) === undefined ? [...receipts, receipt] : undefined,
      { signal },
    );
    // Whether it is referred to may be unknown then: what was copied stays for the sweep.
    if (!changed.ok) return changed;
    const outcome = changed.value && outcomeFor(changed.value, content, receipt.id);
    if (outcome?.kind !== "attached") {
      await this.#delete(receiptsArea, userId, path, { signal, log });
    }
    await this.#delete(pendingArea, userId, path, { signal, log });
    return success(outcome);
  }

  /** The file of a receipt; nothing where the person has no such expense, or it no such receipt. */
  async read(
    userId: string,
    expenseId: string,
    receiptId: string,
    signal: AbortSignal,
  ): Promise<Result<UserBlob | undefined, StoreFailure>> {
    const found = await this.#store.find(userId, expenseId, { signal });
    if (!found.ok) return found;
    const receipt = found.value?.expense?.receipts.find(({ id }) => id === receiptId);
    if (!receipt) return success(undefined);
    const path = pathOf(expenseId, receipt.id);
    const file = await this.#blobs.get(receiptsArea, userId, path, { signal });
    return file.ok && file.value
      ? success({ bytes: file.value.bytes, mediaType: receipt.mediaType })
      : file;
  }

  /** Deletes the files of an expense that is deleted. What cannot be deleted now is left to the sweep. */
  async deleteOf(
    userId: string,
    { id, receipts }: Pick<Expense, "id" | "receipts">,
    call: Call,
  ): Promise<void> {
    await Promise.all(
      receipts.map((receipt) => this.#delete(receiptsArea, userId, pathOf(id, receipt.id), call)),
    );
  }

  async #delete(area: string, userId: string, path: string, { signal, log }: Call): Promise<void> {
    const deleted = await this.#blobs.delete(area, userId, path, { signal });
    if (!deleted.ok) log("warn", "receipt.left", { area, reason: deleted.reason.kind });
  }
}

export function pathOf(expenseId: string, receiptId: string): string {
  return `${expenseId}/${receiptId}`;
}

/** 128 bits of a digest: begins the ids of all receipts with this content. */
function contentId(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest().subarray(0, 16).toString("base64url");
}

/**
 * What has become of attaching a content to an expense that is so; undefined where it may go on.
 *
 * @param own the id under which it was attached, where it was
 */
function outcomeFor<Kept extends Pick<Expense, "receipts">>(
  expense: Kept,
  content: string,
  own?: string,
) {
  const receipt = expense.receipts.find(({ id }) => id.startsWith(content));
  if (receipt) {
    const kind = receipt.id === own ? ("attached" as const) : ("already-attached" as const);
    return { kind, expense, receipt };
  }
  const isFull = expense.receipts.length >= receiptsPerExpense;
  return isFull ? { kind: "expense-full" as const } : undefined;
}
