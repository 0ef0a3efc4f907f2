import { isDeepStrictEqual } from "node:util";
import { startDeadline } from "../../core/deadline.ts";
import { failure, type Result, success } from "../../core/result.ts";
import type { GatewayStore, Records } from "../store/records.ts";
import type { GrantFailure } from "./grant-failure.ts";
import {
  expiryOf,
  type GrantRecord,
  type GrantReference,
  grantKey,
  grantKind,
} from "./grant-record.ts";
import { SeenGrants } from "./seen-grants.ts";

export interface StoredGrantsOptions {
  readonly store: GatewayStore;
  /** A grant that is not used for so long ends, in milliseconds. */
  readonly idleMilliseconds: number;
  /** Milliseconds by a clock that nobody sets: for durations alone. */
  readonly monotonicNow: () => number;
  /** Resolves after so many milliseconds. */
  readonly pause: (milliseconds: number) => Promise<void>;
}

/** What is to be done about a grant that was read. */
export interface Decision<Outcome> {
  /** What holds once the record is written, or at once where there is none to write. */
  readonly outcome: Outcome;
  readonly write?: GrantRecord | undefined;
}

/** Before each attempt but the first, in milliseconds. Others that write meanwhile are few: one client's own requests. */
const pauses = [0, 20, 60, 150, 400];

/** A call waits so long for the grant behind its token, in milliseconds: no gate before it has a time of its own. */
const callWaits = 5_000;

/** The records of grants, each decision on which is one conditional write. */
export class StoredGrants {
  readonly #options: StoredGrantsOptions;
  readonly #records: Records<GrantRecord>;
  readonly #seen: SeenGrants;

  constructor(options: StoredGrantsOptions) {
    this.#options = options;
    this.#records = options.store.records(grantKind);
    this.#seen = new SeenGrants(options.monotonicNow);
  }

  async create(grant: GrantRecord, signal?: AbortSignal): Promise<Result<void, GrantFailure>> {
    const expiresAt = expiryOf(grant, this.#options.idleMilliseconds);
    const created = await this.#records.create(grantKey(grant), grant, expiresAt, signal);
    if (!created.ok) return storeFailure(created.reason);
    return created.value === "created" ? success(undefined) : storeFailure({ kind: "busy" });
  }

  /**
   * Reads the grant and does what `judge` decides. Where another has written meanwhile, or what was read
   * lags behind, nothing is written: it is read and judged again, a few times. So `judge` may be called
   * several times, and only its last decision holds.
   *
   * @returns `busy` where that comes to no end
   */
  async decide<Outcome>(
    grant: GrantReference,
    judge: (stored: GrantRecord | undefined) => Promise<Result<Decision<Outcome>, GrantFailure>>,
    signal?: AbortSignal,
  ): Promise<Result<Outcome, GrantFailure>> {
    let last: Decision<Outcome> | undefined;
    for (const milliseconds of pauses) {
      if (milliseconds > 0) await this.#options.pause(milliseconds);
      const stored = await this.#records.read(grantKey(grant), signal);
      if (!stored.ok) return storeFailure(stored.reason);
      // The database's library may send a write again whose answer was lost: then the first has won.
      if (last?.write && isDeepStrictEqual(stored.value?.item, last.write)) {
        this.#seen.keep(last.write, this.#options.monotonicNow());
        return success(last.outcome);
      }
      const decided = await judge(stored.value?.item);
      if (!decided.ok) return decided;
      const { outcome, write } = decided.value;
      if (!stored.value || !write) return success(outcome);

      const expiresAt = expiryOf(write, this.#options.idleMilliseconds);
      const written = await this.#records.replace(stored.value, write, expiresAt, signal);
      if (!written.ok && written.reason.kind !== "busy") {
        // It may have taken place all the same.
        this.#seen.forget(grant);
        return storeFailure(written.reason);
      }
      if (written.ok && written.value) {
        this.#seen.keep(write, this.#options.monotonicNow());
        return success(outcome);
      }
      last = { outcome, write };
    }
    return storeFailure({ kind: "busy" });
  }

  /**
   * The grant as it was at most ten seconds ago, or since it has had that version; nothing where it is
   * gone.
   */
  async recent(
    grant: GrantReference,
    version: number,
  ): Promise<Result<GrantRecord | undefined, GrantFailure>> {
    const seen = this.#seen.find(grant);
    if (seen && seen.version >= version) return success(seen);
    const deadline = startDeadline(callWaits);
    try {
      return await this.#readSince(grant, version, deadline.signal);
    } finally {
      deadline.end();
    }
  }

  async #readSince(
    grant: GrantReference,
    version: number,
    signal: AbortSignal,
  ): Promise<Result<GrantRecord | undefined, GrantFailure>> {
    for (const milliseconds of pauses) {
      if (milliseconds > 0) await this.#options.pause(milliseconds);
      const readAt = this.#options.monotonicNow();
      const stored = await this.#records.read(grantKey(grant), signal);
      if (!stored.ok) return storeFailure(stored.reason);
      if (!stored.value) return success(undefined);
      const newest = this.#seen.keep(stored.value.item, readAt);
      if (newest.version >= version) return success(newest);
    }
    return storeFailure({ kind: "busy" });
  }

  /** All of a person's, those that have ended too. */
  async ofPerson(
    objectId: string,
    signal?: AbortSignal,
  ): Promise<Result<readonly GrantRecord[], GrantFailure>> {
    const listed = await this.#records.list(objectId, signal);
    return listed.ok ? success(listed.value.map(({ item }) => item)) : storeFailure(listed.reason);
  }

  /** As {@link StoredGrants.ofPerson}, each that any instance has made before among them. */
  async everyOfPerson(
    objectId: string,
    signal?: AbortSignal,
  ): Promise<Result<readonly GrantRecord[], GrantFailure>> {
    const listed = await this.#records.listCurrent(objectId, signal);
    return listed.ok ? success(listed.value.map(({ item }) => item)) : storeFailure(listed.reason);
  }
}

function storeFailure(reason: Extract<GrantFailure, { readonly kind: "store" }>["reason"]) {
  return failure({ kind: "store", reason } as const);
}
