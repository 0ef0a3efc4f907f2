import { type Result, success } from "../../core/result.ts";
import type { StoreFailure } from "../../storage/failure.ts";
import type { OwnedBlob, UserBlobs } from "../../storage/user-blobs.ts";
import type { Upkeep } from "../../upkeep.ts";
import type { ExpenseStore } from "../store/store.ts";
import { pathOf, receiptsArea } from "./receipt-files.ts";

/**
 * In milliseconds: a file this young may be on its way to its expense. A request takes a minute at
 * most; the rest is for clocks that disagree.
 */
const youngest = 60 * 60 * 1000;

/** How many expenses are looked up at the same time. */
const lookUps = 8;

export interface SweepParts {
  readonly blobs: Pick<UserBlobs, "page" | "delete">;
  readonly store: Pick<ExpenseStore, "find">;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

export interface SweepOptions {
  /** Only people whose object id begins with it; everybody unless given. */
  readonly owners?: string;
  /** Counts what nothing refers to, and deletes none of it. */
  readonly isDryRun?: boolean;
  readonly signal: AbortSignal;
}

export interface SweepReport {
  /** How many receipts there are. */
  readonly files: number;
  /** How many of them nothing refers to; deleted, but for a dry run. */
  readonly unreferenced: number;
  /** Of the unreferenced ones. */
  readonly bytes: number;
}

/**
 * Deletes the receipts that no expense refers to: left behind where a call was cut off between a file
 * and its expense. A file is referred to within the call that made it or never, so that one of some age
 * that nothing refers to stays so.
 *
 * Request charge: a point read for each expense with receipts.
 */
export async function sweepReceipts(
  { blobs, store, now }: SweepParts,
  { owners = "", isDryRun = false, signal }: SweepOptions,
): Promise<Result<SweepReport, StoreFailure>> {
  let report: SweepReport = { files: 0, unreferenced: 0, bytes: 0 };
  let after: string | undefined;
  do {
    const page = await blobs.page(receiptsArea, { owners, after, signal });
    if (!page.ok) return page;
    const { files, next } = page.value;
    const old = files.filter(({ modifiedAt }) => now() - modifiedAt > youngest);
    const groups = [...Map.groupBy(old, (file) => `${file.userId}/${expenseOf(file)}`).values()];
    for (let start = 0; start < groups.length; start += lookUps) {
      const found = await Promise.all(
        groups.slice(start, start + lookUps).map((group) => unreferencedOf(group, store, signal)),
      );
      for (const unreferenced of found) {
        if (!unreferenced.ok) return unreferenced;
        for (const { userId, path, bytes } of unreferenced.value) {
          if (!isDryRun) {
            const deleted = await blobs.delete(receiptsArea, userId, path, { signal });
            if (!deleted.ok) return deleted;
          }
          const { unreferenced: count, bytes: sum } = report;
          report = { ...report, unreferenced: count + 1, bytes: sum + bytes };
        }
      }
    }
    report = { ...report, files: report.files + files.length };
    after = next;
  } while (after !== undefined);
  return success(report);
}

/** @param group files of one expense */
async function unreferencedOf(
  group: readonly OwnedBlob[],
  store: SweepParts["store"],
  signal: AbortSignal,
): Promise<Result<readonly OwnedBlob[], StoreFailure>> {
  const [first] = group;
  if (!first) return success([]);
  const id = expenseOf(first);
  const found = await store.find(first.userId, id, { signal });
  if (!found.ok) return found;
  if (!found.value) return success(group);
  const { expense } = found.value;
  // What this version cannot read may refer to them.
  if (!expense) return success([]);
  const referred = new Set(expense.receipts.map((receipt) => pathOf(id, receipt.id)));
  return success(group.filter(({ path }) => !referred.has(path)));
}

function expenseOf({ path }: OwnedBlob): string {
  return path.split("/")[0] ?? "";
}

/**
 * The sweep as upkeep: once a day for everybody, a part of the people at a time. Object ids begin with
 * one of sixteen digits, and each of the day's first sixteen quarter hours (UTC) takes one.
 */
export function receiptUpkeep(parts: SweepParts): Upkeep {
  return async (signal, log) => {
    const quarter = Math.floor((parts.now() / (15 * 60 * 1000)) % (24 * 4));
    if (quarter >= 16) return;
    const swept = await sweepReceipts(parts, { owners: quarter.toString(16), signal });
    if (swept.ok) log("info", "receipts.swept", { ...swept.value });
    else
      log("error", "receipts.not-swept", { reason: swept.reason.kind, ...causeOf(swept.reason) });
  };
}

function causeOf(reason: StoreFailure): { cause?: string } {
  return "cause" in reason ? { cause: reason.cause } : {};
}
