import { setImmediate } from "node:timers/promises";
import { failure, type Result, success } from "../../src/core/result.ts";
import type { StoreFailure } from "../../src/storage/failure.ts";
import {
  type BlobPage,
  type BlobPlace,
  blobName,
  type ListedBlob,
  type PutOptions,
  type UserBlob,
  type UserBlobs,
} from "../../src/storage/user-blobs.ts";

interface Kept extends UserBlob {
  readonly modifiedAt: number;
}

/** People's files in memory. Each call answers in a later turn, as a network would. */
export class MemoryUserBlobs implements UserBlobs {
  /** By the name in the container. */
  readonly kept = new Map<string, Kept>();
  /** The calls that were made, such as `put pending/…`. */
  readonly calls: string[] = [];
  /** Judges each call before it is carried out: a failure is given back in its place. */
  fail: (call: string) => StoreFailure | undefined = () => undefined;
  readonly #now: () => number;

  /** @param now milliseconds since the epoch */
  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  put(
    area: string,
    userId: string,
    path: string,
    bytes: Uint8Array,
    { mediaType, ifAbsent = false }: PutOptions,
  ): Promise<Result<"stored" | "exists", StoreFailure>> {
    const name = blobName({ area, userId, path });
    return this.#call("put", name, () => {
      if (ifAbsent && this.kept.has(name)) return "exists";
      this.kept.set(name, { bytes: Uint8Array.from(bytes), mediaType, modifiedAt: this.#now() });
      return "stored";
    });
  }

  get(
    area: string,
    userId: string,
    path: string,
  ): Promise<Result<UserBlob | undefined, StoreFailure>> {
    const name = blobName({ area, userId, path });
    return this.#call("get", name, () => this.kept.get(name));
  }

  delete(area: string, userId: string, path: string): Promise<Result<boolean, StoreFailure>> {
    const name = blobName({ area, userId, path });
    return this.#call("delete", name, () => this.kept.delete(name));
  }

  list(
    area: string,
    userId: string,
    prefix = "",
  ): Promise<Result<readonly ListedBlob[], StoreFailure>> {
    const owner = `${area}/${userId}/`;
    return this.#call("list", `${owner}${prefix}`, () =>
      [...this.kept]
        .filter(([name]) => name.startsWith(`${owner}${prefix}`))
        .map(([name, { bytes, mediaType, modifiedAt }]) => ({
          path: name.slice(owner.length),
          bytes: bytes.byteLength,
          mediaType,
          modifiedAt,
        }))
        .sort((one, other) => (one.path < other.path ? -1 : 1)),
    );
  }

  /** Pages of two: what goes on for pages is seen with little. */
  page(
    area: string,
    { owners = "", after = "" }: Parameters<UserBlobs["page"]>[1] = {},
  ): Promise<Result<BlobPage, StoreFailure>> {
    return this.#call("page", `${area}/${owners}`, () => {
      const names = [...this.kept.keys()]
        .filter((name) => name.startsWith(`${area}/${owners}`) && name > after)
        .sort();
      const files = names.slice(0, 2).map((name) => {
        const [, userId = "", ...path] = name.split("/");
        const { bytes, mediaType, modifiedAt } = this.kept.get(name) as Kept;
        return { userId, path: path.join("/"), bytes: bytes.byteLength, mediaType, modifiedAt };
      });
      return { files, ...(names.length > 2 && { next: names[1] as string }) };
    });
  }

  copy(from: BlobPlace, to: BlobPlace): Promise<Result<boolean, StoreFailure>> {
    const name = blobName(to);
    return this.#call("copy", name, () => {
      const found = this.kept.get(blobName(from));
      if (found) this.kept.set(name, { ...found, modifiedAt: this.#now() });
      return found !== undefined;
    });
  }

  async #call<Value>(
    method: string,
    name: string,
    carryOut: () => Value,
  ): Promise<Result<Value, StoreFailure>> {
    await setImmediate();
    const call = `${method} ${name}`;
    this.calls.push(call);
    const reason = this.fail(call);
    return reason ? failure(reason) : success(carryOut());
  }
}
