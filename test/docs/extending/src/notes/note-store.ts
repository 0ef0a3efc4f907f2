import { z } from "zod";
import { type Result, success } from "../../../../../src/core/result.ts";
import { type StoreFailure, storeToolFailures } from "../../../../../src/storage/failure.ts";
import { type OpenContainer, UserItems } from "../../../../../src/storage/user-items.ts";

const storedNote = z.object({
  id: z.string(),
  userId: z.string(),
  topic: z.string(),
  text: z.string(),
  writtenAt: z.string(),
});

export type Note = z.output<typeof storedNote>;

/** Keeps notes, each in the partition of the person it belongs to. */
export class NoteStore {
  readonly #items: UserItems<Note>;

  constructor(container: OpenContainer) {
    this.#items = new UserItems(container, storedNote);
  }

  /** The person's newest note about a topic. Request charge: one query in one partition. */
  async latest(
    userId: string,
    topic: string,
    signal: AbortSignal,
  ): Promise<Result<Note | undefined, StoreFailure>> {
    const query = {
      query:
        "SELECT TOP 1 * FROM c WHERE c.userId = @userId AND c.topic = @topic ORDER BY c.writtenAt DESC",
      parameters: [
        { name: "@userId", value: userId },
        { name: "@topic", value: topic },
      ],
    };
    const found = await this.#items.query(userId, query, { signal });
    return found.ok ? (found.value[0] ?? success(undefined)) : found;
  }
}

/** A failure of the store as a tool's, in words for the model. */
export const storeToolFailure = storeToolFailures({ all: "The notes", one: "note" });
