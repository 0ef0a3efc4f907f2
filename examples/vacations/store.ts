import { z } from "zod";
import { failure, type Result, success } from "../../src/core/result.ts";
import { type StoreFailure, storeToolFailures } from "../../src/storage/failure.ts";
import { type OpenContainer, readableOf, UserItems } from "../../src/storage/user-items.ts";
import { isSame, type Vacation, vacation } from "./vacation.ts";

/** The first day is the id, so that one person has at most one vacation that begins on a day. */
const storedVacation = vacation.extend({ id: z.string(), userId: z.string() });

export interface ListedVacations {
  readonly items: readonly Vacation[];
  /** Ids of what is stored among them and cannot be read. */
  readonly unreadable: readonly string[];
}

/**
 * Keeps vacations, each in the partition of the person it belongs to: `userId` is their object id,
 * from a verified access token. What items have beside that, the tools' output schemas leave out.
 */
export class VacationStore {
  readonly #items: UserItems<z.output<typeof storedVacation>>;

  constructor(container: OpenContainer) {
    this.#items = new UserItems(container, storedVacation);
  }

  /**
   * Stores a vacation, unless one that begins on the same day is there, and gives back what is there
   * then. Request charge: a write; a refused write and a point read where one was there.
   */
  async add(
    userId: string,
    wanted: Vacation,
    signal: AbortSignal,
  ): Promise<Result<Vacation, StoreFailure>> {
    const item = { ...wanted, id: wanted.first_day, userId };
    const created = await this.#items.create(item, signal);
    if (!created.ok) return created;
    if (created.value === "created") return success(wanted);
    const stored = await this.find(userId, wanted.first_day, signal);
    if (!stored.ok) return stored;
    if (stored.value) return success(stored.value);
    return failure({ kind: "unavailable", cause: "an item that exists was not found" });
  }

  /** A person's vacations of one year, earliest first. Request charge: a query in one partition. */
  async list(
    userId: string,
    year: number,
    signal: AbortSignal,
  ): Promise<Result<ListedVacations, StoreFailure>> {
    const query = {
      query:
        "SELECT * FROM c WHERE c.userId = @userId AND c.first_day >= @from AND c.first_day <= @to ORDER BY c.first_day",
      parameters: [
        { name: "@userId", value: userId },
        { name: "@from", value: `${year}-01-01` },
        { name: "@to", value: `${year}-12-31` },
      ],
    };
    const found = await this.#items.query(userId, query, { signal });
    return found.ok ? success(readableOf(found.value)) : found;
  }

  /** Request charge: a point read. */
  async find(
    userId: string,
    firstDay: string,
    signal: AbortSignal,
  ): Promise<Result<Vacation | undefined, StoreFailure>> {
    const stored = await this.#items.find(userId, firstDay, signal);
    return stored.ok ? success(stored.value?.item) : stored;
  }

  /**
   * Deletes this vacation, and tells whether it was there: another one that begins on the same day
   * stays. Request charge: a point read and a delete.
   */
  async cancel(
    userId: string,
    meant: Vacation,
    signal: AbortSignal,
  ): Promise<Result<boolean, StoreFailure>> {
    const stored = await this.#items.find(userId, meant.first_day, signal);
    if (!stored.ok) return stored;
    if (!stored.value || !isSame(stored.value.item, meant)) return success(false);
    return this.#items.delete(stored.value, signal);
  }
}

/** A failure of the store as a tool's. */
export const storeToolFailure = storeToolFailures({
  all: "The vacations",
  one: "vacation",
});
