import { setImmediate } from "node:timers/promises";
import { failure, type Result, success } from "../../src/core/result.ts";
import type { KeyStorage, StorageFailure, StoredText } from "../../src/keys/key-storage.ts";

/** Key storage in memory that answers in a later turn, as a network would, and fails when told to. */
export class MemoryKeyStorage implements KeyStorage {
  stored: StoredText | undefined;
  readsOut = false;
  writesOut = false;
  readonly calls = { read: 0, create: 0, replace: 0 };
  #version = 0;

  async read(): Promise<Result<StoredText | undefined, StorageFailure>> {
    this.calls.read += 1;
    await setImmediate();
    return this.readsOut ? outage : success(this.stored);
  }

  async create(text: string): Promise<Result<"created" | "exists", StorageFailure>> {
    this.calls.create += 1;
    await setImmediate();
    if (this.writesOut) return outage;
    if (this.stored) return success("exists");
    this.put(text);
    return success("created");
  }

  async replace(
    text: string,
    etag: string,
  ): Promise<Result<"replaced" | "conflict", StorageFailure>> {
    this.calls.replace += 1;
    await setImmediate();
    if (this.writesOut) return outage;
    if (this.stored?.etag !== etag) return success("conflict");
    this.put(text);
    return success("replaced");
  }

  put(text: string): void {
    this.#version += 1;
    this.stored = { text, etag: `"${this.#version}"` };
  }

  /** The ids of the stored keys, in the order of the document. */
  keyIds(): string[] {
    const document = JSON.parse(this.stored?.text ?? '{"keys":[]}');
    return document.keys.map(({ kid }: { kid: string }) => kid);
  }
}

const outage = failure({ kind: "unavailable", cause: "outage" } as const);
