import type { BlobItem, BlockBlobClient, ContainerClient } from "@azure/storage-blob";
import { type Result, success } from "../core/result.ts";
import { callBlobStorage, hasBlobCode } from "./blob-failure.ts";
import type { StoreFailure } from "./failure.ts";
import {
  type BlobOptions,
  type BlobPage,
  type BlobPlace,
  blobName,
  type ListedBlob,
  type PutOptions,
  type UserBlob,
  type UserBlobs,
} from "./user-blobs.ts";

/** How many files Blob Storage names at once. */
const pageSize = 1000;

/** People's files in a container of Blob Storage, as block blobs. */
export class AzureUserBlobs implements UserBlobs {
  readonly #container: ContainerClient;

  constructor(container: ContainerClient) {
    this.#container = container;
  }

  put(
    area: string,
    userId: string,
    path: string,
    bytes: Uint8Array,
    { mediaType, ifAbsent = false, signal }: PutOptions,
  ): Promise<Result<"stored" | "exists", StoreFailure>> {
    const blob = this.#blob({ area, userId, path });
    return callBlobStorage(async () => {
      try {
        await blob.upload(bytes, bytes.byteLength, {
          abortSignal: signal,
          blobHTTPHeaders: { blobContentType: mediaType },
          ...(ifAbsent && { conditions: { ifNoneMatch: "*" } }),
        });
        return "stored" as const;
      } catch (error) {
        if (hasBlobCode(error, "BlobAlreadyExists")) return "exists" as const;
        throw error;
      }
    }, signal);
  }

  get(
    area: string,
    userId: string,
    path: string,
    { signal }: BlobOptions = {},
  ): Promise<Result<UserBlob | undefined, StoreFailure>> {
    const blob = this.#blob({ area, userId, path });
    return callBlobStorage(async () => {
      try {
        const { readableStreamBody, contentType } = await blob.download(0, undefined, {
          abortSignal: signal,
        });
        const chunks: Uint8Array[] = [];
        for await (const chunk of readableStreamBody ?? []) chunks.push(chunk as Uint8Array);
        const bytes = Buffer.concat(chunks);
        return { bytes, mediaType: contentType ?? "application/octet-stream" };
      } catch (error) {
        if (hasBlobCode(error, "BlobNotFound")) return undefined;
        throw error;
      }
    }, signal);
  }

  delete(
    area: string,
    userId: string,
    path: string,
    { signal }: BlobOptions = {},
  ): Promise<Result<boolean, StoreFailure>> {
    const blob = this.#blob({ area, userId, path });
    return callBlobStorage(async () => {
      try {
        await blob.delete({ abortSignal: signal });
        return true;
      } catch (error) {
        if (hasBlobCode(error, "BlobNotFound")) return false;
        throw error;
      }
    }, signal);
  }

  list(
    area: string,
    userId: string,
    prefix = "",
    { signal }: BlobOptions = {},
  ): Promise<Result<readonly ListedBlob[], StoreFailure>> {
    const owner = blobName({ area, userId, path: "-" }).slice(0, -1);
    return callBlobStorage(async () => {
      const listed: ListedBlob[] = [];
      const found = this.#container.listBlobsFlat({
        prefix: `${owner}${prefix}`,
        abortSignal: signal,
      });
      for await (const blob of found) {
        listed.push({ path: blob.name.slice(owner.length), ...facts(blob) });
      }
      return listed;
    }, signal);
  }

  page(
    area: string,
    { owners = "", after, signal }: Parameters<UserBlobs["page"]>[1] = {},
  ): Promise<Result<BlobPage, StoreFailure>> {
    const prefix = blobName({ area, userId: `${owners}-`, path: "-" }).slice(0, -"-/-".length);
    return callBlobStorage(async () => {
      const pages = this.#container
        .listBlobsFlat({ prefix, abortSignal: signal })
        .byPage({ maxPageSize: pageSize, ...(after && { continuationToken: after }) });
      const { value: page } = await pages.next();
      const blobs: BlobItem[] = page?.segment.blobItems ?? [];
      const files = blobs.flatMap((blob) => {
        const [, userId, path] = /^[^/]+\/([^/]+)\/(.+)$/.exec(blob.name) ?? [];
        return userId && path ? [{ userId, path, ...facts(blob) }] : [];
      });
      const next = page?.continuationToken;
      return { files, ...(next && { next }) };
    }, signal);
  }

  /**
   * By way of the server: a copy within Blob Storage wants the server's own token for the source in a
   * header, and the files are small.
   */
  async copy(
    from: BlobPlace,
    to: BlobPlace,
    { signal }: BlobOptions = {},
  ): Promise<Result<boolean, StoreFailure>> {
    const found = await this.get(from.area, from.userId, from.path, { signal });
    if (!found.ok) return found;
    if (!found.value) return success(false);
    const { bytes, mediaType } = found.value;
    const put = await this.put(to.area, to.userId, to.path, bytes, { mediaType, signal });
    return put.ok ? success(true) : put;
  }

  #blob(place: BlobPlace): BlockBlobClient {
    return this.#container.getBlockBlobClient(blobName(place));
  }
}

function facts({ properties }: BlobItem): Omit<ListedBlob, "path"> {
  return {
    bytes: properties.contentLength ?? 0,
    mediaType: properties.contentType ?? "application/octet-stream",
    modifiedAt: properties.lastModified.getTime(),
  };
}
