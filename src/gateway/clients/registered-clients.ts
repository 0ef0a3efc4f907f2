import { z } from "zod";
import { failure, type Result, success } from "../../core/result.ts";
import { Turns } from "../../core/turns.ts";
import type { StoreFailure } from "../../storage/failure.ts";
import type { GatewayStore, RecordKind, Records } from "../store/records.ts";

const registration = z.object({
  name: z.string(),
  redirectUris: z.array(z.string()),
  /** Milliseconds since the epoch. */
  registeredAt: z.number(),
  /** When somebody used it, to the day; absent where nobody has yet. */
  usedAt: z.number().optional(),
});

/** What is kept of a client that has registered itself. */
export type Registration = z.output<typeof registration>;

const registrations: RecordKind<Registration> = { name: "client", schema: registration };

/** All of them: there are few. */
const partition = "clients";

const day = 24 * 60 * 60 * 1000;
/** Milliseconds that a registration has until somebody signs in with it: anybody can make one. */
const unusedLifetime = day;
/** Milliseconds that it lives on from its last use, unless grants live longer unused. */
const disuseLifetime = 30 * day;

export interface RegisteredClientsOptions {
  readonly store: GatewayStore;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** A grant that is not used for so long ends, in milliseconds: its client outlives it. */
  readonly idleMilliseconds: number;
}

/** The clients that have registered themselves, as the store has them. */
export class RegisteredClients {
  readonly #records: Records<Registration>;
  readonly #now: () => number;
  readonly #lifetime: number;
  readonly #turns = new Turns();

  constructor({ store, now, idleMilliseconds }: RegisteredClientsOptions) {
    this.#records = store.records(registrations);
    this.#now = now;
    this.#lifetime = Math.max(disuseLifetime, idleMilliseconds);
  }

  /**
   * Keeps a new client, where there are fewer than `most`. An instance adds one after the other, so that
   * each counts those before it; several instances that count at once may go beyond by one each.
   */
  add(
    id: string,
    client: Pick<Registration, "name" | "redirectUris">,
    most: number,
    signal?: AbortSignal,
  ): Promise<Result<Registration, StoreFailure | { readonly kind: "no-room" }>> {
    return this.#turns.take(partition, async () => {
      const count = await this.#records.count(partition, signal);
      if (!count.ok) return count;
      if (count.value >= most) return failure({ kind: "no-room" });
      const registeredAt = this.#now();
      const item = { ...client, registeredAt };
      const expiresAt = registeredAt + unusedLifetime;
      const created = await this.#records.create({ partition, id }, item, expiresAt, signal);
      if (!created.ok) return created;
      return created.value === "created" ? success(item) : failure({ kind: "busy" });
    });
  }

  async find(
    id: string,
    signal?: AbortSignal,
  ): Promise<Result<Registration | undefined, StoreFailure>> {
    const found = await this.#records.read({ partition, id }, signal);
    return found.ok ? success(found.value?.item) : found;
  }

  /** The client is in use: it lives on, which is written down once a day. */
  async extend(id: string, signal?: AbortSignal): Promise<Result<void, StoreFailure>> {
    const found = await this.#records.read({ partition, id }, signal);
    if (!found.ok) return found;
    const now = this.#now();
    if (!found.value || now - (found.value.item.usedAt ?? 0) < day) return success(undefined);
    const item = { ...found.value.item, usedAt: now };
    // Where another instance was faster, it has written the same.
    const replaced = await this.#records.replace(found.value, item, now + this.#lifetime, signal);
    return replaced.ok ? success(undefined) : replaced;
  }
}
