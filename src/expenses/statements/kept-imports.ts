import { randomBytes } from "node:crypto";
import { z } from "zod";
import { parseJson } from "../../core/encoding.ts";
import { type Result, success } from "../../core/result.ts";
import type { StoreFailure } from "../../storage/failure.ts";
import type { UserBlobs } from "../../storage/user-blobs.ts";
import type { ImportRow } from "./import-rows.ts";

/** Where what has been checked lies until it is added; Blob Storage deletes it after a day. */
const importsArea = "imports";

/** How long what has been checked can be added. */
const keepMilliseconds = 60 * 60 * 1000;

/** Of one person. What is checked beyond it takes the place of the oldest: each may have some megabytes. */
export const mostKept = 10;

/** Random, and no secret: it names an import among those of one person. */
export const importId = z
  .string()
  .refine(
    (id) => /^[0-9a-f]{10}$/.test(id),
    "is no id of an import; use the one that the first step answered",
  );

const keptImport = z.object({
  /** Milliseconds since the epoch. */
  expiresAt: z.int(),
  rows: z.array(
    z.object({
      line: z.int(),
      expense: z.object({
        date: z.string(),
        minorUnits: z.int(),
        decimals: z.int(),
        currency: z.string(),
        category: z.string(),
        description: z.string(),
        paymentMethod: z.string(),
        isRefund: z.boolean(),
      }),
      key: z.string(),
      storedId: z.string().optional(),
      sameAsLine: z.int().optional(),
    }),
  ),
});

export type KeptImport = z.output<typeof keptImport>;

/** How far an import is. */
const keptProgress = z.object({
  /** How many of the rows have been passed, from the first on. */
  done: z.int(),
  /** Lines that the person did not want. */
  leftOut: z.array(z.int()),
});

export type KeptProgress = z.output<typeof keptProgress>;

const mediaType = "application/json";

function progressPath(id: string): string {
  return `${id}.progress.json`;
}

/** Checked statements of one person after another, each kept for an hour. */
export class KeptImports {
  readonly #blobs: UserBlobs;
  readonly #now: () => number;

  /** @param now milliseconds since the epoch */
  constructor(blobs: UserBlobs, now: () => number) {
    this.#blobs = blobs;
    this.#now = now;
  }

  async keep(
    userId: string,
    rows: readonly ImportRow[],
    signal: AbortSignal,
  ): Promise<Result<{ readonly id: string; readonly expiresAt: number }, StoreFailure>> {
    const id = randomBytes(5).toString("hex");
    const expiresAt = this.#now() + keepMilliseconds;
    const room = await this.#makeRoom(userId, signal);
    if (!room.ok) return room;
    const stored = await this.#put(userId, `${id}.json`, { expiresAt, rows }, signal);
    if (!stored.ok) return stored;
    const begun = await this.#put(userId, progressPath(id), { done: 0, leftOut: [] }, signal);
    return begun.ok ? success({ id, expiresAt }) : begun;
  }

  /** What was kept under this id and how far it is; nothing where there is none, or none any more. */
  async find(
    userId: string,
    id: string,
    signal: AbortSignal,
  ): Promise<Result<{ kept: KeptImport; progress: KeptProgress } | undefined, StoreFailure>> {
    const kept = await this.#get(userId, `${id}.json`, keptImport, signal);
    if (!kept.ok) return kept;
    if (!kept.value || kept.value.expiresAt <= this.#now()) return success(undefined);
    const progress = await this.progress(userId, id, signal);
    if (!progress.ok) return progress;
    return success(progress.value && { kept: kept.value, progress: progress.value });
  }

  /** How far an import is; nothing where it is no longer kept, since all of the person's was deleted. */
  progress(
    userId: string,
    id: string,
    signal: AbortSignal,
  ): Promise<Result<KeptProgress | undefined, StoreFailure>> {
    return this.#get(userId, progressPath(id), keptProgress, signal);
  }

  /** Adds to what is kept: a line that anybody wanted left out stays so, whoever else is at it. */
  async saveProgress(
    userId: string,
    id: string,
    { done, leftOut }: KeptProgress,
    signal: AbortSignal,
  ): Promise<Result<unknown, StoreFailure>> {
    const before = await this.progress(userId, id, signal);
    if (!before.ok || !before.value) return before;
    const together = {
      done: Math.max(before.value.done, done),
      leftOut: [...new Set([...before.value.leftOut, ...leftOut])],
    };
    return this.#put(userId, progressPath(id), together, signal);
  }

  /** Deletes the oldest, so that one more has room. */
  async #makeRoom(userId: string, signal: AbortSignal): Promise<Result<unknown, StoreFailure>> {
    const listed = await this.#blobs.list(importsArea, userId, "", { signal });
    if (!listed.ok) return listed;
    const paths = listed.value
      .toSorted((one, other) => other.modifiedAt - one.modifiedAt)
      .map(({ path }) => path);
    const isStatement = (path: string) => path.split(".").length === 2;
    for (const path of paths.filter(isStatement).slice(mostKept - 1)) {
      const [id = ""] = path.split(".");
      for (const file of [path, progressPath(id)]) {
        const deleted = await this.#blobs.delete(importsArea, userId, file, { signal });
        if (!deleted.ok) return deleted;
      }
    }
    return success(undefined);
  }

  #put(userId: string, path: string, content: unknown, signal: AbortSignal) {
    const bytes = Buffer.from(JSON.stringify(content));
    return this.#blobs.put(importsArea, userId, path, bytes, { mediaType, signal });
  }

  /** What another version of the server wrote, and this one does not know, is as if it had expired. */
  async #get<Content>(
    userId: string,
    path: string,
    schema: z.ZodType<Content>,
    signal: AbortSignal,
  ): Promise<Result<Content | undefined, StoreFailure>> {
    const blob = await this.#blobs.get(importsArea, userId, path, { signal });
    if (!blob.ok) return blob;
    if (!blob.value) return success(undefined);
    const parsed = schema.safeParse(parseJson(Buffer.from(blob.value.bytes).toString()));
    return success(parsed.success ? parsed.data : undefined);
  }
}
