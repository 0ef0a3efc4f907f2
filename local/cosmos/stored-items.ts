import { mkdir, readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { z } from "zod";
import { parseJson } from "../../src/core/encoding.ts";
import { codeOf } from "../../src/core/error-code.ts";
import { writeFileAtomically } from "../files.ts";

/** An item as the application stored it, without the properties that the service adds. */
export type StoredItem = z.output<typeof itemSchema>;

/** Items by database id and container id. */
export type StoredItems = z.output<typeof fileSchema>["databases"];

const itemSchema = z.looseObject({ id: z.string() });

const fileSchema = z.strictObject({
  version: z.literal(1),
  databases: z.record(z.string(), z.record(z.string(), z.array(itemSchema))),
});

/** The stored data cannot be used. Nothing has been changed; the message says what to do. */
export class StoredItemsError extends Error {
  override readonly name = "StoredItemsError";

  constructor(file: string, problem: string, cause?: unknown) {
    super(
      `Cosmos DB emulator: the stored data in ${file} cannot be read (${problem}). ` +
        "Restore the file from a copy, or start with --fresh to forget all stored data.",
      { cause },
    );
  }
}

/**
 * What {@link writeStoredItems} wrote; nothing where the file does not exist.
 *
 * @throws {StoredItemsError} when the file is damaged or cannot be read
 */
export async function readStoredItems(file: string): Promise<StoredItems> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (cause) {
    const code = codeOf(cause);
    if (code === "ENOENT") return {};
    throw new StoredItemsError(file, code, cause);
  }
  const content = parseJson(text);
  if (content === undefined) throw new StoredItemsError(file, "it is not valid JSON");
  const parsed = fileSchema.safeParse(content);
  if (!parsed.success) {
    throw new StoredItemsError(file, "it has an unknown form", parsed.error);
  }
  return parsed.data.databases;
}

/** @throws the file system's error; what was stored before is then untouched */
export async function writeStoredItems(file: string, databases: StoredItems): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  // People's own data: for nobody else's eyes, even on a shared machine.
  await writeFileAtomically(file, JSON.stringify({ version: 1, databases }), { mode: 0o600 });
}
