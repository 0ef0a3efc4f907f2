import type { Result } from "../core/result.ts";
import type { StoreFailure } from "./failure.ts";

/** The blob container that holds people's files. It is made with the account, apart from the key ring. */
export const userDataContainer = "user-data";

/**
 * Days for which whoever runs the account can bring back what was deleted or replaced in Blob Storage
 * (soft delete), as `infra/modules/storage.bicep` sets it.
 */
export const restorableDays = 7;

/** A kind of files that a domain keeps, such as receipts: a folder of the container. */
export interface BlobArea {
  /**
   * Days after which Blob Storage deletes what lies there, by a lifecycle rule that runs about once a
   * day. Files are kept until they are deleted where it is absent.
   */
  readonly keepDays?: number;
}

/** Names a file of one person. */
export interface BlobPlace {
  /** One of the domain's areas. */
  readonly area: string;
  /** Object id of the person it belongs to, from a verified access token. */
  readonly userId: string;
  /** Letters, digits, `_`, `-` and `.`, in parts divided by `/`. Never text that a person wrote. */
  readonly path: string;
}

/** A file as it is stored. */
export interface UserBlob {
  readonly bytes: Uint8Array;
  /** Such as `image/png`. */
  readonly mediaType: string;
}

/** A file as a list shows it. */
export interface ListedBlob {
  /** Below area and person. */
  readonly path: string;
  /** Size in bytes. */
  readonly bytes: number;
  readonly mediaType: string;
  /** Milliseconds since the epoch. */
  readonly modifiedAt: number;
}

/** A file as a list of everybody's shows it. */
export interface OwnedBlob extends ListedBlob {
  readonly userId: string;
}

/** A part of a long list. */
export interface BlobPage {
  readonly files: readonly OwnedBlob[];
  /** Continues the list; absent on the last page. */
  readonly next?: string;
}

export interface BlobOptions {
  readonly signal?: AbortSignal | undefined;
}

export interface PutOptions extends BlobOptions {
  readonly mediaType: string;
  /** Writes nothing where there is a file already. */
  readonly ifAbsent?: boolean;
}

/**
 * People's files, each below the object id of the person it belongs to, which every call states:
 * `{area}/{userId}/{path}`, as {@link BlobPlace} has them. Nothing here throws but for a place that is
 * none. Every write and deletion may be repeated: after a failure it may have taken place all the same.
 */
export interface UserBlobs {
  /** Stores a file, in place of one that is there unless `ifAbsent`. */
  put(
    area: string,
    userId: string,
    path: string,
    bytes: Uint8Array,
    options: PutOptions,
  ): Promise<Result<"stored" | "exists", StoreFailure>>;

  /** The whole file, or nothing where there is none. */
  get(
    area: string,
    userId: string,
    path: string,
    options?: BlobOptions,
  ): Promise<Result<UserBlob | undefined, StoreFailure>>;

  /** Deletes a file, and tells whether it was there. */
  delete(
    area: string,
    userId: string,
    path: string,
    options?: BlobOptions,
  ): Promise<Result<boolean, StoreFailure>>;

  /**
   * One person's files in an area, in the order of their paths.
   *
   * @param prefix where given, only the paths that begin with it
   */
  list(
    area: string,
    userId: string,
    prefix?: string,
    options?: BlobOptions,
  ): Promise<Result<readonly ListedBlob[], StoreFailure>>;

  /**
   * Everybody's files in an area, by person and path: for upkeep alone, on nobody's behalf.
   *
   * @param options `owners`: only people whose object id begins with it; `after`: a page's `next`
   */
  page(
    area: string,
    options?: BlobOptions & { readonly owners?: string; readonly after?: string | undefined },
  ): Promise<Result<BlobPage, StoreFailure>>;

  /** Copies a file, and tells whether there was one to copy. */
  copy(
    from: BlobPlace,
    to: BlobPlace,
    options?: BlobOptions,
  ): Promise<Result<boolean, StoreFailure>>;
}

/**
 * The name of a file in the container.
 *
 * @throws {TypeError} where it would name another person's, or nothing
 */
export function blobName({ area, userId, path }: BlobPlace): string {
  for (const part of [area, userId, ...path.split("/")]) {
    if (!/^[\w-][\w.-]*$/.test(part)) throw new TypeError("This is no place for a file.");
  }
  return `${area}/${userId}/${path}`;
}
