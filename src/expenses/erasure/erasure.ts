import { randomUUID } from "node:crypto";
import { audit } from "../../core/audit.ts";
import { consoleLog, type Log } from "../../core/log.ts";
import { type Result, success } from "../../core/result.ts";
import type { StoreFailure } from "../../storage/failure.ts";
import { type Erasure, type ErasureCounts, ErasureRecords } from "./erasure-records.ts";
import { type StoredAmount, StoredByPerson, type StoredByPersonParts } from "./stored-by-person.ts";

export interface EraserParts extends StoredByPersonParts {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** How far an erasure is. */
export interface ErasureProgress {
  readonly state: "finished" | "under-way";
  /** What there was when it began, where that is known by now. */
  readonly counts?: ErasureCounts;
  /** RFC 3339. */
  readonly begunAt: string;
}

/** Without a sign of life for so long, in milliseconds, an erasure is taken over by whoever sees it. */
const idleMilliseconds = 60_000;

/** How long a call that only sees an erasure goes on with it, in milliseconds. */
const helpMilliseconds = 3_000;

/**
 * Deletes all that is stored of a person and ends their connections, in steps that may each be the last of a process: a record in
 * the person's partition says that an erasure is under way, and goes when nothing is left.
 *
 * What holds, with several runs and calls at once, on whatever instances:
 * - What was stored when the erasure began is deleted, and is never shown again.
 * - An expense that is being added at that moment is refused and deleted, or counts as added after the
 *   erasure. It is written first and looks for a record then (`eraseable-store.ts`); the erasure has
 *   its record first and looks for expenses then. One of them sees the other, since what the database
 *   answers to one client is never older than what it has answered to it before (session consistency).
 * - What is stored after the erasure is not touched. A run deletes what it found while the record still
 *   named it, and only versions that it found; and a record ends by the run that it names alone, which
 *   has found nothing left. So whatever a run that was overtaken still deletes was to be deleted.
 */
export class Eraser {
  readonly #records: ErasureRecords;
  readonly #stored: StoredByPerson;
  readonly #now: () => number;

  constructor(parts: EraserParts) {
    this.#records = new ErasureRecords(parts.open);
    this.#stored = new StoredByPerson(parts);
    this.#now = parts.now;
  }

  /** The erasure under way of a person's data. Request charge: a point read. */
  find(userId: string, signal?: AbortSignal): Promise<Result<Erasure | undefined, StoreFailure>> {
    return this.#records.find(userId, signal);
  }

  /** What an erasure would delete. */
  count(userId: string, signal?: AbortSignal): Promise<Result<StoredAmount, StoreFailure>> {
    return this.#stored.count(userId, signal);
  }

  /** Begins an erasure unless one is under way, and tells which. From then on all is hidden. */
  async begin(
    userId: string,
    signal: AbortSignal,
  ): Promise<Result<{ readonly hasBegun: boolean; readonly erasure: string }, StoreFailure>> {
    return this.#records.begin(userId, this.#now(), signal);
  }

  /**
   * Carries on an erasure until it has ended, the signal aborts, or another run takes it over.
   *
   * @returns nothing where none is under way
   */
  async carryOn(
    userId: string,
    signal: AbortSignal,
    log: Log,
  ): Promise<Result<ErasureProgress | undefined, StoreFailure>> {
    const carried = await this.#carryOn(userId, signal, log);
    if (carried.ok || carried.reason.kind !== "cancelled") return carried;
    // The time is up. What is left is for the next run.
    const found = await this.#records.find(userId);
    if (!found.ok) return found;
    return success(found.value && progress("under-way", found.value));
  }

  /**
   * Goes on with an erasure for a moment where nobody seems to be at it: what any call does that sees
   * one, so that it comes to its end wherever a process has died. What fails is left for the next.
   */
  async help(seen: Erasure, signal: AbortSignal | undefined): Promise<void> {
    if (this.#isBusy(seen)) return;
    const moment = AbortSignal.timeout(helpMilliseconds);
    const limited = signal ? AbortSignal.any([signal, moment]) : moment;
    await this.carryOn(seen.userId, limited, consoleLog);
  }

  /** Carries on all erasures that nobody is at: for upkeep. */
  async carryOnAll(signal: AbortSignal, log: Log): Promise<void> {
    const people = await this.#records.people(signal);
    if (!people.ok) return noteFailure(log, people.reason);
    for (const userId of people.value) {
      if (signal.aborted) return;
      const found = await this.#records.find(userId, signal);
      if (found.ok && (!found.value || this.#isBusy(found.value))) continue;
      const carried = found.ok ? await this.carryOn(userId, signal, log) : found;
      if (!carried.ok) noteFailure(log, carried.reason);
    }
  }

  async #carryOn(
    userId: string,
    signal: AbortSignal,
    log: Log,
  ): Promise<Result<ErasureProgress | undefined, StoreFailure>> {
    const worker = randomUUID();
    const taken = await this.#take(userId, worker, signal);
    if (!taken.ok || !taken.value) return taken.ok ? success(undefined) : taken;
    const mine = taken.value;
    if (mine.item.worker !== worker) return success(progress("under-way", mine));

    const named = async (): Promise<Result<Erasure | undefined, StoreFailure>> => {
      const found = await this.#records.find(userId, signal);
      if (!found.ok) return found;
      return success(found.value?.item.worker === worker ? found.value : undefined);
    };
    const mayDelete = async (): Promise<Result<boolean, StoreFailure>> => {
      const found = await named();
      if (!found.ok || !found.value) return found.ok ? success(false) : found;
      const { workedAt } = found.value.item;
      if (this.#now() - Date.parse(workedAt) < idleMilliseconds / 3) return success(true);
      return this.#records.change(found.value, { workedAt: this.#at() }, signal);
    };
    for (;;) {
      const part = await this.#stored.deletePart(userId, mayDelete, signal);
      if (!part.ok) return part;
      if (part.value === 0 || part.value === "stopped") break;
    }
    const last = await named();
    if (!last.ok) return last;
    // Last, so that what was connected meanwhile ends too. Where another run has ended the erasure since,
    // a client that was connected after that needs another sign-in, and no more is lost.
    const ended = last.value
      ? await this.#stored.endConnections(userId, mine.item.erasure, signal)
      : success(0);
    if (!ended.ok) return ended;
    const removed = last.value ? await this.#records.remove(last.value, signal) : success(false);
    if (!removed.ok) return removed;
    if (!removed.value) {
      // Another run has taken over; or it was removed, and the answer to that was lost.
      const found = await this.#records.find(userId, signal);
      if (!found.ok) return found;
      if (found.value?.item.erasure === mine.item.erasure) {
        return success(progress("under-way", mine));
      }
    }
    this.#noteEnd(mine, log);
    return success(progress("finished", mine));
  }

  /** Puts a run's name on the record, together with what there is to delete; nothing without a record. */
  async #take(
    userId: string,
    worker: string,
    signal: AbortSignal,
  ): Promise<Result<Erasure | undefined, StoreFailure>> {
    const found = await this.#records.find(userId, signal);
    if (!found.ok || !found.value) return found;
    let { counts } = found.value.item;
    if (!counts) {
      const counted = await this.#stored.count(userId, signal);
      if (!counted.ok) return counted;
      const { since: _, ...amounts } = counted.value;
      counts = amounts;
    }
    const change = { worker, workedAt: this.#at(), counts };
    const changed = await this.#records.change(found.value, change, signal);
    if (!changed.ok) return changed;
    return this.#records.find(userId, signal);
  }

  #at(): string {
    return new Date(this.#now()).toISOString();
  }

  #isBusy({ item: { worker, workedAt } }: Erasure): boolean {
    return worker !== "" && this.#now() - Date.parse(workedAt) < idleMilliseconds;
  }

  /** Two runs may both note it, under one correlation id. */
  #noteEnd({ userId, item }: Erasure, log: Log): void {
    audit(log, {
      action: "erasure-ended",
      outcome: "success",
      objectId: userId,
      durationMilliseconds: Math.max(0, this.#now() - Date.parse(item.begunAt)),
      correlationId: item.erasure,
    });
  }
}

function progress(
  state: ErasureProgress["state"],
  { item: { begunAt, counts } }: Erasure,
): ErasureProgress {
  return { state, begunAt, ...(counts && { counts }) };
}

function noteFailure(log: Log, reason: StoreFailure): void {
  const cause = "cause" in reason ? reason.cause : undefined;
  log("error", "erasure.failed", { reason: reason.kind, ...(cause !== undefined && { cause }) });
}
