import type { Log, LogFields, LogLevel } from "../core/log.ts";
import { failure, type Result, success } from "../core/result.ts";
import type { KeyStorage, StorageFailure } from "./key-storage.ts";

/** Why there is no key to work with. `cause` is for the log. */
export type KeyRingFailure =
  | StorageFailure
  /** What is stored is no document of such keys. It is left as it is, since its keys may yet be saved. */
  | { readonly kind: "damaged"; readonly cause: string };

export interface StoredKeysOptions {
  readonly storage: KeyStorage;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Milliseconds by a clock that nobody sets: for durations alone. */
  readonly monotonicNow: () => number;
  readonly log: Log;
}

/** A kind of keys that instances share in one document, and how it is written and kept up to date. */
export interface KeyDocument<Keys> {
  /** For the log. */
  readonly name: string;
  /** What a log line says of the youngest keys. No secret. */
  logged(keys: Keys): LogFields;
  /** Where nobody has made any. */
  create(now: number): Keys | Promise<Keys>;
  serialize(keys: Keys): string;
  /** The keys in such a document; a failure names the members at fault, and nothing that they hold. */
  parse(text: string): Result<Keys, string> | Promise<Result<Keys, string>>;
  /** The keys as they should be at `now`: the very same where nothing is to be done. */
  maintain(keys: Keys, now: number): Keys | Promise<Keys>;
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
 * The keys of a document as this instance knows them: loaded when first needed, made where nobody has,
 * rotated when due. While the storage is out of reach, or holds something else, the keys that are
 * held go on working. Whoever deletes the document ends all that was made with them: new ones are made.
 */
export class StoredKeys<Keys> {
  readonly #document: KeyDocument<Keys>;
  readonly #options: StoredKeysOptions;
  #held: { readonly keys: Keys } | undefined;
  #last: { readonly at: number; readonly outcome: Result<Keys, KeyRingFailure> } | undefined;
  #loading: Promise<Result<Keys, KeyRingFailure>> | undefined;

  constructor(document: KeyDocument<Keys>, options: StoredKeysOptions) {
    this.#document = document;
    this.#options = options;
  }

  async all(): Promise<Result<Keys, KeyRingFailure>> {
    const outcome = await this.#read(this.#last?.outcome.ok ? refreshInterval : this.#coolDown());
    return outcome.ok || !this.#held ? outcome : success(this.#held.keys);
  }

  /** Those of the keys that are wanted, perhaps one that another instance has made meanwhile. */
  async find<Key>(
    wanted: (keys: Keys) => readonly Key[],
  ): Promise<Result<readonly Key[], KeyRingFailure>> {
    const known = await this.all();
    if (!known.ok) return known;
    const found = wanted(known.value);
    if (found.length > 0) return success(found);

    const reread = await this.#read(coolDown);
    return reread.ok ? success(wanted(reread.value)) : reread;
  }

  #coolDown(): number {
    return this.#held ? coolDown : emptyHandedCoolDown;
  }

  /** What the last reading found, where it is younger than `maximumAge`; else reads, once for all. */
  #read(maximumAge: number): Promise<Result<Keys, KeyRingFailure>> {
    const at = this.#options.monotonicNow();
    if (this.#last && at - this.#last.at < maximumAge) return Promise.resolve(this.#last.outcome);
    this.#loading ??= this.#reload(at);
    return this.#loading;
  }

  async #reload(at: number): Promise<Result<Keys, KeyRingFailure>> {
    try {
      const outcome = await this.#load(this.#options.now());
      this.#last = { at, outcome };
      if (outcome.ok) this.#held = { keys: outcome.value };
      else this.#log("error", outcome.reason.kind, { cause: outcome.reason.cause });
      return outcome;
    } finally {
      this.#loading = undefined;
    }
  }

  async #load(now: number): Promise<Result<Keys, KeyRingFailure>> {
    const { storage } = this.#options;
    for (let attempt = 1; attempt <= attempts; attempt += 1) {
      const stored = await storage.read();
      if (!stored.ok) return stored;
      const settled = stored.value
        ? await this.#maintain(stored.value.text, stored.value.etag, now)
        : await this.#create(now);
      if (settled !== "lost the race") return settled;
    }
    return failure({ kind: "unavailable", cause: "the keys changed again and again" });
  }

  async #create(now: number): Promise<Result<Keys, KeyRingFailure> | "lost the race"> {
    const keys = await this.#document.create(now);
    const created = await this.#options.storage.create(this.#document.serialize(keys));
    if (!created.ok) return created;
    if (created.value === "exists") return "lost the race";
    this.#log("info", "created", this.#document.logged(keys));
    return success(keys);
  }

  async #maintain(
    text: string,
    etag: string,
    now: number,
  ): Promise<Result<Keys, KeyRingFailure> | "lost the race"> {
    const parsed = await this.#document.parse(text);
    if (!parsed.ok) return failure({ kind: "damaged", cause: parsed.reason });
    const keys = await this.#document.maintain(parsed.value, now);
    if (keys === parsed.value) return parsed;

    const replaced = await this.#options.storage.replace(this.#document.serialize(keys), etag);
    if (!replaced.ok) {
      // The keys are good; their rotation waits for the next reading.
      this.#log("warn", "not-rotated", { cause: replaced.reason.cause });
      return parsed;
    }
    if (replaced.value === "conflict") return "lost the race";
    this.#log("info", "rotated", this.#document.logged(keys));
    return success(keys);
  }

  #log(level: LogLevel, what: string, fields: LogFields): void {
    this.#options.log(level, `keys.${what}`, { document: this.#document.name, ...fields });
  }
}
