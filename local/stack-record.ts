import { access, constants, mkdir, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { codeOf } from "../src/core/error-code.ts";
import { writeFileAtomically } from "./files.ts";

const partNames = z.enum([
  "authority",
  "authorityHttps",
  "managedIdentity",
  "graph",
  "cosmos",
  "storage",
]);
const portsSchema = z.record(partNames, z.number());

/** The ports of a stack's parts; 0 for any free one. */
export type Ports = z.infer<typeof portsSchema>;

export const anyPorts: Ports = portsSchema.parse(
  Object.fromEntries(partNames.options.map((name) => [name, 0])),
);

const recordSchema = z.object({
  /** The process that runs the stack. */
  processId: z.number(),
  /** The process of the server; of the emulators alone, none. */
  serverProcessId: z.number().optional(),
  /** Milliseconds since the epoch. */
  startedAt: z.number(),
  /** The port of the server; of the emulators alone, the one that `func start` uses. */
  port: z.number(),
  issuer: z.string(),
  ports: portsSchema,
});

/** What one stack leaves on disk for the next start and for `npm run token`. */
export type StackRecord = z.infer<typeof recordSchema>;

const fileName = "stack.json";

/** The record that a stack left in its folder, or none where there is no readable one. */
export async function readRecord(folder: string): Promise<StackRecord | undefined> {
  try {
    return recordSchema.parse(JSON.parse(await readFile(join(folder, fileName), "utf8")));
  } catch {
    return undefined;
  }
}

export async function writeRecord(folder: string, record: StackRecord): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFileAtomically(join(folder, fileName), `${JSON.stringify(record, null, 2)}\n`);
}

/** The record of the stack that keeps its data in `folder`, if that is running. */
export async function runningStackIn(folder: string): Promise<StackRecord | undefined> {
  const record = await readRecord(folder);
  return record && isRunning(record.processId) ? record : undefined;
}

/** The records of the stacks that are running, the one started last first. */
export async function runningStacks(dataFolder: string): Promise<StackRecord[]> {
  const folders = await readdir(dataFolder).catch(() => []);
  const records = await Promise.all(folders.map((name) => runningStackIn(join(dataFolder, name))));
  return records
    .filter((record) => record !== undefined)
    .sort((one, other) => other.startedAt - one.startedAt);
}

/**
 * Makes the folder that a stack keeps its data in.
 *
 * @throws {Error} naming it, where nothing can be kept there
 */
export async function makeFolder(folder: string): Promise<void> {
  try {
    // The keys that the stack makes are for whoever started it.
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await access(folder, constants.W_OK);
  } catch (cause) {
    const problem = `Nothing can be kept in ${folder} (${codeOf(cause, String(cause))})`;
    throw new Error(`${problem}. Choose another folder with --data, or fix this one.`, { cause });
  }
}

/** Forgets all that a stack has stored. */
export async function forget(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
}

function isRunning(processId: number): boolean {
  try {
    process.kill(processId, 0);
    return true;
  } catch (error) {
    // Another person's process: it cannot be signalled, but it is there.
    return codeOf(error) === "EPERM";
  }
}
