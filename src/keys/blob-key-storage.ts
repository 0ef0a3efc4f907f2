import { text } from "node:stream/consumers";
import { type BlockBlobClient, RestError } from "@azure/storage-blob";
import { thrown } from "../core/log.ts";
import { failure, type Result, success } from "../core/result.ts";
import type { KeyStorage, StorageFailure, StoredText } from "./key-storage.ts";

/** Where the key ring lies in the storage account. The container is made with the account. */
export const keyRingContainer = "key-ring";
export const keyRingBlob = "signing-keys.json";

/** Milliseconds, the SDK's retries included: everybody who needs a key waits for it. */
const timeout = 5_000;

/**
 * The key ring's document as a blob. Two instances never overwrite each other: each write is
 * conditional (RFC 9110 section 13.1).
 * Source: https://learn.microsoft.com/rest/api/storageservices/specifying-conditional-headers-for-blob-service-operations
 */
export class BlobKeyStorage implements KeyStorage {
  readonly #blob: BlockBlobClient;

  constructor(blob: BlockBlobClient) {
    this.#blob = blob;
  }

  async read(): Promise<Result<StoredText | undefined, StorageFailure>> {
    try {
      const abortSignal = AbortSignal.timeout(timeout);
      const { readableStreamBody, etag } = await this.#blob.download(0, undefined, { abortSignal });
      if (!readableStreamBody || !etag) {
        return failure({ kind: "unavailable", cause: "a blob without body or ETag" });
      }
      return success({ text: await text(readableStreamBody), etag });
    } catch (error) {
      return hasCode(error, "BlobNotFound") ? success(undefined) : unavailable(error);
    }
  }

  async create(content: string): Promise<Result<"created" | "exists", StorageFailure>> {
    try {
      await this.#upload(content, { ifNoneMatch: "*" });
      return success("created");
    } catch (error) {
      return hasCode(error, "BlobAlreadyExists") ? success("exists") : unavailable(error);
    }
  }

  async replace(
    content: string,
    etag: string,
  ): Promise<Result<"replaced" | "conflict", StorageFailure>> {
    try {
      await this.#upload(content, { ifMatch: etag });
      return success("replaced");
    } catch (error) {
      return hasCode(error, "ConditionNotMet") ? success("conflict") : unavailable(error);
    }
  }

  #upload(content: string, conditions: { ifMatch?: string; ifNoneMatch?: string }) {
    return this.#blob.upload(content, Buffer.byteLength(content), {
      abortSignal: AbortSignal.timeout(timeout),
      conditions,
      blobHTTPHeaders: { blobContentType: "application/jwk-set+json" },
    });
  }
}

function unavailable(error: unknown): Result<never, StorageFailure> {
  return failure({ kind: "unavailable", cause: thrown(error) });
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof RestError && error.code === code;
}
