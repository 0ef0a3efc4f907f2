import { z } from "zod";
import { sha256 } from "../../core/encoding.ts";
import { failure, type Result, success } from "../../core/result.ts";
import type { StoreFailure } from "../../storage/failure.ts";
import type { GatewayStore, RecordKey, RecordKind, Records } from "../store/records.ts";

/** A demand waits for its person so long, in milliseconds. A call that needs it afterwards meets it again. */
const demandKept = 24 * 60 * 60 * 1000;
/** One call's demand replaces another's; a third attempt is for three at once. */
const attempts = 3;

interface Demand {
  /** The JSON that a sign-in has to fulfil. */
  readonly claims: string;
}

const demandKind: RecordKind<Demand> = {
  name: "demand",
  schema: z.object({ claims: z.string() }),
};

/** What the next sign-in of a person with a client has to fulfil, after a claims challenge. */
export class Demands {
  readonly #records: Records<Demand>;
  readonly #now: () => number;

  constructor(store: GatewayStore, now: () => number) {
    this.#records = store.records(demandKind);
    this.#now = now;
  }

  /** By a query: there is hardly ever one, and a read would wait for it to be seen at every sign-in. */
  async find(
    objectId: string,
    clientId: string,
    signal?: AbortSignal,
  ): Promise<Result<string | undefined, StoreFailure>> {
    const { id } = keyOf(objectId, clientId);
    const all = await this.#records.list(objectId, signal);
    return all.ok ? success(all.value.find((demand) => demand.id === id)?.item.claims) : all;
  }

  /** The last demand counts: Entra names all that is missing. */
  async put(
    objectId: string,
    clientId: string,
    claims: string,
    signal?: AbortSignal,
  ): Promise<Result<void, StoreFailure>> {
    const key = keyOf(objectId, clientId);
    for (let attempt = 1; attempt <= attempts; attempt += 1) {
      const expiresAt = this.#now() + demandKept;
      const created = await this.#records.create(key, { claims }, expiresAt, signal);
      if (!created.ok) return created;
      if (created.value === "created") return success(undefined);
      const stored = await this.#records.read(key, signal);
      if (!stored.ok) return stored;
      if (!stored.value) continue;
      const replaced = await this.#records.replace(stored.value, { claims }, expiresAt, signal);
      if (!replaced.ok) return replaced;
      if (replaced.value) return success(undefined);
    }
    return failure({ kind: "busy" });
  }

  /** A sign-in has fulfilled these claims. A demand that has come meanwhile stays. */
  async settle(
    objectId: string,
    clientId: string,
    claims: string,
    signal?: AbortSignal,
  ): Promise<Result<void, StoreFailure>> {
    const stored = await this.#records.read(keyOf(objectId, clientId), signal);
    if (!stored.ok) return stored;
    if (stored.value?.item.claims !== claims) return success(undefined);
    const deleted = await this.#records.delete(stored.value, signal);
    return deleted.ok ? success(undefined) : deleted;
  }
}

function keyOf(objectId: string, clientId: string): RecordKey {
  return {
    partition: objectId,
    id: sha256(clientId),
  };
}
