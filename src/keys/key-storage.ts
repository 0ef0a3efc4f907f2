import type { Result } from "../core/result.ts";

/** The storage did not do as asked. `cause` is for the log. */
export interface StorageFailure {
  readonly kind: "unavailable";
  readonly cause: string;
}

export interface StoredText {
  readonly text: string;
  /** Names this version of the text. */
  readonly etag: string;
}

/** Holds the key ring's one document for all instances of the server. Nothing here throws. */
export interface KeyStorage {
  /** The document, or nothing where there is none yet. */
  read(): Promise<Result<StoredText | undefined, StorageFailure>>;
  /** Of several that create at once, exactly one does. */
  create(text: string): Promise<Result<"created" | "exists", StorageFailure>>;
  /** Replaces the version that `etag` names, and no other. */
  replace(text: string, etag: string): Promise<Result<"replaced" | "conflict", StorageFailure>>;
}
