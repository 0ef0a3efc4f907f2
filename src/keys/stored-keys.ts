import type { Log } from "../core/log.ts";
import { failure, type Result, success } from "../core/result.ts";
import type { KeyStorage, StorageFailure } from "./key-storage.ts";
import { maintainKeys } from "./rotation.ts";
import {
  createSigningKey,
  parseKeys,
  type RandomBytes,
  type SigningKey,
  type SigningKeys,
  serializeKeys,
} from "./signing-key.ts";

/** Why there is no key to work with. `cause` is for the log. */
export type KeyRingFailure =
  | StorageFailure
  /** What is stored is no key ring. It is left as it is, since its keys may yet be saved. */
  | { readonly kind: "damaged"; readonly cause: string };

export interface StoredKeysOptions {
  readonly storage: KeyStorage;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Milliseconds by a clock that nobody sets: for durations alone. */
  readonly monotonicNow: () => number;
  readonly randomBytes: RandomBytes;
  readonly log: Log;
}

const second = 1000;
/** Held keys are read again after so long, in milliseconds. */
export const refreshInterval = 600 * second;
/**
 * Where reading them again has failed, or would be for a key that is not known, it is done no more
 * often than this, in milliseconds.
 */
export const coolDown = 30 * second;
/** With nothing to work with, it is tried again sooner. */
const emptyHandedCoolDown = second;
/** Each lost race is another instance's success, after which there is nothing left to write. */
const attempts = 3;

/**
 * The keys of the ring as this instance knows them: loaded when first needed, made where nobody has,
 * rotated when due. While the storage is out of reach, or holds something else, the keys that are
 * held go on working. Whoever deletes the document ends all that was signed: a new ring is made.
 */
export class StoredKeys {
  readonly #options: StoredKeysOptions;
  #held: SigningKeys | undefined;
  #last: { readonly at: number; readonly outcome: Result<SigningKeys, KeyRingFailure> } | undefined;
  #loading: Promise<Result<SigningKeys, KeyRingFailure>> | undefined;

  constructor(options: StoredKeysOptions) {
    this.#options = options;
  }

  async all(): Promise<Result<SigningKeys, KeyRingFailure>> {
    const outcome = await this.#read(this.#last?.outcome.ok ? refreshInterval : this.#coolDown());
    return outcome.ok || !this.#held ? outcome : success(this.#held);
  }

  /** The keys whose id fits, perhaps one that another instance has made meanwhile. */
  async withId(fits: (id: string) => boolean): Promise<Result<SigningKey[], KeyRingFailure>> {
    const known = await this.all();
    if (!known.ok) return known;
    const found = known.value.filter(({ id }) => fits(id));
    if (found.length > 0) return success(found);

    const reread = await this.#read(coolDown);
    return reread.ok ? success(reread.value.filter(({ id }) => fits(id))) : reread;
  }

  #coolDown(): number {
    return this.#held ? coolDown : emptyHandedCoolDown;
  }

  /** What the last reading found, where it is younger than `maximumAge`; else reads, once for all. */
  #read(maximumAge: number): Promise<Result<SigningKeys, KeyRingFailure>> {
    const at = this.#options.monotonicNow();
    if (this.#last && at - this.#last.at < maximumAge) return Promise.resolve(this.#last.outcome);
    this.#loading ??= this.#reload(at);
    return this.#loading;
  }

  async #reload(at: number): Promise<Result<SigningKeys, KeyRingFailure>> {
    try {
      const outcome = await this.#load(this.#options.now());
      this.#last = { at, outcome };
      if (outcome.ok) this.#held = outcome.value;
      else
        this.#options.log("error", `keys.${outcome.reason.kind}`, { cause: outcome.reason.cause });
      return outcome;
    } finally {
      this.#loading = undefined;
    }
  }

  async #load(now: number): Promise<Result<SigningKeys, KeyRingFailure>> {
    const { storage } = this.#options;
    for (let attempt = 1; attempt <= attempts; attempt += 1) {
      const stored = await storage.read();
      if (!stored.ok) return stored;
      const settled = stored.value
        ? await this.#maintain(stored.value.text, stored.value.etag, now)
        : await this.#create(now);
      if (settled !== "lost the race") return settled;
    }
    return failure({ kind: "unavailable", cause: "the key ring changed again and again" });
  }

  async #create(now: number): Promise<Result<SigningKeys, KeyRingFailure> | "lost the race"> {
    const { storage, randomBytes, log } = this.#options;
    const keys: SigningKeys = [createSigningKey(now, randomBytes)];
    const created = await storage.create(serializeKeys(keys));
    if (!created.ok) return created;
    if (created.value === "exists") return "lost the race";
    log("info", "keys.created", { keyId: keys[0].id });
    return success(keys);
  }

  async #maintain(
    text: string,
    etag: string,
    now: number,
  ): Promise<Result<SigningKeys, KeyRingFailure> | "lost the race"> {
    const { storage, randomBytes, log } = this.#options;
    const parsed = parseKeys(text);
    if (!parsed.ok) return failure({ kind: "damaged", cause: parsed.reason });
    const keys = maintainKeys(parsed.value, now, randomBytes);
    if (keys === parsed.value) return parsed;

    const replaced = await storage.replace(serializeKeys(keys), etag);
    if (!replaced.ok) {
      // The keys are good; their rotation waits for the next reading.
      log("warn", "keys.not-rotated", { cause: replaced.reason.cause });
      return parsed;
    }
    if (replaced.value === "conflict") return "lost the race";
    log("info", "keys.rotated", { keyId: keys.at(-1)?.id, kept: keys.length });
    return success(keys);
  }
}
